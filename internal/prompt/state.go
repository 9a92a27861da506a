package prompt

import (
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/claude-auth/claude-auth/internal/cache"
)

// State is the file that a shell reads before each prompt, so that no process has to be started: four lines.
//
//	UNTIL
//	KEY
//	FILE
//	SEGMENT
//
// The segment holds while the clock is before UNTIL, KEY is the shell's own, and FILE is there and not newer than the
// state file. That is why the state file gets the time of FILE as it was read, and not the time of writing: a change
// between reading and writing is newer then. An event in the ledger removes the state file, so that no shell has to
// look there too; where the process is killed in between, the segment is out of date for ten minutes at most.
type State struct {
	Until   int64 // epoch second; 0: ask before each prompt
	Key     string
	File    string    // absolute: the credentials file, or while there is none the nearest directory above it
	Segment string    // without colour
	Read    time.Time // the file's time
}

// NewState makes the state for a report. key is the shell's, opaque. changed is the time of change of the credentials
// file in nanoseconds since 1970 as it was when it was read, 0 when there was no such file at the time began. volatile
// says that something other than the credentials file, the ledger and the time can change the segment: a path that
// depends on the directory, a keychain.
func NewState(r Report, key string, changed int64, volatile bool, began, now time.Time) State {
	s := State{Key: key, File: r.File, Segment: Style{}.Segment(r.Tail(now)), Read: time.Unix(0, changed)}
	s.Until = r.Holds(now).Unix()
	if changed == 0 {
		s.Read = began.Add(-cache.Coarse)
		var plain bool
		if s.File, plain = above(r.File); !plain {
			s.Until = 0
		}
	}
	if volatile || hasControl(key) || hasControl(s.File) {
		s.Until = 0
	}
	return s
}

// above returns the nearest directory above the missing file, which changes when the file comes. plain is false where
// it need not: what is missing may be the target of a symbolic link.
func above(file string) (dir string, plain bool) {
	for dir = file; ; {
		if info, err := os.Lstat(dir); err == nil {
			return dir, dir != file && info.Mode()&fs.ModeSymlink == 0
		}
		up := filepath.Dir(dir)
		if up == dir {
			return dir, false
		}
		dir = up
	}
}

// Storable reports whether a state may be written for a shell. A credential in the environment empties the segment, and
// another shell need not have it: such a state is for a shell that says so in its key, behind whose last `|` there is a
// 1 for each.
func Storable(key string, shadowedByEnvironment bool) bool {
	ones := len(key)
	for ones > 0 && key[ones-1] == '1' {
		ones--
	}
	says := ones < len(key) && ones > 0 && key[ones-1] == '|'
	return says == shadowedByEnvironment
}

// Write replaces the state file name. ledger is the ledger's file and read its stamp from before the report was made:
// with an event that came since then the state is out of date already, and is taken back.
func (s State) Write(name, ledger string, read cache.Stamp) error {
	if err := cache.Replace(name, s.encode(), s.Read); err != nil {
		return err
	}
	if cache.StampOf(ledger) != read {
		return os.Remove(name)
	}
	return nil
}

func (s State) encode() []byte {
	b := append(strconv.AppendInt(nil, s.Until, 10), '\n')
	for _, line := range []string{s.Key, s.File, s.Segment} {
		if !hasControl(line) {
			b = append(b, line...)
		}
		b = append(b, '\n')
	}
	return b
}
