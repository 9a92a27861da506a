// Package tty opens terminals and pseudo-terminals and changes their settings.
package tty

import (
	"fmt"
	"os"

	"github.com/creack/pty"
	"golang.org/x/sys/unix"
	"golang.org/x/term"

	"github.com/claude-auth/claude-auth/internal/fdio"
)

// IsTerminal reports whether f is a terminal. It never switches f to blocking mode, as f.Fd() would.
func IsTerminal(f *os.File) bool {
	fd, release, err := fdio.Of(f)
	if err != nil {
		return false
	}
	defer release()
	return term.IsTerminal(fd)
}

// Open opens the controlling terminal, for a question that must not touch standard input or output. The error wraps
// ENXIO where there is none.
func Open() (*os.File, error) {
	fd, err := OpenFD(unix.O_RDWR)
	if err != nil {
		return nil, fmt.Errorf("open the terminal: %w", err)
	}
	return os.NewFile(uintptr(fd), "/dev/tty"), nil
}

// OpenFD opens the controlling terminal in blocking mode. os.OpenFile would make it non-blocking.
func OpenFD(flags int) (int, error) {
	for {
		fd, err := unix.Open("/dev/tty", flags|unix.O_NOCTTY|unix.O_CLOEXEC, 0)
		if err == unix.EINTR {
			continue
		}
		if err != nil {
			return -1, &os.PathError{Op: "open", Path: "/dev/tty", Err: err}
		}
		return fd, nil
	}
}

// InForeground reports whether this process has a controlling terminal and is in its foreground process group, so that
// it may read from it.
func InForeground() bool {
	fd, err := OpenFD(unix.O_RDONLY)
	if err != nil {
		return false
	}
	defer unix.Close(fd)
	pgrp, err := unix.IoctlGetInt(fd, unix.TIOCGPGRP)
	return err == nil && pgrp == unix.Getpgrp()
}

// OpenPTY makes a pseudo-terminal. The master is non-blocking, which no other process sees: none shares it.
func OpenPTY() (master, slave int, err error) {
	m, s, err := pty.Open()
	if err != nil {
		return -1, -1, fmt.Errorf("no pseudo-terminal can be made: %w", err)
	}
	defer m.Close()
	defer s.Close()
	if master, err = fdio.Duplicate(int(m.Fd())); err != nil {
		return -1, -1, err
	}
	if slave, err = fdio.Duplicate(int(s.Fd())); err == nil {
		err = unix.SetNonblock(master, true)
	}
	if err != nil {
		fdio.Close(master, slave)
		return -1, -1, fmt.Errorf("set up the pseudo-terminal: %w", err)
	}
	_ = unix.SetNonblock(slave, false) // s.Fd has done it, but the child's side must not depend on that
	return master, slave, nil
}

// Get reads the terminal's settings.
func Get(fd int) (*unix.Termios, error) {
	t, err := unix.IoctlGetTermios(fd, ioctlGetTermios)
	if err != nil {
		return nil, fmt.Errorf("read the terminal's settings: %w", err)
	}
	return t, nil
}

// Set applies settings once the output is written, and keeps what was typed. In a background process group the kernel
// first stops us with SIGTTOU, as it would stop the child.
func Set(fd int, t *unix.Termios) error {
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

// SetNow applies settings without waiting for the output.
func SetNow(fd int, t *unix.Termios) { _ = unix.IoctlSetTermios(fd, ioctlSetTermiosNow, t) }

// DiscardInput drops what was typed at the terminal f and not read yet, as far as the terminal can.
func DiscardInput(f *os.File) { _ = discardInput(int(f.Fd())) }

// NoEcho keeps the terminal f from showing what is typed, so that it does not show the answer of a person who types
// before the question is printed. restore restores the terminal's settings.
func NoEcho(f *os.File) (restore func() error, err error) {
	fd := int(f.Fd())
	before, err := Get(fd)
	if err != nil {
		return nil, err
	}
	hidden := *before
	hidden.Lflag &^= unix.ECHO
	if err := Set(fd, &hidden); err != nil {
		return nil, fmt.Errorf("hide what is typed: %w", err)
	}
	return func() error { return Set(fd, before) }, nil
}

// Raw is t in raw mode, as cfmakeraw makes it: input comes byte by byte, without echo and without signals from keys.
func Raw(t unix.Termios) *unix.Termios {
	t.Iflag &^= unix.IGNBRK | unix.BRKINT | unix.PARMRK | unix.ISTRIP | unix.INLCR | unix.IGNCR | unix.ICRNL | unix.IXON
	t.Oflag &^= unix.OPOST
	t.Lflag &^= unix.ECHO | unix.ECHONL | unix.ICANON | unix.ISIG | unix.IEXTEN
	t.Cflag &^= unix.CSIZE | unix.PARENB
	t.Cflag |= unix.CS8
	t.Cc[unix.VMIN], t.Cc[unix.VTIME] = 1, 0
	return &t
}

// Keyed is t with each key as it comes: without lines, echo, signals from keys and Ctrl-S.
func Keyed(t unix.Termios) *unix.Termios {
	t.Iflag &^= unix.IXON
	t.Lflag &^= unix.ICANON | unix.ECHO | unix.ECHONL | unix.ISIG | unix.IEXTEN
	t.Cc[unix.VMIN], t.Cc[unix.VTIME] = 1, 0
	return &t
}

// WithoutStop is t without the keys that stop the processes on the terminal, such as Ctrl-Z.
func WithoutStop(t unix.Termios) *unix.Termios {
	for _, key := range stopKeys {
		t.Cc[key] = disabled
	}
	return &t
}

// CopySize gives the terminal `to` the size of the terminal `from`, and reports whether that changed it.
func CopySize(from, to int) (changed bool, err error) {
	size, err := unix.IoctlGetWinsize(from, unix.TIOCGWINSZ)
	if err != nil {
		return false, fmt.Errorf("read the window size: %w", err)
	}
	if old, err := unix.IoctlGetWinsize(to, unix.TIOCGWINSZ); err == nil && *old == *size {
		return false, nil
	}
	if err := unix.IoctlSetWinsize(to, unix.TIOCSWINSZ, size); err != nil {
		return false, fmt.Errorf("set the window size: %w", err)
	}
	return true, nil
}
