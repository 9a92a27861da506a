//go:build !linux

package runner

import (
	"sync"
	"syscall"

	"golang.org/x/sys/unix"
)

// dieWithParent is Linux's alone; elsewhere the child meets the closed pipe or the hung-up pty.
func dieWithParent(syscall.Signal) *syscall.SysProcAttr { return &syscall.SysProcAttr{} }

// waitLocked waits for pid to end (or for what options add: WUNTRACED, WCONTINUED) and returns with mu locked. A signal sent between the
// reaping and the lock may meet a reused pid; pids are not reused that fast.
func waitLocked(pid, options int, mu *sync.Mutex) (unix.WaitStatus, error) {
	ws, err := wait4(pid, options)
	mu.Lock()
	return ws, err
}
