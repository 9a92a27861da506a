package prompt

import (
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/claude-auth/claude-auth/internal/cache"
)

// State is the file that a shell reads before each prompt, so that it need not start a process. It has four lines:
//
//	UNTIL
//	KEY
//	FILE
//	SEGMENT
//
// The segment is valid before UNTIL, while KEY is the shell's own, and while FILE exists and is not newer than the
// state file. The state file gets the time that FILE had when it was read, not the time of writing: so a change between
// reading and writing is newer. An event in the ledger removes the state file, so the shell need not look at the
// ledger. When the process is killed in between, the segment is out of date for at most a minute.
type State struct {
	Until   int64 // epoch second; 0: ask before each prompt
	Key     string
	File    string    // absolute: the credentials file, or while it is missing the nearest directory above it
	Segment string    // without colour
	Read    time.Time // the file's time
}

// lookAgain is how long a state holds: nothing tells a shell of a client that failed outside the hook, or of the key of
// a Console sign-in, which is in another file.
const lookAgain = time.Minute

// NewState makes the state for a report. key comes from the shell. changed is the change time of the credentials file
// when it was read, in nanoseconds since 1970, or 0 when the file was missing at the time began. volatile says that the
// segment depends on more than the credentials file, the ledger and the time: on the working
// directory.
func NewState(r Report, key string, changed int64, volatile bool, began, now time.Time) State {
	s := State{Key: key, File: r.File, Segment: Style{}.Segment(r.Tail(now)), Read: time.Unix(0, changed)}
	s.Until = min(r.Holds(now).Unix(), now.Add(lookAgain).Unix())
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
	s.Read = settled(s.Read, now)
	return s
}

// settled returns the state file's time for something that was last changed, or looked at, at the time read. bash
// before 5 compares whole seconds. In the second in which something has changed, it may change once more, and would be
// no newer; so until that second is over, the state file is older than it, and each prompt asks.
func settled(read, now time.Time) time.Time {
	if read.Unix() != now.Unix() {
		return read
	}
	return read.Truncate(time.Second).Add(-1)
}

// keychainHolds is how long a state of a keychain holds. A locked keychain may ask the person for a password each time
// that it is read, so it is read seldom.
const keychainHolds = 10 * time.Minute

// NewKeychainState is NewState for a login in a keychain, which no shell can look at. The client takes a lock in the
// directory dir for each write, and so changes the directory.
func NewKeychainState(r Report, key, dir string, volatile bool, began, now time.Time) State {
	s := NewState(r, key, 1, volatile, began, now)
	s.File, s.Read = dir, settled(began.Add(-cache.Coarse), now)
	if s.Until != 0 && !hasControl(dir) {
		s.Until = min(r.Holds(now).Unix(), now.Add(keychainHolds).Unix())
	}
	return s
}

// above returns the nearest directory above the missing file. plain says that this directory changes when the file
// appears. It need not where the missing file is the target of a symbolic link.
func above(file string) (dir string, plain bool) {
	for dir = file; ; dir = filepath.Dir(dir) {
		if info, err := os.Lstat(dir); err == nil {
			return dir, dir != file && info.Mode()&fs.ModeSymlink == 0
		}
		if dir == filepath.Dir(dir) {
			return dir, false
		}
	}
}

// Storable reports whether a state may be written for a shell. A credential in the environment empties the segment, but
// other shells need not have that credential. So the key of a shell that has some ends with a `|` and a 1 for each, and
// such a state is written only for such a key.
func Storable(key string, overriddenByEnvironment bool) bool {
	rest := strings.TrimRight(key, "1")
	shadowed := rest != key && strings.HasSuffix(rest, "|")
	return shadowed == overriddenByEnvironment
}

// Write replaces the state file name. ledger is the ledger's file, and read its stamp before the report was made. When
// the ledger has changed since, the state is out of date, and Write removes it.
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
