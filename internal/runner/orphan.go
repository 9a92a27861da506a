package runner

import (
	"os"

	"golang.org/x/sys/unix"
)

// groupOrphaned reports whether our process group is orphaned, as POSIX has it: no member has a parent in another process group of
// the same session, so nobody there will continue it and the kernel discards stops from the keyboard. It looks at our own line of ancestors, of
// which the shell is one when there is one.
func groupOrphaned() bool {
	session, err := unix.Getsid(0)
	if err != nil {
		return true
	}
	group := unix.Getpgrp()
	for pid := os.Getppid(); pid > 0; {
		if sid, err := unix.Getsid(pid); err != nil || sid != session {
			return true
		}
		if pgrp, err := unix.Getpgid(pid); err != nil || pgrp != group {
			return err != nil
		}
		if pid, err = parentOf(pid); err != nil {
			return true
		}
	}
	return true
}
