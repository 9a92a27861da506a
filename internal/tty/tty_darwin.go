package tty

import "golang.org/x/sys/unix"

const (
	ioctlGetTermios      = unix.TIOCGETA
	ioctlSetTermiosDrain = unix.TIOCSETAW
	ioctlSetTermiosNow   = unix.TIOCSETA
)
