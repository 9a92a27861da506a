package cmd

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"syscall"
	"time"

	"golang.org/x/term"

	"github.com/claude-auth/claude-auth/internal/runner"
	"github.com/claude-auth/claude-auth/internal/tty"
	"github.com/claude-auth/claude-auth/internal/ui"
)

// terminal is the person at the controlling terminal, for recovery.
type terminal struct {
	ui *ui.UI
}

func (t terminal) CanAsk() bool { return ui.CanAsk() }

func (t terminal) Ask(ctx context.Context, question string) (bool, error) {
	return t.ui.Ask(ctx, question)
}

func (t terminal) Notef(format string, args ...any) { t.ui.Notef(format, args...) }

// endPatience is how long the client may take to end after it was asked to.
const endPatience = 5 * time.Second

// SignIn implements recovery.Terminal: the client talks to the controlling terminal, so that standard input and output
// stay with the pipeline they belong to. Without one it has no input, and its words go to standard error.
func (t terminal) SignIn(ctx context.Context, command runner.Command) (runner.Status, error) {
	child := exec.CommandContext(ctx, command.Path, command.Args...)
	child.Env, child.Dir = command.Env, command.Dir
	child.Stdout, child.Stderr = os.Stderr, os.Stderr
	child.Cancel = func() error { return child.Process.Signal(syscall.SIGTERM) }
	child.WaitDelay = endPatience
	if terminal, err := tty.Open(); err == nil {
		defer terminal.Close()
		child.Stdin, child.Stdout, child.Stderr = terminal, terminal, terminal
		if state, err := term.GetState(int(terminal.Fd())); err == nil {
			defer func() { _ = term.Restore(int(terminal.Fd()), state) }() // a client that was ended leaves it as it had it
		}
	}
	err := child.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		return runner.Status{}, fmt.Errorf("run %s: %w", command.Path, err)
	}
	return statusOf(child.ProcessState), nil
}

func statusOf(state *os.ProcessState) runner.Status {
	wait, ok := state.Sys().(syscall.WaitStatus)
	if ok && wait.Signaled() {
		return runner.Status{Code: 128 + int(wait.Signal()), Signal: wait.Signal()}
	}
	return runner.Status{Code: state.ExitCode()}
}
