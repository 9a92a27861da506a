package lock

import (
	"strconv"

	"golang.org/x/sys/unix"
)

const zombie = 5 // SZOMB of sys/proc.h

// processState returns the start time of a process in microseconds since 1970, "" when it is not known, and whether
// the process has ended and only waits for its parent.
func processState(pid int) (start string, ended bool) {
	info, err := unix.SysctlKinfoProc("kern.proc.pid", pid)
	if err != nil {
		return "", false
	}
	return strconv.FormatInt(info.Proc.P_starttime.Nano()/1e3, 10), info.Proc.P_stat == zombie
}

func ownSpace() string {
	boot, err := unix.Sysctl("kern.bootsessionuuid")
	if err != nil {
		return ""
	}
	return boot
}

// clientSpace is "": what the client writes on macOS was not measured, and an unknown space proves nothing.
func clientSpace() string { return "" }
