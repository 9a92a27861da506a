package lock

import (
	"errors"
	"strconv"

	"golang.org/x/sys/unix"
)

// processStart is the start time of a process in microseconds since 1970, or "".
func processStart(pid int) string {
	info, err := unix.SysctlKinfoProc("kern.proc.pid", pid)
	if err != nil {
		return ""
	}
	return strconv.FormatInt(info.Proc.P_starttime.Nano()/1e3, 10)
}

const zombie = 5 // SZOMB of sys/proc.h

func processGone(pid int, start string) bool {
	if errors.Is(unix.Kill(pid, 0), unix.ESRCH) {
		return true
	}
	info, err := unix.SysctlKinfoProc("kern.proc.pid", pid)
	if err != nil {
		return false
	}
	if info.Proc.P_stat == zombie {
		return true
	}
	return start != "" && start != strconv.FormatInt(info.Proc.P_starttime.Nano()/1e3, 10)
}

func ownSpace() string {
	boot, err := unix.Sysctl("kern.bootsessionuuid")
	if err != nil {
		return ""
	}
	return boot
}

// clientSpace is "": what the client writes on macOS was not measured, and a space that is not known proves nothing.
func clientSpace() string { return "" }
