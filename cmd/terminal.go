package cmd

import (
	"context"
	"fmt"

	"golang.org/x/sys/unix"

	"github.com/claude-auth/claude-auth/internal/fdio"
	"github.com/claude-auth/claude-auth/internal/runner"
	"github.com/claude-auth/claude-auth/internal/tty"
	"github.com/claude-auth/claude-auth/internal/ui"
)

// terminal is the person at the controlling terminal, for recovery.
type terminal struct{ *ui.UI }

// SignIn implements recovery.Terminal. The client talks to the controlling terminal, so that standard input and
// output stay with the pipeline that they belong to. Without a terminal it has no input and prints to standard error.
func (t terminal) SignIn(ctx context.Context, command runner.Command) (runner.Status, error) {
	in, out := -1, 2
	if fd, err := tty.OpenFD(unix.O_RDWR); err == nil {
		defer fdio.Close(fd)
		in, out = fd, fd
		defer withoutStop(fd)()
	} else if in, err = unix.Open("/dev/null", unix.O_RDONLY|unix.O_CLOEXEC, 0); err != nil {
		return runner.Status{}, fmt.Errorf("run %s: open /dev/null: %w", command.Path, err)
	} else {
		defer fdio.Close(in)
	}
	status, err := runner.Guest(ctx, command, in, out, out)
	if err != nil {
		return status, fmt.Errorf("run the client: %w", err)
	}
	return status, nil
}

// withoutStop takes the key that stops a job from the terminal. restore restores the terminal's settings, which a
// client that a signal ended did not. In the background the terminal is a shell's.
func withoutStop(fd int) (restore func()) {
	before, err := tty.Get(fd)
	if err != nil || !tty.InForeground() {
		return func() {}
	}
	tty.SetNow(fd, tty.WithoutStop(*before))
	return func() {
		if tty.InForeground() {
			tty.SetNow(fd, before)
		}
	}
}
