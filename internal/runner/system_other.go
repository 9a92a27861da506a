//go:build !linux

package runner

import (
	"os"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// DieWithParent works on Linux only; elsewhere the child meets the closed pipe or the hung-up pty.
func DieWithParent(syscall.Signal) *syscall.SysProcAttr { return &syscall.SysProcAttr{} }

// WaitLocked waits for pid to end (or for what options add: WUNTRACED, WCONTINUED) and returns with mu locked. A signal
// sent between the reaping and the lock may meet a reused pid; pids are not reused that fast.
func WaitLocked(pid, options int, mu *sync.Mutex) (unix.WaitStatus, error) {
	ws, _, err := wait4(pid, options)
	mu.Lock()
	return ws, err
}

// openUnnamed works on Linux only.
func openUnnamed(string) (int, error) { return -1, unix.ENOSYS }

// live relays the live input.
func (r *stdinRelay) live() { r.readAhead() }

// StopGroup stops this process, and returns when continued delivers. It uses SIGSTOP, for which a shell says "stopped
// (signal)": the Go runtime keeps its handler for SIGTSTP, and without the C library it can't be removed here.
func StopGroup(continued <-chan os.Signal) {
	if unix.Kill(os.Getpid(), unix.SIGSTOP) == nil {
		<-continued
	}
}

// restoreStop is needed on Linux only.
func restoreStop() {}

// dieBy sends sig to this process, except where the Go runtime keeps a handler of its own (SIGQUIT, SIGABRT): there the
// caller exits with 128 + n instead.
func dieBy(sig syscall.Signal) {
	switch sig {
	case unix.SIGQUIT, unix.SIGABRT, unix.SIGSEGV, unix.SIGBUS, unix.SIGFPE, unix.SIGILL, unix.SIGTRAP, unix.SIGSYS,
		unix.SIGTSTP:
		return
	}
	if unix.Kill(os.Getpid(), sig) == nil {
		time.Sleep(100 * time.Millisecond) // another thread may receive it
	}
}
