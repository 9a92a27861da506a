package tty

import "golang.org/x/sys/unix"

const (
	ioctlGetTermios      = unix.TCGETS
	ioctlSetTermiosDrain = unix.TCSETSW
	ioctlSetTermiosNow   = unix.TCSETS
)
