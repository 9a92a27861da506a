package runner

import (
	"errors"
	"fmt"
	"sync"

	"golang.org/x/sys/unix"
)

// Stdin is our standard input as the child sees it, once or, for a repeat, twice.
//
// A terminal, a device and the null device are handed over as they are; there is nothing to repeat. A regular file is handed over too, and a
// repeat starts from where it stood: the offset is shared with whoever started us, so a shell's `while read` loop goes on where
// the client stopped reading. Only a pipe or a socket is carried and kept, and there nothing is taken that the
// child has not read (see feed).
type Stdin struct {
	fd     int
	kind   stdinKind
	offset int64 // of a regular file, at the start

	mu      sync.Mutex
	keeping bool
	runs    int // times attached
	kept    *keep
	ended   bool // the live input has been read to its end, all of it kept
	broken  bool // what could have been repeated is lost
}

type stdinKind int

const (
	stdinInherit stdinKind = iota // terminal, device, directory: nothing to keep
	stdinFile                     // seekable: the repeat seeks
	stdinStream                   // pipe or socket: the repeat needs what was kept
)

// NewStdin looks at descriptor 0. tempDir is where input beyond 1 MiB is kept, in a file without a name; "" is the system's.
func NewStdin(tempDir string) *Stdin { return newStdin(0, tempDir) }

func newStdin(fd int, tempDir string) *Stdin {
	s := &Stdin{fd: fd, keeping: true, kept: &keep{dir: tempDir}}
	var st unix.Stat_t
	if unix.Fstat(fd, &st) != nil {
		return s
	}
	switch st.Mode & unix.S_IFMT {
	case unix.S_IFREG, unix.S_IFBLK:
		if off, err := unix.Seek(fd, 0, 1); err == nil {
			s.kind, s.offset = stdinFile, off
		}
	case unix.S_IFIFO, unix.S_IFSOCK:
		s.kind = stdinStream
	}
	return s
}

// StopKeeping says that the command will not be repeated: what was kept is dropped, and nothing more is. It may be called at any time and
// from any goroutine.
func (s *Stdin) StopKeeping() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.keeping {
		return
	}
	s.keeping = false
	if s.kind == stdinStream {
		s.kept.drop()
	}
}

// CanReplay reports whether the next Run can give the child the whole of the input again.
func (s *Stdin) CanReplay() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.keeping && !s.broken
}

// Close frees what was kept.
func (s *Stdin) Close() { s.StopKeeping() }

// attached is one run's hold on the input.
type attached struct {
	fd   int // what the child gets
	own  bool
	feed *feed // nil when the child reads the input itself
}

// attach prepares the input for the next run. The second run starts from the beginning and ends the keeping.
func (s *Stdin) attach() (attached, error) {
	if s == nil {
		return attached{fd: 0}, nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.runs++
	switch {
	case s.runs > 1 && (!s.keeping || s.broken):
		return attached{}, errors.New("repeat the command: its standard input was not kept")
	case s.kind == stdinFile:
		if s.runs > 1 {
			if _, err := unix.Seek(s.fd, s.offset, 0); err != nil {
				return attached{}, fmt.Errorf("repeat the command: go back to the start of standard input: %w", err)
			}
		}
		return attached{fd: s.fd}, nil
	case s.kind == stdinInherit, s.runs == 1 && !s.keeping:
		return attached{fd: s.fd}, nil
	}
	r, w, err := pipe()
	if err != nil {
		return attached{}, err
	}
	var before *keep
	if s.runs > 1 {
		// The feed's from here on: StopKeeping must not take it away.
		before, s.kept, s.keeping = s.kept, &keep{}, false
	}
	f, err := newFeed(s, w, before)
	if err != nil {
		closeAll(r, w)
		return attached{}, err
	}
	return attached{fd: r, own: true, feed: f}, nil
}

// started closes our copy of the child's end and lets the input flow.
func (a *attached) started() {
	if a.own {
		closeAll(a.fd)
	}
	if a.feed != nil {
		go a.feed.run() // ends with the input, or at stop
	}
}

// stop ends the flow: the child has ended.
func (a *attached) stop() {
	if a.feed != nil {
		a.feed.stop()
	}
}
