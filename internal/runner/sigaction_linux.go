package runner

import (
	"os"
	"runtime"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// sigaction is the kernel's struct, of which only the zero value (SIG_DFL, no flags, an empty mask) and what the kernel
// has filled in are used; it is larger than any architecture's.
type sigaction [64]byte

// setAction sets what sig does and returns what it did. It goes behind the Go runtime's back: signal.Reset leaves the
// runtime's own handler in place, which drops SIGTSTP, and prints a traceback for SIGQUIT, SIGABRT and their like
// (Go 1.26).
func setAction(sig syscall.Signal, action sigaction) (old sigaction) {
	_, _, _ = unix.RawSyscall6(unix.SYS_RT_SIGACTION,
		uintptr(sig), uintptr(unsafe.Pointer(&action)), uintptr(unsafe.Pointer(&old)), 8, 0, 0)
	return old
}

// StopGroup stops our process group as kill(0, SIGTSTP) stops the client's, and returns when continued says so.
func StopGroup(continued <-chan os.Signal) {
	old := setAction(unix.SIGTSTP, sigaction{})
	defer setAction(unix.SIGTSTP, old)
	if unix.Kill(0, unix.SIGTSTP) == nil {
		<-continued
	}
}

// restoreStop has Ctrl-Z stop us again after signal.Notify and signal.Stop of SIGTSTP.
func restoreStop() { setAction(unix.SIGTSTP, sigaction{}) }

// dieBy sends sig to this very thread with the default action in place, so that the process ends before the call
// returns.
func dieBy(sig syscall.Signal) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	if sig != unix.SIGKILL && sig != unix.SIGSTOP {
		setAction(sig, sigaction{})
		var set unix.Sigset_t
		word := 8 * uint(unsafe.Sizeof(set.Val[0]))
		set.Val[(uint(sig)-1)/word] |= 1 << ((uint(sig) - 1) % word)
		_ = unix.PthreadSigmask(unix.SIG_UNBLOCK, &set, nil)
	}
	_ = unix.Tgkill(os.Getpid(), unix.Gettid(), sig)
}
