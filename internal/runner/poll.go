package runner

import (
	"sync"

	"golang.org/x/sys/unix"
)

// What to wait for on a descriptor, and what was found. pollGone is always looked for: the other end has closed (for the write end of
// a pipe: nobody reads it any more).
const (
	pollIn   = 1 << iota // a read will not block
	pollOut              // a write will not block
	pollGone             // the other end is gone
)

// waitFD is one descriptor to wait for. A negative FD is skipped.
type waitFD struct {
	fd   int
	want int
	got  int
}

// wake interrupts a wait: a pipe whose read end is among the awaited descriptors.
type wake struct {
	r, w int
	mu   sync.Mutex // close against ring
}

func newWake() (*wake, error) {
	r, w, err := pipe()
	if err != nil {
		return nil, err
	}
	_ = unix.SetNonblock(r, true)
	_ = unix.SetNonblock(w, true)
	return &wake{r: r, w: w}, nil
}

// ring makes the read end readable. A full pipe is readable already.
func (k *wake) ring() {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.w >= 0 {
		_, _ = unix.Write(k.w, []byte{0})
	}
}

// clear takes out what ring put in.
func (k *wake) clear() {
	var b [64]byte
	for {
		n, err := unix.Read(k.r, b[:])
		if err == unix.EINTR {
			continue
		}
		if n < len(b) {
			return
		}
	}
}

func (k *wake) close() {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.w >= 0 {
		unix.Close(k.r)
		unix.Close(k.w)
		k.r, k.w = -1, -1
	}
}

// readFD is read(2) without the interruptions.
func readFD(fd int, p []byte) (int, error) {
	for {
		n, err := unix.Read(fd, p)
		if err == unix.EINTR {
			continue
		}
		if n < 0 {
			n = 0
		}
		return n, err
	}
}

// writeFD writes all of p, across partial writes and descriptors that somebody has made non-blocking; stop, when given,
// interrupts a wait for room once it rings.
func writeFD(fd int, p []byte, stop *wake) error {
	for len(p) > 0 {
		n, err := unix.Write(fd, p)
		if n > 0 {
			p = p[n:]
		}
		switch err {
		case nil, unix.EINTR:
		case unix.EAGAIN:
			fds := []waitFD{{fd: fd, want: pollOut}, {fd: -1}}
			if stop != nil {
				fds[1] = waitFD{fd: stop.r, want: pollIn}
			}
			if _, err := waitFDs(fds, -1); err != nil {
				return err
			}
			if fds[1].got != 0 {
				return errStopped
			}
		default:
			return err
		}
	}
	return nil
}
