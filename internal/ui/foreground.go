package ui

import (
	"os"

	"golang.org/x/sys/unix"
)

// inForeground reports whether the process group of this process is the one that may read from tty. A background job
// that asked would only be stopped by SIGTTIN.
func inForeground(tty *os.File) bool {
	group, err := unix.IoctlGetInt(int(tty.Fd()), unix.TIOCGPGRP)
	return err == nil && group == unix.Getpgrp()
}
