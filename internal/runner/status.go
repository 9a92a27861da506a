package runner

import (
	"fmt"
	"os/signal"
	"syscall"

	"golang.org/x/sys/unix"
)

// Status is how a process ended: with an exit code, or by a signal.
type Status struct {
	Code   int            // the exit code; 128 + Signal when a signal ended it, as shells count
	Signal syscall.Signal // 0 when it exited by itself
}

// StatusOf is a status as wait4 gives it.
func StatusOf(ws unix.WaitStatus) Status {
	if ws.Signaled() {
		return Status{Code: 128 + int(ws.Signal()), Signal: ws.Signal()}
	}
	return Status{Code: ws.ExitStatus()}
}

// Success reports exit code 0.
func (s Status) Success() bool { return s.Code == 0 && s.Signal == 0 }

func (s Status) String() string {
	if s.Signal != 0 {
		return fmt.Sprintf("signal %d (%v)", int(s.Signal), s.Signal)
	}
	return fmt.Sprintf("exit status %d", s.Code)
}

// ExitLike ends this process by the signal that ended the child, so that our parent sees the same status. For a child
// that exited by itself, and for a signal that can't end us, it returns the code to exit with.
func ExitLike(s Status) int {
	if s.Signal == 0 {
		return s.Code
	}
	// No core dump: the child has left one if the limits ask for it, and ours would be of the wrong program.
	_ = unix.Setrlimit(unix.RLIMIT_CORE, &unix.Rlimit{})
	signal.Reset(s.Signal)
	dieBy(s.Signal)
	return s.Code
}
