//go:build !linux

package runner

import (
	"os"
	"runtime"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// dieBy sends sig to this process. Where the Go runtime keeps a handler of its own (SIGQUIT, SIGABRT) the exit code
// is the caller's 128 + n instead.
func dieBy(sig syscall.Signal) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	switch sig {
	case unix.SIGQUIT, unix.SIGABRT, unix.SIGSEGV, unix.SIGBUS, unix.SIGFPE, unix.SIGILL, unix.SIGTRAP, unix.SIGSYS:
		return
	}
	if unix.Kill(os.Getpid(), sig) == nil {
		time.Sleep(100 * time.Millisecond) // another thread may be the one that takes it
	}
}
