package watch

import (
	"context"
	"errors"
	"fmt"
	"os"
	"syscall"

	"github.com/claude-auth/claude-auth/internal/claude"
	"github.com/claude-auth/claude-auth/internal/fdio"
	"github.com/claude-auth/claude-auth/internal/recovery"
	"github.com/claude-auth/claude-auth/internal/runner"
)

// maxRepeats bounds how often one command is repeated: once after a sign-in, and once more where another process
// replaced the login during the first repeat.
const maxRepeats = 2

// print runs a -p command. When its output was a failure message and nothing else, and the login could be repaired, it
// drops the output and repeats the command. Otherwise it passes the output on.
func (w *Watch) print(ctx context.Context) (runner.Status, error) {
	stdin := runner.NewStdin()
	defer stdin.Close()
	args := w.Invocation.Args
	w.waitFirst(ctx)
	for try := 0; ; try++ {
		since := w.Repairer.Now()
		used, known := w.login(ctx)
		output := w.newOutput(stdin)
		status, err := runner.Pipe{Command: w.command(args), Filter: output, Stdin: stdin}.Run()
		if err != nil {
			return status, err
		}
		failure, failed := output.failure()
		if !failed {
			failure, failed = w.unfamiliar(output, since)
		}
		if !failed || ctx.Err() != nil {
			return status, output.flush()
		}
		failure.Used, failure.Known, failure.Since = used, known, since
		failure.Where, failure.Auto, failure.Launch = "print", w.Auto, w.launch()
		outcome, err := w.Repairer.Recover(ctx, failure)
		repeatable := !output.released && stdin.CanReplay() && try < maxRepeats
		needed := errors.Is(err, recovery.ErrSignInNeeded) && !errors.Is(err, recovery.ErrDeclined)
		if repeatable && needed && w.Wait > 0 {
			w.Fail(err)
			err = w.Repairer.AwaitSignIn(ctx, used, w.Wait)
			outcome.Repaired = err == nil
		}
		if repeatable && err == nil && outcome.Repaired {
			args = w.Invocation.Repeated(w.failedTurn(output.Result().SessionID, since))
			continue
		}
		if flushErr := output.flush(); flushErr != nil {
			return status, flushErr
		}
		w.tell(outcome, err, output, try > 0)
		return status, nil
	}
}

// waitFirst waits for a sign-in before a stream is started, where the saved login is known to be rejected: a stream
// cannot be repeated.
func (w *Watch) waitFirst(ctx context.Context) {
	if w.Wait <= 0 || w.Invocation.Format != claude.FormatStreamJSON || !w.Repairer.SignInNeeded(ctx, w.launch(), w.Auto) {
		return
	}
	used, _ := w.login(ctx)
	if err := w.Repairer.AwaitSignIn(ctx, used, w.Wait); err != nil {
		w.Fail(err) // the client runs into the rejected login and says so
	}
}

// flush writes what is still held back. A reader that has closed its pipe gets no error: the client has ended, and
// its status stays.
func (o *output) flush() error {
	if err := fdio.WriteAll(os.Stdout, o.rest()); err != nil && !errors.Is(err, syscall.EPIPE) {
		return fmt.Errorf("write the client's output: %w", err)
	}
	return nil
}

// tell says why the command was not repeated.
func (w *Watch) tell(outcome recovery.Outcome, err error, output *output, repeated bool) {
	switch {
	case errors.Is(err, recovery.ErrDeclined): // the person knows
	case err != nil:
		w.Fail(err)
	case outcome.Repaired && output.released:
		w.Repairer.Terminal.Notef("the login works again, but part of the answer was out already: " +
			"run the command again")
	case outcome.Repaired && repeated:
		w.Repairer.Terminal.Notef("the client was started again and still does not work with the saved login: " +
			"'claude-auth doctor' looks for the reason")
	case outcome.Repaired:
		w.Repairer.Terminal.Notef("the login works again, but the input cannot be given to the client twice: " +
			"run the command again")
	}
}
