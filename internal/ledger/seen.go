package ledger

import (
	"path/filepath"
	"strconv"
	"time"

	"github.com/claude-auth/claude-auth/internal/atomicfile"
	"github.com/claude-auth/claude-auth/internal/cache"
)

// seen is a cache of the standing of the login in each credentials file. It holds as long as the ledger is unchanged.
type seen struct {
	Ledger  cache.Stamp
	Entries []seenEntry // newest first
}

type seenEntry struct {
	File string
	Standing
}

const (
	seenHead = "claude-auth-seen 3" // a file of another version begins otherwise
	maxSeen  = 8                    // entries
)

func (l *Ledger) seenPath() string { return filepath.Join(filepath.Dir(l.path), "seen") }

// readSeen returns an empty seen when the file is missing, damaged or of another version.
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
		e.Texts([]string{
			entry.File, entry.Login.Access, entry.Login.Refresh,
			strconv.FormatBool(entry.Rejected), strconv.FormatBool(entry.BornExact),
		})
		e.Numbers(entry.Born.UnixMilli(), entry.OldestDeath.Milliseconds())
	}
	return e.Bytes
}

func decodeSeen(text string) (seen, bool) {
	d := cache.Decoder{Rest: text}
	d.Check(d.Text() == seenHead)
	s := seen{Ledger: d.Stamp()}
	for d.More() {
		texts := d.Texts()
		if d.Check(len(texts) == 5); d.Bad {
			break
		}
		entry := seenEntry{File: texts[0]}
		entry.Login = LoginID{Access: texts[1], Refresh: texts[2]}
		entry.Rejected, entry.BornExact = texts[3] == "true", texts[4] == "true"
		entry.Born, entry.OldestDeath = time.UnixMilli(d.Number()).UTC(), time.Duration(d.Number())*time.Millisecond
		s.Entries = append(s.Entries, entry)
	}
	if d.Bad {
		return seen{}, false
	}
	return s, true
}

// cached returns the standing that the last observation has left, when it is about this login and the ledger has not
// changed since.
func (l *Ledger) cached(file string, id LoginID) (Standing, bool) {
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

// remember keeps the standing for the next status, and works out again those of the other files.
func (w *writer) remember(r *Replay, file string, s Standing) error {
	l := w.ledger
	next := seen{Ledger: cache.StampOf(l.path), Entries: []seenEntry{{file, s}}}
	for _, old := range l.readSeen().Entries {
		if old.File != file && len(next.Entries) < maxSeen {
			next.Entries = append(next.Entries, seenEntry{old.File, r.Standing(old.File, old.Login)})
		}
	}
	if err := cache.Replace(l.seenPath(), next.encode(), time.Time{}); err != nil {
		return atomicfile.Failed("cannot write "+l.seenPath(), err)
	}
	return nil
}
