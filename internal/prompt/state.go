package prompt

import (
	"strconv"
	"time"
)

// stateFor is the longest time that a segment holds without being asked for again.
const stateFor = 600 * time.Second

// State is the file that a shell reads before each prompt, so that no process has to be started: four lines.
//
//	1 UNTIL PRESENT
//	KEY
//	CREDENTIALS
//	SEGMENT
//
// The segment holds while the clock is before UNTIL, KEY is the shell's own, CREDENTIALS exists as PRESENT says, and
// neither CREDENTIALS nor the ledger is newer than the file. That is why the file gets the time of the newer one of
// those two as they were read, and not the time of writing: a change between reading and writing is newer then.
type State struct {
	Until   int64 // epoch second; 0: ask before each prompt
	Present bool  // the credentials file was there
	Key     string
	File    string    // absolute
	Segment string    // without colour
	Read    time.Time // the file's time; see Times
}

// NewState makes the state for a report. key is the shell's, opaque. volatile says that something other than the
// credentials file, the ledger and the time can change the segment: a path that depends on the directory, a keychain.
func NewState(r Report, key string, present, volatile bool, read, now time.Time) State {
	s := State{Present: present, Key: key, File: r.File, Segment: Style{}.Segment(r.Tail(now)), Read: read}
	until := now.Add(stateFor)
	if next := r.Until(now); !next.IsZero() && next.Before(until) {
		until = next
	}
	s.Until = until.Unix()
	if hasControl(key) || hasControl(r.File) {
		s.Until = 0
	}
	if volatile {
		s.Until = 0
	}
	return s
}

// Storable reports whether a state may be written for a shell. A credential in the environment empties the segment, and
// another shell need not have it: such a state is for a shell that says so in its key, which ends in `|shadowed`.
func Storable(key string, shadowedByEnvironment bool) bool {
	const mark = "|shadowed"
	says := len(key) >= len(mark) && key[len(key)-len(mark):] == mark
	return says == shadowedByEnvironment
}

// Newer returns the time for State.Read: the newer one of the two files' times of change in nanoseconds since 1970, of which
// 0 says that there is no such file; began when there is neither.
func Newer(credentials, ledger int64, began time.Time) time.Time {
	if newer := max(credentials, ledger); newer > 0 {
		return time.Unix(0, newer)
	}
	return began
}

// Write replaces the state file at path.
func (s State) Write(path string) error { return replace(path, s.encode(), &s.Read) }

func (s State) encode() []byte {
	b := strconv.AppendInt([]byte("1 "), s.Until, 10)
	if s.Present {
		b = append(b, " 1\n"...)
	} else {
		b = append(b, " 0\n"...)
	}
	for _, line := range []string{s.Key, s.File, s.Segment} {
		if !hasControl(line) {
			b = append(b, line...)
		}
		b = append(b, '\n')
	}
	return b
}
