//go:build !linux

package runner

import (
	"os"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// StopGroup stops this process, and returns when continued says so. SIGSTOP, because the Go runtime keeps its handler
// for SIGTSTP once that was asked for, and there is no way around it here without the C library: a shell then says
// "stopped (signal)".
func StopGroup(continued <-chan os.Signal) {
	if unix.Kill(os.Getpid(), unix.SIGSTOP) == nil {
		<-continued
	}
}

// restoreStop is needed on Linux only.
func restoreStop() {}

// dieBy sends sig to this process. Where the Go runtime keeps a handler of its own (SIGQUIT, SIGABRT) the exit code is
// the caller's 128 + n instead.
func dieBy(sig syscall.Signal) {
	switch sig {
	case unix.SIGQUIT, unix.SIGABRT, unix.SIGSEGV, unix.SIGBUS, unix.SIGFPE, unix.SIGILL, unix.SIGTRAP, unix.SIGSYS,
		unix.SIGTSTP:
		return
	}
	if unix.Kill(os.Getpid(), sig) == nil {
		time.Sleep(100 * time.Millisecond) // another thread may be the one that takes it
	}
}
