package watch

import (
	"context"
	"errors"
	"os"
	"syscall"

	"github.com/claude-auth/claude-auth/internal/fdio"
	"github.com/claude-auth/claude-auth/internal/guard"
	"github.com/claude-auth/claude-auth/internal/recovery"
	"github.com/claude-auth/claude-auth/internal/runner"
)

// maxRepeats bounds how often one command is repeated: once after a sign-in, and once more where another process
// replaced the login during the first repeat.
const maxRepeats = 2

// print runs a -p command with the login used. When its output was a failure message and nothing else, and the login
// could be repaired, it drops the output and repeats the command. Otherwise it passes the output on.
func (w *Watch) print(ctx context.Context, used recovery.Saved) (runner.Status, error) {
	stdin := runner.NewStdin()
	defer stdin.Close()
	args := w.Invocation.Args
	for try := 0; ; try++ {
		since := w.Repairer.Now()
		if try > 0 {
			used = w.Repairer.Saved(ctx)
		}
		owner := w.Repairer.OwnerOf(used.Snapshot)
		output := w.newOutput(stdin)
		ending := w.watchEnding(ctx)
		status, err := runner.Pipe{
			Command: w.watched(args), Filter: output, Stdin: stdin, Busy: guard.Busy(w.Repairer.Paths),
		}.Run()
		ending.end(ctx)
		if err != nil && !errors.As(err, new(*fdio.OutputError)) {
			if try == 0 {
				return status, w.unwatched(args, err)
			}
			return status, err
		}
		output.lost = err
		failure, failed := output.failure()
		if !failed {
			failure, failed = w.unfamiliar(output, since)
		}
		w.debug().Sawf("the client ended: %v; a failure of the login in its output: %t; part of it was shown already: %t",
			status, failed, output.released)
		if !failed || ctx.Err() != nil {
			w.noteAnswer(ctx, used, output.Result().SessionID, since)
			return status, output.flush(ctx)
		}
		failure.Used, failure.Known, failure.Since = used.Login, used.Known(), since
		failure.Where, failure.Auto, failure.Launch = "print", w.Auto, w.launch()
		failure.Settled = w.hasSettled(used.Login)
		failure.Owner = owner
		repeatable := !output.released && stdin.CanReplay() && try < maxRepeats
		outcome, err := w.repairOrWait(ctx, failure, repeatable)
		repaired := repeatable && err == nil && outcome.Repaired
		w.debug().Decidedf("repeating the command: %t (it can be repeated: %t, the login was repaired: %t)",
			repaired, repeatable, outcome.Repaired)
		if repaired && w.mayRepeat(ctx, outcome) {
			args = w.repeated(output.Result().SessionID, since)
			continue
		}
		flushErr := output.flush(ctx)
		switch {
		case err != nil && ctx.Err() != nil:
			return w.cancelled(err), flushErr
		case !repaired:
			w.tell(outcome, err, output, try > 0)
		}
		return status, flushErr
	}
}

// flush writes what is still held back, and returns an error when a part of the output is lost. It returns none when
// the reader has closed its pipe: the client has ended, and its status stays. Nor does it when this program was asked
// to end and nobody reads.
func (o *output) flush(ctx context.Context) error {
	rest := o.rest()
	err := fdio.Patiently(ctx.Done(), func() error { return fdio.WriteAll(os.Stdout, rest) })
	if err != nil && !errors.Is(err, syscall.EPIPE) && !errors.Is(err, fdio.ErrUnread) && o.lost == nil {
		return &fdio.OutputError{Whose: "the client's output", Err: err}
	}
	return o.lost
}

// tell says why the command was not repeated.
func (w *Watch) tell(outcome recovery.Outcome, err error, output *output, repeated bool) {
	switch {
	case errors.Is(err, recovery.ErrDeclined), err != nil && w.hasTold(outcome.Verdict): // the person knows
	case err != nil:
		w.Fail(err)
	case outcome.Repaired && output.released:
		w.note(notePartOut)
	case outcome.Repaired && repeated:
		w.note(noteStillFails)
	case outcome.Repaired:
		if lost := output.stdin.Lost(); lost != nil {
			w.note(noteInputLost(lost))
			return
		}
		w.note(noteInputGone)
	}
}
