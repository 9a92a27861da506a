package runner

import (
	"syscall"

	"golang.org/x/sys/unix"
)

// dieWithParent has the kernel send sig to the child when the thread that started it is gone.
func dieWithParent(sig syscall.Signal) *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Pdeathsig: sig}
}

// waitExited blocks until pid is a zombie and leaves it one.
func waitExited(pid int) {
	for {
		err := unix.Waitid(unix.P_PID, pid, nil, unix.WEXITED|unix.WNOWAIT, nil)
		if err != unix.EINTR {
			return
		}
	}
}
