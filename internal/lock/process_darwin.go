package lock

import (
	"os"

	"golang.org/x/sys/unix"
)

// Process says what a process is and does. The zero Process is one that is not known.
type Process struct {
	Name    string
	Stopped bool // by a signal, or a debugger
}

const stopped = 4 // SSTOP of sys/proc.h

// ProcessOf looks at a process of this machine.
func ProcessOf(pid int) Process {
	info, err := unix.SysctlKinfoProc("kern.proc.pid", pid)
	if err != nil {
		return Process{}
	}
	return Process{Name: unix.ByteSliceToString(info.Proc.P_comm[:]), Stopped: info.Proc.P_stat == stopped}
}

// FlockHolder returns a process that holds a flock(2) on the file, 0 where the system does not say: here.
func FlockHolder(*os.File) (pid int) { return 0 }
