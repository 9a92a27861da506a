package ledger

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/claude-auth/claude-auth/internal/atomicfile"
)

// compactTo is the size in bytes that compaction aims at: half of what it begins at, so that its cost is spread over
// many events.
const compactTo = maxSize / 2

// compact replaces the ledger by what is worth keeping of it. A kill leaves the old one or the new one.
func (w *writer) compact() error {
	text := compacted(w.text, compactTo)
	if err := atomicfile.Write(w.ledger.path, text, atomicfile.Options{}); err != nil {
		return fmt.Errorf("compact the ledger: %w", err)
	}
	file, err := os.OpenFile(w.ledger.path, os.O_RDWR|os.O_APPEND|unix.O_NOFOLLOW, 0)
	if err != nil {
		return fmt.Errorf("open the compacted ledger: %w", err)
	}
	_ = w.file.Close() // it is the old file now
	w.file, w.text = file, text
	return nil
}

// rank is how soon a line may go; the lowest go first.
type rank int

const (
	superseded rank = iota // says nothing that a later line does not say
	oldRenewal             // the count of it is kept by the next one
	renewal                // the same, but one of the last few of its login
	note                   // about a login that is no longer stored
	oldLife                // the life of a login that has ended
	unknown                // written by another version of this program
	rest                   //
	vital                  // the lives of the stored logins, and the oldest death
	never                  // the newest rejection
)

// The numbers of things that compaction spares for as long as it can.
const (
	recentRenewals = 8  // of one login
	recentFiles    = 64 // credentials files whose newest login is vital
)

// entry is a line of the ledger, with what decides whether it stays.
type entry struct {
	raw   []byte
	event *Event
	life  *Life
	rank  rank
	order int // among those of one rank: the oldest goes first
	gone  bool
}

// compacted returns the lines of a ledger that are worth keeping, in their order, in about target bytes. The logins
// that are stored now, the oldest death and the newest rejection are the same afterwards.
func compacted(text []byte, target int) []byte {
	entries := rankLines(text)
	size := 0
	order := make([]*entry, len(entries))
	for i := range entries {
		size += len(entries[i].raw)
		order[i] = &entries[i]
	}
	slices.SortStableFunc(order, func(a, b *entry) int {
		return cmp.Or(cmp.Compare(a.rank, b.rank), cmp.Compare(a.order, b.order))
	})
	for i, e := range order {
		half := false // of a life some lines have gone: it goes as a whole
		if i > 0 {
			before := order[i-1]
			half = before.gone && e.life != nil && before.life == e.life && before.rank == e.rank
		}
		limit := target
		if e.rank == vital {
			limit = maxSize
		}
		if e.rank == never || size <= limit && !half {
			break
		}
		e.gone = true
		size -= len(e.raw)
	}
	return join(entries)
}

// rankLines ranks each line that is an event.
func rankLines(text []byte) []entry {
	var entries []entry
	var events []Event
	for raw := range bytes.Lines(text) {
		if e, ok := decode(raw); ok {
			entries, events = append(entries, entry{raw: raw}), append(events, e)
		}
	}
	r := newRanking(NewReplay(events))
	for i := range entries {
		life := r.of[i]
		entries[i].event, entries[i].life, entries[i].order = &r.events[i], life, i
		entries[i].rank = r.rank(i)
		if life != nil && life.landmarks.has(i) {
			entries[i].order = life.landmarks[begun]
		}
	}
	return entries
}

// ranking knows of each line what the lines after it make of it.
type ranking struct {
	*Replay
	latest    map[string]int // the last line that says this, by what it says
	vital     map[*Life]bool
	rejection int   // the newest one
	later     []int // of a renewal: how many of the same life come after it
}

func newRanking(replay *Replay) *ranking {
	r := &ranking{
		Replay: replay, latest: map[string]int{}, vital: map[*Life]bool{}, rejection: -1,
		later: make([]int, len(replay.events)),
	}
	renewals := map[*Life]int{}
	for i := len(r.events) - 1; i >= 0; i-- {
		e, life := &r.events[i], r.of[i]
		if says := e.says(); r.latest[says] == 0 {
			r.latest[says] = i
		}
		if e.Kind == Rejected && r.rejection < 0 {
			r.rejection = i
		}
		if e.Kind == Renewed {
			r.later[i] = renewals[life]
			renewals[life]++
		}
		if life != nil && r.newest[life.File] == life && len(r.vital) < recentFiles {
			r.vital[life] = true
		}
	}
	if life := r.oldestDead(); life != nil {
		r.vital[life] = true
	}
	return r
}

// says names what a line says, so that of two that say the same the later one counts.
func (e *Event) says() string {
	return strings.Join([]string{string(e.Kind), e.File, e.Login.Access, e.Login.Refresh, e.Detail[detailWhat]}, "\x00")
}

func (r *ranking) rank(i int) rank {
	e, life := &r.events[i], r.of[i]
	switch {
	case i == r.rejection:
		return never
	case !e.Kind.known():
		return unknown
	case life != nil && life.landmarks.has(i):
		return r.lifeRank(life)
	}
	switch e.Kind {
	case Renewed:
		if r.later[i] > recentRenewals {
			return oldRenewal
		}
		return renewal
	case Rejected, Accepted, Declined, Attempted, LoginFailed, Notified:
		if r.latest[e.says()] != i {
			return superseded
		}
		if life != nil && r.newest[e.File] == life && life.Login == e.Login {
			return rest
		}
		return note
	}
	if life == nil && r.newest[e.File] == nil && r.latest[e.says()] == i {
		return rest // that a place was seen empty
	}
	return superseded
}

func (r *ranking) lifeRank(life *Life) rank {
	switch {
	case r.vital[life]:
		return vital
	case r.newest[life.File] == life:
		return rest
	}
	return oldLife
}

func (k Kind) known() bool { return slices.Contains(kinds, k) }

// join puts the kept lines together. A renewal that has gone is counted by the next one of its life.
func join(entries []entry) []byte {
	var out []byte
	counts := map[*Life]int{}
	for i := range entries {
		e := &entries[i]
		raw := e.raw
		if e.event.Kind == Renewed {
			if e.gone {
				counts[e.life] += e.event.stands()
			} else if counts[e.life] > 0 {
				raw = withMerged(raw, counts[e.life]+e.event.stands())
				counts[e.life] = 0
			}
		}
		if e.gone {
			continue
		}
		if out = append(out, raw...); raw[len(raw)-1] != '\n' {
			out = append(out, '\n')
		}
	}
	return out
}

// withMerged notes in the line of a renewal how many it stands for. Members that this version does not know stay.
func withMerged(raw []byte, count int) []byte {
	var members map[string]json.RawMessage
	var detail map[string]json.RawMessage
	if json.Unmarshal(raw, &members) != nil {
		return raw // it was decoded before, so this does not happen; the line is worth more than the count
	}
	if json.Unmarshal(members["detail"], &detail) != nil || detail == nil {
		detail = map[string]json.RawMessage{}
	}
	detail[detailMerged] = json.RawMessage(strconv.Quote(strconv.Itoa(count)))
	var err error
	if members["detail"], err = json.Marshal(detail); err != nil {
		return raw
	}
	text, err := json.Marshal(members)
	if err != nil {
		return raw
	}
	return append(text, '\n')
}
