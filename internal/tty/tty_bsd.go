//go:build darwin || freebsd

package tty

import "golang.org/x/sys/unix"

const (
	ioctlGetTermios      = unix.TIOCGETA
	ioctlSetTermiosDrain = unix.TIOCSETAW
	ioctlSetTermiosNow   = unix.TIOCSETA
)

// stopKeys are the places in Termios.Cc of the keys that stop a job. The value disabled means that there is no such
// key.
var stopKeys = [...]int{unix.VSUSP, unix.VDSUSP}

const disabled = 0xff

// OpenOwn opens the controlling terminal for writing once more, so that it can be non-blocking for us alone.
func OpenOwn(int) (int, error) { return OpenFD(unix.O_WRONLY | unix.O_NONBLOCK) }

func discardInput(fd int) error { return unix.IoctlSetPointerInt(fd, unix.TIOCFLUSH, unix.TCIFLUSH) }
