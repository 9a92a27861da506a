package runner

import (
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

// IsTerminal reports whether f is a terminal. It never switches f to blocking mode, as f.Fd() would.
func IsTerminal(f *os.File) bool {
	if f == nil {
		return false
	}
	ok := false
	if c, err := f.SyscallConn(); err == nil {
		_ = c.Control(func(fd uintptr) { ok = isTerminal(int(fd)) })
	}
	return ok
}

func isTerminal(fd int) bool {
	_, err := unix.IoctlGetTermios(fd, ioctlGetTermios)
	return err == nil
}

// OpenTTY opens the controlling terminal, for a question that must not touch standard input or output. The error wraps ENXIO where
// there is none.
func OpenTTY() (*os.File, error) {
	fd, err := openFD("/dev/tty", unix.O_RDWR|unix.O_NOCTTY)
	if err != nil {
		return nil, fmt.Errorf("open the terminal: %w", err)
	}
	return os.NewFile(uintptr(fd), "/dev/tty"), nil
}

// InForeground reports whether this process may read from its controlling terminal: it has one, and is in its foreground process group.
func InForeground() bool {
	fd, err := openFD("/dev/tty", unix.O_RDONLY|unix.O_NOCTTY)
	if err != nil {
		return false
	}
	defer unix.Close(fd)
	pgrp, err := unix.IoctlGetInt(fd, unix.TIOCGPGRP)
	return err == nil && pgrp == unix.Getpgrp()
}

func openFD(path string, flags int) (int, error) {
	for {
		fd, err := unix.Open(path, flags|unix.O_CLOEXEC, 0)
		if err == unix.EINTR {
			continue
		}
		if err != nil {
			return -1, &os.PathError{Op: "open", Path: path, Err: err}
		}
		return fd, nil
	}
}

// getTermios reads the terminal's settings.
func getTermios(fd int) (*unix.Termios, error) {
	t, err := unix.IoctlGetTermios(fd, ioctlGetTermios)
	if err != nil {
		return nil, fmt.Errorf("read the terminal's settings: %w", err)
	}
	return t, nil
}

// setTermios applies settings once the output is written, and keeps what was typed. From a background process group the
// kernel stops us with SIGTTOU first, as it would stop the child.
func setTermios(fd int, t *unix.Termios) error {
	for {
		err := unix.IoctlSetTermios(fd, ioctlSetTermiosDrain, t)
		if err == unix.EINTR {
			continue
		}
		if err != nil {
			return fmt.Errorf("set the terminal's settings: %w", err)
		}
		return nil
	}
}

// rawTermios is t as cfmakeraw makes it: every byte as it comes, nothing echoed, no signals from keys.
func rawTermios(t unix.Termios) *unix.Termios {
	t.Iflag &^= unix.IGNBRK | unix.BRKINT | unix.PARMRK | unix.ISTRIP | unix.INLCR | unix.IGNCR | unix.ICRNL | unix.IXON
	t.Oflag &^= unix.OPOST
	t.Lflag &^= unix.ECHO | unix.ECHONL | unix.ICANON | unix.ISIG | unix.IEXTEN
	t.Cflag &^= unix.CSIZE | unix.PARENB
	t.Cflag |= unix.CS8
	t.Cc[unix.VMIN] = 1
	t.Cc[unix.VTIME] = 0
	return &t
}

// copySize gives the terminal to the size of the terminal from, and reports whether that changed it.
func copySize(from, to int) (changed bool, err error) {
	size, err := unix.IoctlGetWinsize(from, unix.TIOCGWINSZ)
	if err != nil {
		return false, fmt.Errorf("read the window size: %w", err)
	}
	old, err := unix.IoctlGetWinsize(to, unix.TIOCGWINSZ)
	if err == nil && *old == *size {
		return false, nil
	}
	if err := unix.IoctlSetWinsize(to, unix.TIOCSWINSZ, size); err != nil {
		return false, fmt.Errorf("set the window size: %w", err)
	}
	return true, nil
}
