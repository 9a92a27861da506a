package runner

import (
	"golang.org/x/sys/unix"

	"github.com/claude-auth/claude-auth/internal/fdio"
)

// stdinRelay passes a pipe or a socket on to the child's standard input.
//
// It must not consume what the child does not read: in `producer | while read line; do claude -p "$line"; done` the
// rest belongs to the loop. So on Linux it copies the next piece into the child's pipe with tee(2), or recv(2) and
// MSG_PEEK. The pipe has room for one piece, and only when the child has read it is it consumed. A child that has read
// exactMax bytes in this way will read on; from there the input is read ahead by what two pipes hold, because a page at
// a time is slow on a busy machine. Other systems read ahead from the start.
type stdinRelay struct {
	s      *Stdin
	w      int    // the child's pipe
	before *spool // in a repeat: what comes first; nothing more is kept then
	wake   *fdio.Wake
	done   chan struct{}
}

const (
	// pieceSize is a page, in bytes: the smallest pipe that Linux makes.
	pieceSize = 4 << 10
	// exactMax is how much is relayed without reading ahead, in bytes.
	exactMax = 64 << 10
)

func newStdinRelay(s *Stdin, w int, before *spool) (*stdinRelay, error) {
	wake, err := fdio.NewWake()
	if err != nil {
		return nil, err
	}
	if err := unix.SetNonblock(w, true); err != nil {
		wake.Close()
		return nil, err
	}
	return &stdinRelay{s: s, w: w, before: before, wake: wake, done: make(chan struct{})}, nil
}

// run ends at the end of the input, when the child has closed its end, or at stop.
func (r *stdinRelay) run() {
	defer close(r.done)
	defer func() { fdio.Close(r.w) }()
	if r.before == nil || r.replay() {
		r.live()
	}
}

// stop ends the relay after the child has ended. It does nothing for a nil relay.
func (r *stdinRelay) stop() {
	if r == nil {
		return
	}
	r.wake.Ring()
	<-r.done
	r.wake.Close()
}

// replay writes what was kept and reports whether the live input comes next.
func (r *stdinRelay) replay() bool {
	defer r.before.drop()
	kept := r.before.reader()
	buf := make([]byte, bufferSize)
	for {
		n, err := kept.Read(buf)
		if fdio.Write(r.w, buf[:n], r.wake) != nil {
			return false
		}
		if err != nil {
			break // the end
		}
	}
	r.s.mu.Lock()
	defer r.s.mu.Unlock()
	return !r.s.ended
}

// readAhead relays the live input without waiting for the child to read it.
func (r *stdinRelay) readAhead() {
	buf := make([]byte, bufferSize)
	for r.await(r.s.fd, unix.POLLIN) {
		n, err := fdio.Read(r.s.fd, buf)
		if err == unix.EAGAIN {
			continue
		}
		if err != nil || n == 0 {
			r.markEnd()
			return
		}
		r.keep(buf[:n])
		if fdio.Write(r.w, buf[:n], r.wake) != nil {
			return
		}
	}
}

// keep remembers a piece that the child has read.
func (r *stdinRelay) keep(p []byte) {
	r.s.mu.Lock()
	defer r.s.mu.Unlock()
	if r.before != nil || !r.s.keeping || r.s.lost != nil || len(p) == 0 {
		return
	}
	if r.s.lost = r.s.kept.add(p); r.s.lost != nil {
		r.s.kept.drop() // the command goes on, but it can't be repeated
	}
}

func (r *stdinRelay) markEnd() {
	r.s.mu.Lock()
	r.s.ended = true
	r.s.mu.Unlock()
}

// await waits for events on fd. It reports false at stop, and when the child has closed its end of the pipe.
func (r *stdinRelay) await(fd int, events int16) bool {
	fds := []unix.PollFd{fdio.For(fd, events), fdio.For(r.w, 0), fdio.For(r.wake.R, unix.POLLIN)}
	for {
		if _, err := fdio.Wait(fds, -1); err != nil {
			return false
		}
		if fds[2].Revents != 0 || fds[1].Revents&fdio.Gone != 0 {
			return false
		}
		if fds[0].Revents != 0 {
			return true
		}
	}
}
