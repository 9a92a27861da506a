package fdio

import (
	"bytes"
	"cmp"
	"errors"
	"io"
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"
)

// Patience is how long a process that was asked to end waits for somebody to read what it writes.
const Patience = 500 * time.Millisecond

// ErrUnread is the error of a write that was given up because nobody reads.
var ErrUnread = errors.New("nothing reads the output")

// WriteUntil is Write to a non-blocking descriptor, for a process that is to end when ending has rung: from then on it
// waits for room for Patience at most, and fails with ErrUnread.
func WriteUntil(ending *Wake, fd int, p []byte) error {
	fds := []unix.PollFd{For(fd, unix.POLLOUT), For(ending.R, unix.POLLIN)}
	for len(p) > 0 {
		n, err := unix.Write(fd, p)
		if err != nil && err != unix.EINTR && err != unix.EAGAIN {
			return err
		}
		p = p[max(n, 0):]
		if len(p) == 0 || err == unix.EINTR {
			continue
		}
		// There was no room for all: to try again at once would cost a call for nothing.
		if _, err := Wait(fds, -1); err != nil {
			return err
		}
		if fds[0].Revents == 0 {
			if n, err := Wait(fds[:1], int(Patience.Milliseconds())); n == 0 {
				return cmp.Or(err, ErrUnread)
			}
		}
	}
	return nil
}

// Patiently returns what write returns. A write waits as long as a terminal is stopped (Ctrl-S, a hung ssh) or a pipe
// is full, as in every program. Once ending is closed it waits for Patience at most: a process that was asked to end
// must not stay for a reader. The error is ErrUnread then, and write may still be under way.
func Patiently(ending <-chan struct{}, write func() error) error {
	if ending == nil {
		return write()
	}
	written := make(chan error, 1)
	go func() { written <- write() }() // ends when somebody reads, or with the process
	select {
	case err := <-written:
		return err
	case <-ending:
	}
	select {
	case err := <-written:
		return err
	case <-time.After(Patience):
		return ErrUnread
	}
}

// Until returns w for a process that ends soon after ending is closed: see Patiently. After a write that was given up
// it gives up every other at once.
func Until(ending <-chan struct{}, w io.Writer) io.Writer {
	if ending == nil {
		return w
	}
	return &untilEnding{w: w, ending: ending}
}

type untilEnding struct {
	w      io.Writer
	ending <-chan struct{}
	unread atomic.Bool
}

func (u *untilEnding) Write(p []byte) (n int, err error) {
	if u.unread.Load() {
		return 0, ErrUnread
	}
	kept := bytes.Clone(p) // p is the caller's again when the write is given up
	err = Patiently(u.ending, func() error {
		n, err := u.w.Write(kept)
		if err == nil && n < len(kept) {
			err = io.ErrShortWrite
		}
		return err
	})
	if err == ErrUnread {
		u.unread.Store(true)
	}
	if err != nil {
		return 0, err
	}
	return len(p), nil
}
