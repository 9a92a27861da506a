package runner

import (
	"sync"
	"syscall"

	"golang.org/x/sys/unix"
)

// dieWithParent has the kernel send sig to the child when the thread that started it is gone.
func dieWithParent(sig syscall.Signal) *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Pdeathsig: sig}
}

// waitLocked waits for pid to end (or for what options add: WUNTRACED, WCONTINUED) and returns with mu locked. It is locked before a
// zombie is reaped, so that whoever holds mu and has not been told of the end may signal the pid.
func waitLocked(pid, options int, mu *sync.Mutex) (unix.WaitStatus, error) {
	for {
		// WUNTRACED is WSTOPPED under its older name.
		err := unix.Waitid(unix.P_PID, pid, nil, unix.WEXITED|unix.WNOWAIT|options, nil)
		if err != unix.EINTR {
			break
		}
	}
	mu.Lock()
	return wait4(pid, options)
}
