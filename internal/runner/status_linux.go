package runner

import (
	"os"
	"runtime"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// dieBy sends sig to this very thread with the default action in place, so that the process ends before the call returns.
//
// The default action is set behind the Go runtime's back: signal.Reset would put its own handler back for SIGQUIT, SIGABRT,
// SIGSEGV and the like, which prints a traceback and exits with 2.
func dieBy(sig syscall.Signal) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	if sig != unix.SIGKILL && sig != unix.SIGSTOP {
		var action [64]byte // struct sigaction, all zero: SIG_DFL, no flags, empty mask; larger than any architecture's
		_, _, _ = unix.RawSyscall6(unix.SYS_RT_SIGACTION, uintptr(sig), uintptr(unsafe.Pointer(&action)), 0, 8, 0, 0)
		var set unix.Sigset_t
		bit := uint(sig) - 1
		set.Val[bit/(8*uint(unsafe.Sizeof(set.Val[0])))] |= 1 << (bit % (8 * uint(unsafe.Sizeof(set.Val[0]))))
		_ = unix.PthreadSigmask(unix.SIG_UNBLOCK, &set, nil)
	}
	_ = unix.Tgkill(os.Getpid(), unix.Gettid(), sig)
}
