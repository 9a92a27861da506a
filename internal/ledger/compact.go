package ledger

import (
	"bytes"
	"cmp"
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"github.com/claude-auth/claude-auth/internal/atomicfile"
)

// compactTo is the size in bytes that compaction aims at. Half of maxSize spreads its cost over many events.
const compactTo = maxSize / 2

// compact replaces the ledger by the part of it that is worth keeping. A kill leaves the old ledger or the new one.
func (w *writer) compact() error {
	text := compacted(w.text, compactTo)
	if err := atomicfile.Write(w.ledger.path, text, atomicfile.Options{}); err != nil {
		return atomicfile.Failed("cannot write "+w.ledger.path, err)
	}
	w.text = text
	return nil
}

// rank orders the lines of a ledger by their worth. Compaction removes the lowest first.
type rank int

const (
	superseded rank = iota // a later line says the same
	oldRenewal             // a renewal; the next one takes over its count
	renewal                // one of the last few renewals of its login
	note                   // about a login that is no longer stored
	oldLife                // the life of a login that has ended
	unknown                // written by another version of this program
	rest                   // about a stored login
	vital                  // the lives of the stored logins, and of the login that lived longest
	never                  // the newest rejection, which is never removed
)

// What compaction spares for as long as it can.
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
	order int // within its rank: the lowest goes first
	gone  bool

	guards int // how many guarded renewals it stands for
}

// compacted returns the lines of a ledger that are worth keeping, in their order, in about target bytes. It preserves
// the logins that are stored now, the oldest death and the newest rejection.
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
	var last entry // the one that was removed last
	for _, e := range order {
		limit := target
		if e.rank == vital {
			limit = maxSize
		}
		partial := e.life != nil && e.life == last.life && e.rank == last.rank // a life is removed as a whole
		if e.rank == never || size <= limit && !partial {
			break
		}
		e.gone = true
		size -= len(e.raw)
		last = *e
	}
	return join(entries)
}

// rankLines ranks each line that is an event.
func rankLines(text []byte) []entry {
	var entries []entry
	var events []Event
	for raw := range bytes.Lines(text) {
		if e, ok := decode(raw); ok {
			entries, events = append(entries, entry{raw: raw, order: len(entries)}), append(events, e)
		}
	}
	r := ranker{
		Replay: NewReplay(events), said: map[string]bool{}, renewals: map[*Life]int{}, over: map[*Life]bool{},
		vital: map[*Life]bool{},
	}
	r.longest, _ = r.oldestDead()
	for i := len(entries) - 1; i >= 0; i-- {
		e, life := &entries[i], r.of[i]
		e.event, e.life, e.guards, e.rank = &r.events[i], life, r.guards[i], r.rank(i)
		if life != nil && life.landmarks.has(i) {
			e.order = life.landmarks[begun]
		}
	}
	return entries
}

// ranker ranks the lines of a replay, the newest line first. Its fields describe the lines it has ranked.
type ranker struct {
	*Replay
	said     map[string]bool // what they say
	renewals map[*Life]int
	over     map[*Life]bool // a later line says how a renewal went on
	vital    map[*Life]bool // the newest life in each of the most recent files
	longest  *Life          // the life with the oldest death, or nil
	rejected bool           // one is a rejection
}

func (r *ranker) rank(i int) rank {
	e, life := &r.events[i], r.of[i]
	current := life != nil && r.newest[e.File] == life
	if current && len(r.vital) < recentFiles {
		r.vital[life] = true
	}
	if e.Kind == Renewed {
		r.renewals[life]++
	}
	says := e.says()
	repeated := r.said[says] || e.Kind == RenewalBegun && r.over[life]
	r.said[says] = true
	switch e.Kind {
	case Renewed, Rejected, RenewalBegun, RenewalFailed, RenewalCut:
		r.over[life] = true
	}
	switch {
	case e.Kind == Rejected && !r.rejected:
		r.rejected = true
		return never
	case life == nil || !life.landmarks.has(i):
		return r.rankOther(e, life, current, repeated)
	case r.vital[life] || life == r.longest:
		return vital
	case current:
		return rest
	}
	return oldLife
}

// rankOther ranks a line without which its life would be the same.
func (r *ranker) rankOther(e *Event, life *Life, current, repeated bool) rank {
	switch e.Kind {
	case Renewed:
		if r.renewals[life] > 1+recentRenewals {
			return oldRenewal
		}
		return renewal
	case Rejected, Accepted, Declined, Silenced, AskAgain, Attempted, LoginFailed, Notified,
		RenewalBegun, RenewalFailed, RenewalCut, RenewerFailed, TokenSeen:
		switch {
		case repeated:
			return superseded
		case e.Kind == RenewerFailed, e.Kind == TokenSeen:
			return rest // whichever login is stored
		case current && life.Login == e.Login:
			return rest
		}
		return note
	case Observed, SignedIn, Restored, Removed, Blanked, Wiped:
		if life == nil && r.newest[e.File] == nil && !repeated {
			return rest // it says that a file held no login
		}
		return superseded
	}
	return unknown
}

// says returns a key of what a line says. Of two lines with the same key the later one counts.
func (e *Event) says() string {
	about := []string{string(e.Kind), e.File, e.Login.Access, e.Login.Refresh, e.Detail[detailWhat]}
	if e.Kind == RenewerFailed {
		about = []string{string(e.Kind), e.Detail[detailClient]}
	}
	return strings.Join(about, "\x00")
}

// uncounted are removed lines of a life, which its next renewal has to count.
type uncounted struct {
	renewals int
	guarded  int
	begun    bool // the beginning of a guarded renewal
}

// join puts the kept lines together. A removed renewal is counted by the next one of its life that stays. When the
// beginning of a guarded renewal is removed, the renewal itself says that it was guarded.
func join(entries []entry) []byte {
	var out []byte
	removed := map[*Life]uncounted{}
	for _, e := range entries {
		raw, before := e.raw, removed[e.life]
		switch {
		case e.gone && e.event.Kind == RenewalBegun:
			before.begun = true
			removed[e.life] = before
		case e.gone && e.event.Kind == Renewed:
			removed[e.life] = uncounted{before.renewals + e.event.stands(), before.guarded + e.guards, false}
		case e.event.Kind == Renewed:
			delete(removed, e.life)
			raw = before.addTo(e)
		}
		if !e.gone {
			out = append(append(out, bytes.TrimSuffix(raw, []byte("\n"))...), '\n')
		}
	}
	return out
}

// addTo returns the line of the renewal e, which counts what was removed before it.
func (u uncounted) addTo(e entry) []byte {
	counts := map[string]int{}
	if u.renewals > 0 {
		counts[detailMerged] = u.renewals + e.event.stands()
	}
	if guarded := u.guarded + e.guards; guarded > 0 && (u.renewals > 0 || u.begun) {
		counts[detailGuarded] = guarded
	}
	if len(counts) == 0 {
		return e.raw
	}
	return withCounts(e.raw, counts)
}

// withCounts notes counts in the detail of a line. Members that this version does not know stay.
func withCounts(raw []byte, counts map[string]int) []byte {
	var members, detail map[string]json.RawMessage
	if json.Unmarshal(raw, &members) != nil {
		return raw // cannot happen, the line was decoded before
	}
	if json.Unmarshal(members["detail"], &detail) != nil || detail == nil {
		detail = map[string]json.RawMessage{}
	}
	for name, count := range counts {
		detail[name] = json.RawMessage(strconv.Quote(strconv.Itoa(count)))
	}
	members["detail"], _ = json.Marshal(detail) // what was JSON can be written as JSON
	text, _ := json.Marshal(members)
	return text
}
