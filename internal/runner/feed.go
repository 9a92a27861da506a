package runner

import (
	"golang.org/x/sys/unix"
)

// feed carries a pipe or a socket to the child's standard input.
//
// It must not take what the child does not read: in `producer | while read line; do claude -p "$line"; done` the rest belongs to
// the loop. So on Linux it only looks at first: tee(2), or recv(2) with MSG_PEEK, puts a copy of the next piece into the child's pipe, which holds a single
// piece, and only when the child has taken that out of its pipe is it taken out of ours. A child that has read exactMax in this way is one that reads on; from
// there the input is read ahead by what two pipes hold, because a page at a time is slow on a busy machine. Elsewhere it is read ahead from the start.
type feed struct {
	s      *Stdin
	w      int   // the child's pipe
	before *keep // in a repeat: what comes first; nothing is kept any more
	wake   *wake
	done   chan struct{}
}

const (
	// pieceSize is what is looked at in one go, in bytes: a page, the smallest pipe that Linux makes.
	pieceSize = 4 << 10
	// exactMax is how much is carried without reading ahead, in bytes.
	exactMax = 64 << 10
)

func newFeed(s *Stdin, w int, before *keep) (*feed, error) {
	k, err := newWake()
	if err != nil {
		return nil, err
	}
	if err := unix.SetNonblock(w, true); err != nil {
		k.close()
		return nil, err
	}
	return &feed{s: s, w: w, before: before, wake: k, done: make(chan struct{})}, nil
}

// run ends at the end of the input, when the child has closed its end, or at stop.
func (f *feed) run() {
	defer close(f.done)
	defer func() { closeAll(f.w); f.w = -1 }()
	if f.before != nil && !f.replay() {
		return
	}
	f.live()
}

func (f *feed) stop() {
	f.wake.ring()
	<-f.done
	f.wake.close()
}

// replay writes what was kept and reports whether the live input comes next.
func (f *feed) replay() bool {
	defer f.before.drop()
	buf := make([]byte, bufferSize)
	for from := int64(0); ; {
		n, _ := f.before.readAt(buf, from)
		if n == 0 {
			break
		}
		if err := writeFD(f.w, buf[:n], f.wake); err != nil {
			return false
		}
		from += int64(n)
	}
	f.s.mu.Lock()
	defer f.s.mu.Unlock()
	return !f.s.ended
}

// readAhead carries the live input without waiting for the child to take it.
func (f *feed) readAhead() {
	buf := make([]byte, bufferSize)
	for f.await(f.s.fd, pollIn) {
		n, err := readFD(f.s.fd, buf)
		if err == unix.EAGAIN {
			continue
		}
		if err != nil || n == 0 {
			f.markEnd()
			return
		}
		f.keepPiece(buf[:n])
		if writeFD(f.w, buf[:n], f.wake) != nil {
			return
		}
	}
}

// keepPiece remembers a piece that the child has taken.
func (f *feed) keepPiece(p []byte) {
	f.s.mu.Lock()
	defer f.s.mu.Unlock()
	if f.before != nil || !f.s.keeping || f.s.broken || len(p) == 0 {
		return
	}
	if f.s.kept.add(p) != nil {
		// No room to keep it: the command goes on, it just cannot be repeated.
		f.s.broken = true
		f.s.kept.drop()
	}
}

func (f *feed) markEnd() {
	f.s.mu.Lock()
	f.s.ended = true
	f.s.mu.Unlock()
}

// await waits until fd has what is wanted. It reports false at stop, or when the child has closed its end of the pipe.
func (f *feed) await(fd, want int) bool {
	fds := []waitFD{{fd: fd, want: want}, {fd: f.w}, {fd: f.wake.r, want: pollIn}}
	if fd == f.w {
		fds[1].fd = -1
	}
	for {
		if _, err := waitFDs(fds, -1); err != nil {
			return false
		}
		if fds[2].got != 0 || fds[1].got&pollGone != 0 {
			return false
		}
		if fd == f.w && fds[0].got&pollGone != 0 {
			return false
		}
		if fds[0].got != 0 {
			return true
		}
	}
}
