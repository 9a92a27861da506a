package cmd

import (
	"context"
	"errors"
	"os"
	"os/signal"
	"syscall"

	"github.com/claude-auth/claude-auth/internal/recovery"
	"github.com/claude-auth/claude-auth/internal/ui"
)

// endSignals are the signals that ask the program to end.
var endSignals = []os.Signal{os.Interrupt, syscall.SIGTERM, syscall.SIGHUP}

// context returns a context that a signal ends. A signal that was ignored when the program started (nohup, or the
// background of a script) stays ignored, for this program and for the client: Notify would undo that.
//
// A signal ends a command that only reads at once, since it leaves nothing half done: an event in the ledger is
// whole, or the next one cuts it off. So it starts without the thread in which Go waits for signals.
func (c command) context() (context.Context, context.CancelFunc) {
	if c.readsOnly {
		return context.Background(), func() {}
	}
	ctx, cancel := context.WithCancelCause(context.Background())
	caught := make(chan os.Signal, 1)
	for _, sig := range endSignals {
		if !signal.Ignored(sig) {
			signal.Notify(caught, sig)
		}
	}
	go func() { // ends with the context
		select {
		case sig := <-caught:
			cancel(signalled(sig.(syscall.Signal)))
		case <-ctx.Done():
		}
	}()
	return ctx, func() {
		signal.Stop(caught)
		cancel(context.Canceled)
	}
}

// signalled is why the context of a command has ended: a signal.
type signalled syscall.Signal

func (s signalled) Error() string { return syscall.Signal(s).String() }

// Is makes a signal count as the end of a context.
func (s signalled) Is(target error) bool { return target == context.Canceled }

// interrupted is the error of a command that a signal has ended. A person who presses Ctrl-C knows why it ends: the
// program says what has become of the login.
type interrupted struct {
	signal syscall.Signal
	err    error
}

func (i interrupted) Error() string { return i.err.Error() }
func (i interrupted) Unwrap() error { return i.err }

// status is the exit status of a program that the signal ends, as the shell has it.
func (i interrupted) status() int { return 128 + int(i.signal) }

// afterSignal returns err as an interrupted one where a signal has ended ctx and the command because of that.
func afterSignal(ctx context.Context, err error) error {
	var sig signalled
	if errors.Is(err, context.Canceled) && errors.As(context.Cause(ctx), &sig) {
		return interrupted{syscall.Signal(sig), err}
	}
	return err
}

// cancelled is the error of a command that was cancelled, with its own words for what that has changed.
type cancelled string

func (c cancelled) Error() string        { return string(c) }
func (c cancelled) Is(target error) bool { return target == context.Canceled }

// fail shows the error with which the program ends.
func (p *program) fail(err error) {
	var own cancelled
	var signIn *recovery.Cancelled
	switch {
	case errors.As(err, &signIn):
		p.ui.Say(signIn.Message())
	case !errors.As(err, new(interrupted)):
		p.ui.Fail(err)
	case errors.As(err, &own):
		p.ui.Cancelled(string(own))
	case ui.HintOf(err) == "":
		p.ui.Cancelled("Cancelled. Nothing was changed.")
	default:
		p.ui.Fail(err)
	}
}
