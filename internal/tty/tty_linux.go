package tty

import "golang.org/x/sys/unix"

const (
	ioctlGetTermios      = unix.TCGETS
	ioctlSetTermiosDrain = unix.TCSETSW
	ioctlSetTermiosNow   = unix.TCSETS
)

// stopKeys are the places in Termios.Cc of the keys that stop a job. The value disabled means that there is no such
// key.
var stopKeys = [...]int{unix.VSUSP}

const disabled = 0

// OpenOwn opens the terminal fd for writing once more, so that it can be non-blocking for us alone. It fails where fd
// is not the controlling terminal.
func OpenOwn(fd int) (int, error) {
	own, err := OpenFD(unix.O_WRONLY | unix.O_NONBLOCK)
	if err != nil {
		return -1, err
	}
	ours, err := unix.IoctlGetUint32(own, unix.TIOCGDEV)
	theirs, err2 := unix.IoctlGetUint32(fd, unix.TIOCGDEV)
	if err != nil || err2 != nil || ours != theirs {
		unix.Close(own)
		return -1, unix.ENOTTY
	}
	return own, nil
}

func discardInput(fd int) error { return unix.IoctlSetInt(fd, unix.TCFLSH, unix.TCIFLUSH) }
