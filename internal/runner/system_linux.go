package runner

import (
	"os"
	"runtime"
	"sync"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// DieWithParent makes the kernel send sig to the child when the thread that started it ends.
func DieWithParent(sig syscall.Signal) *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Pdeathsig: sig}
}

// WaitLocked waits for pid to end (or for what options add: WUNTRACED, WCONTINUED) and returns with mu locked. It locks
// mu before it reaps the process, so a holder of mu that has not been told of the end may still signal the pid.
func WaitLocked(pid, options int, mu *sync.Mutex) (unix.WaitStatus, error) {
	for {
		// WUNTRACED is WSTOPPED under its older name.
		if unix.Waitid(unix.P_PID, pid, nil, unix.WEXITED|unix.WNOWAIT|options, nil) == unix.EINTR {
			continue
		}
		mu.Lock()
		// A stop is not there any more when the process has been continued meanwhile. To wait for the next would be to wait
		// with mu locked.
		ws, got, err := wait4(pid, options|unix.WNOHANG)
		if got || err != nil {
			return ws, err
		}
		mu.Unlock()
	}
}

// openUnnamed makes a file that never has a name, so that not even SIGKILL leaves one behind.
func openUnnamed(dir string) (int, error) {
	return unix.Open(dir, unix.O_TMPFILE|unix.O_RDWR|unix.O_CLOEXEC, 0o600)
}

// sigaction has room for the kernel's struct of every architecture. Only its zero value (SIG_DFL, no flags, an empty
// mask) and what the kernel has written into it are used.
type sigaction [64]byte

// setAction sets what sig does and returns what it did before. It goes behind the Go runtime's back: after signal.Reset
// the runtime's own handler drops SIGTSTP, and prints a traceback for SIGQUIT, SIGABRT and the like (Go 1.26).
func setAction(sig syscall.Signal, action sigaction) (old sigaction) {
	_, _, _ = unix.RawSyscall6(unix.SYS_RT_SIGACTION,
		uintptr(sig), uintptr(unsafe.Pointer(&action)), uintptr(unsafe.Pointer(&old)), 8, 0, 0)
	return old
}

// StopGroup stops our process group as kill(0, SIGTSTP) stops the client's, and returns when continued delivers.
func StopGroup(continued <-chan os.Signal) {
	old := setAction(unix.SIGTSTP, sigaction{})
	defer setAction(unix.SIGTSTP, old)
	if unix.Kill(0, unix.SIGTSTP) == nil {
		<-continued
	}
}

// restoreStop makes Ctrl-Z stop us again, after signal.Notify and signal.Stop of SIGTSTP.
func restoreStop() { setAction(unix.SIGTSTP, sigaction{}) }

// dieBy sends sig to this thread with the default action in place: the process ends before the call returns.
func dieBy(sig syscall.Signal) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	setAction(sig, sigaction{})
	var set unix.Sigset_t
	word := 8 * uint(unsafe.Sizeof(set.Val[0]))
	set.Val[(uint(sig)-1)/word] |= 1 << ((uint(sig) - 1) % word)
	_ = unix.PthreadSigmask(unix.SIG_UNBLOCK, &set, nil)
	_ = unix.Tgkill(os.Getpid(), unix.Gettid(), sig)
}
