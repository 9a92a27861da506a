// Package fdio reads from, writes to and waits for file descriptors. A signal does not interrupt it, and it works when
// another process has set a shared descriptor to non-blocking mode.
package fdio

import (
	"errors"
	"fmt"
	"os"
	"runtime"
	"sync"
	"syscall"

	"golang.org/x/sys/unix"
)

// Read is read(2), repeated when a signal interrupts it.
func Read(fd int, p []byte) (int, error) {
	for {
		n, err := unix.Read(fd, p)
		if err != unix.EINTR {
			return max(n, 0), err
		}
	}
}

// ErrStopped is the error of a Write whose Wake rang.
var ErrStopped = errors.New("stopped")

// Write writes all of p. It waits for room until stop rings; a nil stop never does.
func Write(fd int, p []byte, stop *Wake) error {
	for len(p) > 0 {
		n, err := unix.Write(fd, p)
		p = p[max(n, 0):]
		switch err {
		case nil, unix.EINTR:
		case unix.EAGAIN:
			fds := []unix.PollFd{For(fd, unix.POLLOUT), {Fd: -1}}
			if stop != nil {
				fds[1] = For(stop.R, unix.POLLIN)
			}
			if _, err := Wait(fds, -1); err != nil {
				return err
			}
			if fds[1].Revents != 0 {
				return ErrStopped
			}
		default:
			return err
		}
	}
	return nil
}

// WriteAll is Write for an open file. When the reader has closed, the error is unix.EPIPE; there is no signal.
func WriteAll(f *os.File, p []byte) error {
	fd, release, err := Of(f)
	if err != nil {
		return err
	}
	defer release()
	if err := Write(fd, p, nil); err != nil {
		return &os.PathError{Op: "write", Path: f.Name(), Err: err}
	}
	return nil
}

// Wake interrupts a Wait: its read end R is readable after it has rung.
type Wake struct {
	R, w int
	mu   sync.Mutex // keeps Ring from writing to a descriptor that Close has freed
}

// NewWake makes a Wake.
func NewWake() (*Wake, error) {
	r, w, err := Pipe()
	if err != nil {
		return nil, err
	}
	_ = unix.SetNonblock(r, true)
	_ = unix.SetNonblock(w, true)
	return &Wake{R: r, w: w}, nil
}

// Ring makes R readable. A full pipe is readable already.
func (k *Wake) Ring() {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.w >= 0 {
		_, _ = unix.Write(k.w, []byte{0})
	}
}

// Clear undoes Ring.
func (k *Wake) Clear() {
	var b [64]byte
	_, _ = Read(k.R, b[:]) // if more is left, the next Wait returns at once, which does no harm
}

// Close frees the pipe. Ring does nothing afterwards.
func (k *Wake) Close() {
	k.mu.Lock()
	defer k.mu.Unlock()
	Close(k.R, k.w)
	k.R, k.w = -1, -1
}

// Pipe makes a close-on-exec pipe. The lock keeps a child from inheriting it before that flag is set.
func Pipe() (r, w int, err error) {
	var p [2]int
	syscall.ForkLock.RLock()
	defer syscall.ForkLock.RUnlock()
	if err := unix.Pipe(p[:]); err != nil {
		return -1, -1, fmt.Errorf("make a pipe: %w", err)
	}
	unix.CloseOnExec(p[0])
	unix.CloseOnExec(p[1])
	return p[0], p[1], nil
}

// Duplicate returns a close-on-exec duplicate of fd.
func Duplicate(fd int) (int, error) {
	n, err := unix.FcntlInt(uintptr(fd), unix.F_DUPFD_CLOEXEC, 0)
	if err != nil {
		return -1, fmt.Errorf("duplicate a descriptor: %w", err)
	}
	return n, nil
}

// Close closes descriptors and skips negative ones.
func Close(fds ...int) {
	for _, fd := range fds {
		if fd >= 0 {
			unix.Close(fd)
		}
	}
}

// Of returns f's descriptor, which stays open until release is called. File.Fd would switch it to blocking mode.
func Of(f *os.File) (fd int, release func(), err error) {
	c, err := f.SyscallConn()
	if err != nil {
		return -1, nil, err
	}
	fd = -1
	if err := c.Control(func(n uintptr) { fd = int(n) }); err != nil {
		return -1, nil, err
	}
	return fd, func() { runtime.KeepAlive(f) }, nil
}
