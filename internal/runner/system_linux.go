package runner

import (
	"sync"
	"syscall"

	"golang.org/x/sys/unix"
)

// DieWithParent has the kernel send sig to the child when the thread that started it is gone.
func DieWithParent(sig syscall.Signal) *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Pdeathsig: sig}
}

// WaitLocked waits for pid to end (or for what options add: WUNTRACED, WCONTINUED) and returns with mu locked. It is
// locked before a zombie is reaped, so that the holder of mu that has not been told of the end may signal the pid.
func WaitLocked(pid, options int, mu *sync.Mutex) (unix.WaitStatus, error) {
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

// openUnnamed makes a file that never has a name, so that not even SIGKILL leaves one behind.
func openUnnamed(dir string) (int, error) {
	return unix.Open(dir, unix.O_TMPFILE|unix.O_RDWR|unix.O_CLOEXEC, 0o600)
}
