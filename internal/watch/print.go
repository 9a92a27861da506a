package watch

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/claude-auth/claude-auth/internal/recovery"
	"github.com/claude-auth/claude-auth/internal/runner"
)

// maxRepeats bounds how often one command is repeated: once after a sign-in, and once more where the first repeat met
// a login that somebody else had just replaced.
const maxRepeats = 2

// print runs a -p command. What it printed is let go, or, when that was a failure message and nothing else and the
// login could be repaired, dropped and the command repeated.
func (w *Watch) print(ctx context.Context) (runner.Status, error) {
	stdin := runner.NewStdin("")
	defer stdin.Close()
	args := w.Invocation.Args()
	for try := 0; ; try++ {
		refused, known, since := w.using(ctx)
		output := w.newOutput(stdin)
		result, err := runner.Pipe{Command: w.command(args), Filter: output, Stdin: stdin}.Run()
		if err != nil {
			return result.Status, err
		}
		failure, failed := output.failure()
		if !failed || ctx.Err() != nil {
			return result.Status, w.release(output)
		}
		failure.Refused, failure.Known, failure.Since, failure.Where, failure.Auto = refused, known, since, "print", w.Auto
		failure.Launch = w.launch()
		failure.Structure = failure.Structure || w.emptied(ctx, refused)
		outcome, err := w.Tool.Recover(ctx, failure)
		if err == nil && outcome.Repaired && output.held() && stdin.CanReplay() && try < maxRepeats {
			args = w.Invocation.Repeated(w.failedTurn(output.session(), since))
			continue
		}
		if releaseErr := w.release(output); releaseErr != nil {
			return result.Status, releaseErr
		}
		w.tell(outcome, err, output, try == maxRepeats)
		return result.Status, nil
	}
}

// release lets go what is still held back.
func (w *Watch) release(output output) error {
	if err := runner.WriteAll(os.Stdout, output.rest()); err != nil {
		return fmt.Errorf("write the client's output: %w", err)
	}
	return nil
}

// tell says why the command was not repeated.
func (w *Watch) tell(outcome recovery.Outcome, err error, output output, repeated bool) {
	switch {
	case errors.Is(err, recovery.ErrDeclined): // the person knows
	case err != nil:
		w.Fail(err)
	case outcome.Repaired && !output.held():
		w.Tool.Terminal.Notef("the login works again, but part of the answer was out already: run the command again")
	case outcome.Repaired && repeated:
		w.Tool.Terminal.Notef("the client was started again and still does not work with the saved login: 'claude-auth doctor' looks for the reason")
	case outcome.Repaired:
		w.Tool.Terminal.Notef("the login works again, but the input cannot be given to the client twice: run the command again")
	}
}
