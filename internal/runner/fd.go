package runner

import (
	"errors"
	"fmt"
	"syscall"

	"github.com/creack/pty"
	"golang.org/x/sys/unix"
)

// errStopped says that a wait was interrupted on purpose.
var errStopped = errors.New("stopped")

// pipe makes a close-on-exec pipe, out of reach of a fork in between.
func pipe() (r, w int, err error) {
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

// openPTY makes a pty. The master is non-blocking: its open file description is ours alone, so nobody else notices.
func openPTY() (master, slave int, err error) {
	m, s, err := pty.Open()
	if err != nil {
		return -1, -1, fmt.Errorf("make a pseudo-terminal: %w", err)
	}
	defer m.Close()
	defer s.Close()
	if master, err = dupCloexec(int(m.Fd())); err != nil {
		return -1, -1, err
	}
	if slave, err = dupCloexec(int(s.Fd())); err != nil {
		unix.Close(master)
		return -1, -1, err
	}
	if err := unix.SetNonblock(master, true); err != nil {
		closeAll(master, slave)
		return -1, -1, fmt.Errorf("set up the pseudo-terminal: %w", err)
	}
	// Set blocking by creack/pty's Fd(); said again so that the child's side does not depend on it.
	_ = unix.SetNonblock(slave, false)
	return master, slave, nil
}

func dupCloexec(fd int) (int, error) {
	n, err := unix.FcntlInt(uintptr(fd), unix.F_DUPFD_CLOEXEC, 0)
	if err != nil {
		return -1, fmt.Errorf("duplicate a descriptor: %w", err)
	}
	return n, nil
}

func closeAll(fds ...int) {
	for _, fd := range fds {
		if fd >= 0 {
			unix.Close(fd)
		}
	}
}
