package runner

import (
	"errors"
	"fmt"
	"os"
	"sync"

	"golang.org/x/sys/unix"

	"github.com/claude-auth/claude-auth/internal/fdio"
)

// Stdin is our standard input, which the child can be given once or, for a repeat, twice.
//
// A child gets a terminal or another device as it is. It gets a regular file too, and a repeat seeks back to where the
// file was: the offset is shared with the process that started us, so a shell's `while read` loop goes on where the
// client stopped reading. Only a pipe or a socket is relayed and kept, and there nothing is consumed that the child has
// not read (see stdinRelay).
type Stdin struct {
	fd     int
	stream bool  // a pipe or a socket: a repeat needs what was kept
	offset int64 // where a regular file was at the start; -1 for everything else

	mu      sync.Mutex
	keeping bool
	runs    int // times attached
	kept    *spool
	ended   bool  // the live input has been read to its end
	lost    error // why a part could not be kept
}

// NewStdin looks at descriptor 0.
func NewStdin() *Stdin { return newStdin(0, os.TempDir(), spoolMost) }

// newStdin keeps so many bytes of input at most, and those beyond spoolInMemory in a file without a name in tempDir.
func newStdin(fd int, tempDir string, most int64) *Stdin {
	s := &Stdin{fd: fd, offset: -1, keeping: true, kept: &spool{dir: tempDir, most: most}}
	switch kindOf(fd) {
	case unix.S_IFREG, unix.S_IFBLK:
		if off, err := unix.Seek(fd, 0, 1); err == nil {
			s.offset = off
		}
	case unix.S_IFIFO, unix.S_IFSOCK:
		s.stream = true
	}
	return s
}

// StopKeeping says that the command will not be repeated. It drops what was kept. It may be called at any time and
// from any goroutine.
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
	return s.keeping && s.lost == nil
}

// Lost returns why the input could not be kept for a repeat, and nil when it was kept, or did not have to be.
func (s *Stdin) Lost() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.lost
}

// Close frees what was kept.
func (s *Stdin) Close() { s.StopKeeping() }

// attach prepares the input for the next run. It returns the child's descriptor and the relay that writes to it, which
// is nil where the child reads the input itself. The second run starts from the beginning, and nothing is kept then.
func (s *Stdin) attach() (fd int, relay *stdinRelay, err error) {
	if s == nil {
		return 0, nil, nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.runs++
	repeat := s.runs > 1
	switch {
	case repeat && (!s.keeping || s.lost != nil):
		return -1, nil, errors.New("the command cannot be repeated: its standard input was not kept")
	case repeat && s.offset >= 0:
		if _, err := unix.Seek(s.fd, s.offset, 0); err != nil {
			return -1, nil, fmt.Errorf("the command cannot be repeated: its standard input cannot be read again: %w", err)
		}
		return s.fd, nil, nil
	case !s.stream, !s.keeping:
		return s.fd, nil, nil
	}
	r, w, err := fdio.Pipe()
	if err != nil {
		return -1, nil, err
	}
	var before *spool
	if repeat {
		// It is the relay's from here on: StopKeeping must not drop it.
		before, s.kept, s.keeping = s.kept, &spool{}, false
	}
	if relay, err = newStdinRelay(s, w, before); err != nil {
		fdio.Close(r, w)
		return -1, nil, err
	}
	return r, relay, nil
}
