package watch

import (
	"context"
	"os"
	"syscall"
	"time"

	"github.com/claude-auth/claude-auth/internal/claude"
	"github.com/claude-auth/claude-auth/internal/guard"
	"github.com/claude-auth/claude-auth/internal/runner"
	"github.com/claude-auth/claude-auth/internal/tty"
	"github.com/claude-auth/claude-auth/internal/ui"
)

// noticeAfter is how long a person waits for a renewal before they are told about it.
const noticeAfter = time.Second

// renewFirst renews a login that is due, before the client starts. over says that the client is not to be started: err
// says why, or a signal has ended the wait, and status is what it makes of this process.
func (w *Watch) renewFirst(ctx context.Context) (status runner.Status, over bool, err error) {
	result, status, ended := w.awaitRenewal(ctx)
	w.debug().Sawf("the renewal ended: %s %s", result.Outcome, result.Cause)
	switch {
	case ended:
		return status, true, nil
	case result.Outcome == guard.NotStorable, result.Outcome == guard.Locked:
		return w.notStorable(ctx, result)
	case result.Outcome == guard.Unsupported && result.Cause != "":
		w.note(noteUnguarded(result.Cause))
	}
	return runner.Status{}, false, nil
}

// awaitRenewal waits for a renewal, or for a signal that ends the command. It does not wait for a guard that fails: the
// client then goes on as it would without one.
func (w *Watch) awaitRenewal(ctx context.Context) (result guard.Result, status runner.Status, ended bool) {
	caught, stop := runner.Catch()
	defer stop()
	waiting, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	done := make(chan guard.Result, 1)
	go func() { // ends with the renewal, or at cancel
		result, err := w.Repairer.Guard(w.Client).Renew(waiting, renewal(guard.ByRun))
		if err != nil {
			result = guard.Result{Outcome: guard.Failed, Cause: err.Error()}
		}
		done <- result
	}()
	notice := time.NewTimer(noticeAfter)
	defer notice.Stop()
	for {
		select {
		case result := <-done:
			return result, runner.Status{}, false
		case sig := <-caught:
			return guard.Result{}, w.endedBy(sig.(syscall.Signal)), true
		case <-notice.C:
			if tty.IsTerminal(os.Stderr) {
				w.note(noteRenewing)
			}
		}
	}
}

// endedBy is what the client would have made of the signal.
func (w *Watch) endedBy(sig syscall.Signal) runner.Status {
	if sig == syscall.SIGINT && w.Invocation.Kind == Print {
		return runner.Status{Code: claude.InterruptedStatus}
	}
	return runner.Status{Code: 128 + int(sig), Signal: sig}
}

func renewal(by string) guard.Request { return guard.Request{By: by, Within: guard.DueWithin} }

// notStorable does not start the client, which would lose the login, unless the person says so.
func (w *Watch) notStorable(ctx context.Context, result guard.Result) (status runner.Status, over bool, err error) {
	r := w.Repairer
	if r.InsideClient() || !r.Terminal.CanAsk() {
		return runner.Status{}, true, &unsafeStart{result, true}
	}
	w.Fail(&unsafeStart{result, false})
	yes, err := r.Terminal.Ask(ctx, ui.Question{Text: askLosing})
	if err != nil {
		return w.notStarted(ctx, err), true, nil
	}
	if !yes {
		return runner.Status{}, true, &unsafeStart{}
	}
	return runner.Status{}, false, nil
}

// unsafeStart says that a renewal is due and could not be stored. The zero unsafeStart prints nothing: the person has
// been told.
type unsafeStart struct {
	result  guard.Result
	refused bool // the client was not started
}

func (e *unsafeStart) Error() string {
	switch {
	case e.result.Cause == "":
		return ""
	case e.refused:
		return sayNotStarted(e.result.Cause)
	}
	return sayNotStorable(e.result.Cause)
}

// Hint says what helps.
func (e *unsafeStart) Hint() string {
	if !e.refused {
		return e.result.Hint
	}
	return hintStartAnyway(e.result.Hint)
}

// Unwrap makes it an error of the guard.
func (e *unsafeStart) Unwrap() error {
	return &guard.ResultError{Result: guard.Result{Outcome: guard.NotStorable}}
}
