package runner

import (
	"errors"
	"fmt"
	"sync"

	"golang.org/x/sys/unix"

	"github.com/claude-auth/claude-auth/internal/fdio"
)

// Stdin is our standard input as the child sees it, once or, for a repeat, twice.
//
// A terminal, a device and the null device are handed over as they are; there is nothing to repeat. A regular file is
// handed over too, and a repeat starts from where it stood: the offset is shared with the process that started us, so a
// shell's `while read` loop goes on where the client stopped reading. Only a pipe or a socket is relayed and kept, and
// there nothing is consumed that the child has not read (see stdinRelay).
type Stdin struct {
	fd     int
	kind   stdinKind
	offset int64 // of a regular file, at the start

	mu      sync.Mutex
	keeping bool
	runs    int // times attached
	kept    *spool
	ended   bool // the live input has been read to its end, all of it kept
	broken  bool // what could have been repeated is lost
}

type stdinKind int

const (
	stdinInherit stdinKind = iota // terminal, device, directory: nothing to keep
	stdinFile                     // seekable: the repeat seeks
	stdinStream                   // pipe or socket: the repeat needs what was kept
)

// NewStdin looks at descriptor 0.
func NewStdin() *Stdin { return newStdin(0, "") }

// newStdin keeps input beyond 1 MiB in a file without a name in tempDir; "" is the system's.
func newStdin(fd int, tempDir string) *Stdin {
	s := &Stdin{fd: fd, keeping: true, kept: &spool{dir: tempDir}}
	switch kindOf(fd) {
	case unix.S_IFREG, unix.S_IFBLK:
		if off, err := unix.Seek(fd, 0, 1); err == nil {
			s.kind, s.offset = stdinFile, off
		}
	case unix.S_IFIFO, unix.S_IFSOCK:
		s.kind = stdinStream
	}
	return s
}

// StopKeeping says that the command will not be repeated: what was kept is dropped, and nothing more is. It may be
// called at any time and from any goroutine.
func (s *Stdin) StopKeeping() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.keeping {
		s.keeping = false
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

// attach prepares the input for the next run: what the child gets, and the relay behind it, which is nil when the child
// reads the input itself. The second run starts from the beginning and ends the keeping.
func (s *Stdin) attach() (fd int, relay *stdinRelay, err error) {
	if s == nil {
		return 0, nil, nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.runs++
	repeat := s.runs > 1
	switch {
	case repeat && (!s.keeping || s.broken):
		return -1, nil, errors.New("repeat the command: its standard input was not kept")
	case repeat && s.kind == stdinFile:
		if _, err := unix.Seek(s.fd, s.offset, 0); err != nil {
			return -1, nil, fmt.Errorf("repeat the command: go back to the start of standard input: %w", err)
		}
		return s.fd, nil, nil
	case s.kind != stdinStream, !s.keeping:
		return s.fd, nil, nil
	}
	r, w, err := fdio.Pipe()
	if err != nil {
		return -1, nil, err
	}
	var before *spool
	if repeat {
		// The relay's from here on: StopKeeping must not drop it.
		before, s.kept, s.keeping = s.kept, &spool{}, false
	}
	if relay, err = newStdinRelay(s, w, before); err != nil {
		fdio.Close(r, w)
		return -1, nil, err
	}
	return r, relay, nil
}
