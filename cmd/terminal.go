package cmd

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
	"golang.org/x/term"

	"github.com/claude-auth/claude-auth/internal/runner"
	"github.com/claude-auth/claude-auth/internal/tty"
	"github.com/claude-auth/claude-auth/internal/ui"
)

// terminal is the person at the controlling terminal, for recovery.
type terminal struct{ *ui.UI }

// endPatience is how long the client may take to end after SIGTERM.
const endPatience = 5 * time.Second

// SignIn implements recovery.Terminal. The client talks to the controlling terminal, so that standard input and
// output stay with the pipeline that they belong to. Without a terminal it has no input and prints to standard error.
func (t terminal) SignIn(ctx context.Context, command runner.Command) (runner.Status, error) {
	child := exec.CommandContext(ctx, command.Path, command.Args...)
	child.Env = command.Env
	child.Stdout, child.Stderr = os.Stderr, os.Stderr
	child.Cancel = func() error { return child.Process.Signal(syscall.SIGTERM) }
	child.WaitDelay = endPatience
	if terminal, err := tty.Open(); err == nil {
		defer terminal.Close()
		child.Stdin, child.Stdout, child.Stderr = terminal, terminal, terminal
		if state, err := term.GetState(int(terminal.Fd())); err == nil {
			defer func() { _ = term.Restore(int(terminal.Fd()), state) }() // a client that a signal ended did not
		}
	}
	if err := child.Run(); err != nil && !errors.As(err, new(*exec.ExitError)) {
		return runner.Status{}, fmt.Errorf("run %s: %w", command.Path, err)
	}
	return runner.StatusOf(unix.WaitStatus(child.ProcessState.Sys().(syscall.WaitStatus))), nil
}
