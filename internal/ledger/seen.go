package ledger

import (
	"fmt"
	"path/filepath"
	"time"

	"github.com/claude-auth/claude-auth/internal/cache"
)

// seen is the file that keeps the standing of the login in each credentials file ready, for as long as the ledger is
// the very file that it was worked out from.
type seen struct {
	Ledger  cache.Stamp
	Entries []seenEntry // the newest first
}

type seenEntry struct {
	File string
	Standing
}

const (
	seenHead = "claude-auth-seen 2" // a file that begins otherwise is of another version
	maxSeen  = 8                    // entries
)

func (l *Ledger) seenPath() string { return filepath.Join(filepath.Dir(l.path), "seen") }

// readSeen returns an empty seen when the file is missing or of another version.
func (l *Ledger) readSeen() seen {
	text, err := cache.Read(l.seenPath())
	if err != nil {
		return seen{}
	}
	s, _ := decodeSeen(text)
	return s
}

func (s seen) encode() []byte {
	var e cache.Encoder
	e.Text(seenHead)
	e.Stamp(s.Ledger)
	for _, entry := range s.Entries {
		e.Texts([]string{entry.File, entry.Login.Access, entry.Login.Refresh})
		e.Numbers(bit(entry.Rejected), bit(entry.BornExact), toMillis(entry.Born), entry.OldestDeath.Milliseconds())
	}
	return e.Bytes
}

func decodeSeen(text string) (seen, bool) {
	d := cache.Decoder{Rest: text}
	d.Check(d.Text() == seenHead)
	s := seen{Ledger: d.Stamp()}
	for d.More() {
		entry := seenEntry{}
		names := d.Texts()
		if d.Check(len(names) == 3); d.Bad {
			break
		}
		entry.File, entry.Login = names[0], LoginID{Access: names[1], Refresh: names[2]}
		entry.Rejected, entry.BornExact = d.Number() == 1, d.Number() == 1
		entry.Born, entry.OldestDeath = fromMillis(d.Number()), time.Duration(d.Number())*time.Millisecond
		s.Entries = append(s.Entries, entry)
	}
	if d.Bad {
		return seen{}, false
	}
	return s, true
}

func bit(set bool) int64 {
	if set {
		return 1
	}
	return 0
}

func toMillis(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

func fromMillis(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}

// standing answers from what the last observation left, when that is of this very login and the ledger is the same.
func (l *Ledger) standing(file string, id LoginID) (Standing, bool) {
	s := l.readSeen()
	if s.Ledger != cache.StampOf(l.path) {
		return Standing{}, false
	}
	for _, entry := range s.Entries {
		if entry.File == file && entry.Login == id {
			return entry.Standing, true
		}
	}
	return Standing{}, false
}

// remember leaves the standing for the next status. Those of other files are worked out again, since the ledger has
// changed.
func (w *writer) remember(r *Replay, file string, s Standing) error {
	l := w.ledger
	next := seen{Ledger: cache.StampOf(l.path), Entries: []seenEntry{{file, s}}}
	for _, old := range l.readSeen().Entries {
		if old.File != file && len(next.Entries) < maxSeen {
			next.Entries = append(next.Entries, seenEntry{old.File, r.Standing(old.File, old.Login)})
		}
	}
	if err := cache.Replace(l.seenPath(), next.encode(), time.Time{}); err != nil {
		return fmt.Errorf("write %s: %w", l.seenPath(), err)
	}
	return nil
}
