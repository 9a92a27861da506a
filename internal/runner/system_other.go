//go:build !linux

package runner

import (
	"sync"
	"syscall"

	"golang.org/x/sys/unix"
)

// DieWithParent works on Linux only; elsewhere the child meets the closed pipe or the hung-up pty.
func DieWithParent(syscall.Signal) *syscall.SysProcAttr { return &syscall.SysProcAttr{} }

// WaitLocked waits for pid to end (or for what options add: WUNTRACED, WCONTINUED) and returns with mu locked. A signal
// sent between the reaping and the lock may meet a reused pid; pids are not reused that fast.
func WaitLocked(pid, options int, mu *sync.Mutex) (unix.WaitStatus, error) {
	ws, err := wait4(pid, options)
	mu.Lock()
	return ws, err
}

// openUnnamed works on Linux only.
func openUnnamed(string) (int, error) { return -1, unix.ENOSYS }

// live relays the live input.
func (r *stdinRelay) live() { r.readAhead() }
