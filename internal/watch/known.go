package watch

import (
	"context"
	"errors"
	"syscall"
	"time"

	"github.com/claude-auth/claude-auth/internal/claude"
	"github.com/claude-auth/claude-auth/internal/credentials"
	"github.com/claude-auth/claude-auth/internal/diagnose"
	"github.com/claude-auth/claude-auth/internal/guard"
	"github.com/claude-auth/claude-auth/internal/ledger"
	"github.com/claude-auth/claude-auth/internal/recovery"
	"github.com/claude-auth/claude-auth/internal/runner"
	"github.com/claude-auth/claude-auth/internal/transcript"
	"github.com/claude-auth/claude-auth/internal/ui"
)

// settled is what was settled about a login before the client started with it.
type settled struct {
	login ledger.LoginID // zero where there was none
	cause diagnose.Cause // what the person was told that a sign-in cannot fix; "" after a no
}

// prepare sees to the saved login before the client starts: it has a login repaired that is known to be dead, and
// renews one that the client would have to renew. It returns the login with which the client starts. over says that the
// client is not to be started; status and err are then those of Run.
func (w *Watch) prepare(ctx context.Context) (saved recovery.Saved, status runner.Status, over bool, err error) {
	w.Repairer.Guard(w.Client).Rescue(ctx, nil)
	w.Repairer.FinishCutOff(ctx)
	snapshot := w.Repairer.Snapshot(ctx)
	w.before(ctx, snapshot)
	saved, err = w.settleKnown(ctx, w.Repairer.SavedIn(snapshot))
	if err != nil {
		return saved, w.notStarted(ctx, err), true, nil
	}
	if !w.mustRenew(saved) {
		w.debug().Decidedf("no renewal before the start: it is not due, or is switched off")
		return saved, status, false, nil
	}
	w.debug().Decidedf("renewing the login before the start")
	if status, over, err = w.renewFirst(ctx); over {
		return saved, status, true, err
	}
	saved = w.Repairer.Saved(ctx)
	if w.settled != nil && !saved.State.Usable() { // the client may have emptied the tokens
		w.settled.login = saved.Login
		return saved, status, false, nil
	}
	if saved, err = w.settleKnown(ctx, saved); err != nil {
		return saved, w.notStarted(ctx, err), true, nil
	}
	return saved, status, false, nil
}

// mustRenew reports whether the client would have to renew the login. One that uses another credential renews it all
// the same (2.1.165), unless it is dead.
func (w *Watch) mustRenew(saved recovery.Saved) bool {
	due := guard.Due(saved.Snapshot.Login(), w.Repairer.Now(), guard.DueWithin) && !w.Unguarded
	return due && (saved.State != credentials.Rejected || !w.Repairer.DoesWithout(w.launch()))
}

// settleKnown keeps the client from finding out again what is known: that the saved login is rejected, emptied or gone.
// 2.1.104 tries such a login for three minutes before it says so, and a session fails only at its first message. The
// login is repaired as it is after a failure. settleKnown returns the login that is saved then, and an error where the
// client is not to start.
//
// The client starts all the same after a no, and where a sign-in cannot help: this program cannot do better. It does
// not start after a sign-in that failed, a session neither: who has agreed to sign in wants a client that works, and
// the same command asks again. A conversation starts in any case: the program at its other end can tell a person what
// the client says of the login, and not what this program says.
func (w *Watch) settleKnown(ctx context.Context, saved recovery.Saved) (recovery.Saved, error) {
	if saved.State.Usable() || w.Invocation.Kind == Plain && !w.Invocation.startsBackground() {
		return saved, nil
	}
	dead := w.Repairer.KnownRejected(saved, w.launch())
	if !dead && !w.mustWait(saved) {
		return saved, nil
	}
	incident := recovery.Incident{
		Used: saved.Login, Known: saved.Known(), Launch: w.launch(), Auto: w.Auto, Before: true, Since: w.Repairer.Now(),
	}
	incident.Owner = w.Repairer.OwnerOf(saved.Snapshot)
	if w.Invocation.Kind == Print {
		incident.Where = "print"
	}
	outcome, err := w.repairOrWait(ctx, incident, w.Invocation.Kind == Print)
	switch {
	case err == nil:
		if err := w.mayStart(ctx, outcome); err != nil {
			return saved, err
		}
		return w.Repairer.Saved(ctx), nil
	case errors.Is(err, recovery.ErrDeclined):
		w.settled = &settled{login: saved.Login}
		return saved, nil
	case errors.Is(err, recovery.ErrNoHelp):
		w.settled = &settled{saved.Login, outcome.Verdict.Cause}
	case ctx.Err() != nil:
		return saved, err
	case w.Invocation.Converses():
		w.settled = &settled{login: saved.Login}
	case dead && !errors.Is(err, recovery.ErrLocked):
		return saved, err
	}
	w.Fail(err)
	return saved, nil
}

// mustWait reports whether a command waits for a sign-in although only the client could tell whether the login is dead:
// a stream cannot be repeated after a failure.
func (w *Watch) mustWait(saved recovery.Saved) bool {
	return w.Wait > 0 && w.Invocation.Kind == Print && w.Invocation.Format == claude.FormatStreamJSON &&
		w.Repairer.NeedsSignIn(saved, w.launch(), w.Auto)
}

// repairOrWait repairs the login. Where a sign-in cannot be made from here and mayWait is true, it waits as long as
// --wait says for one in another terminal.
func (w *Watch) repairOrWait(
	ctx context.Context, incident recovery.Incident, mayWait bool,
) (recovery.Outcome, error) {
	detaches := mayWait && w.Wait > 0 && w.Detach != nil && !w.Repairer.CanSignIn(w.Auto)
	w.Repairer.LinkFollows = detaches
	outcome, err := w.Repairer.Recover(ctx, incident)
	needed := errors.Is(err, recovery.ErrSignInNeeded) && !errors.Is(err, recovery.ErrDeclined)
	wait := mayWait && needed && w.Wait > 0
	switch {
	case wait && detaches:
		w.Fail(errors.New(err.Error())) // without its hint: the link follows
	case wait:
		w.Fail(err)
	}
	if detaches {
		w.detach(ctx, wait)
	}
	if wait {
		err = w.Repairer.AwaitSignIn(ctx, incident.Used, w.Wait)
		if outcome.Repaired = err == nil; outcome.Repaired {
			outcome.Other = w.Repairer.SayOther(ctx, incident.Owner)
		}
	}
	return outcome, err
}

// detach begins a sign-in in two steps, if one is needed. The user's hook is told of the rejection by that one, with
// its link, and by this process where there is none.
func (w *Watch) detach(ctx context.Context, needed bool) {
	told := false
	if needed {
		var err error
		if told, err = w.Detach(); err != nil {
			w.Fail(err) // a person can still sign in on a terminal
		}
	}
	if !told {
		w.Repairer.TellRejected(ctx)
	}
}

// hasSettled reports whether nothing is left to ask or to tell about this login in this run.
func (w *Watch) hasSettled(login ledger.LoginID) bool {
	return w.settled != nil && w.settled.login == login
}

// hasTold reports whether the person was told before the start what the verdict says.
func (w *Watch) hasTold(v diagnose.Verdict) bool {
	return w.settled != nil && w.settled.cause != "" && w.settled.cause == v.Cause
}

// notStarted says why the client was not started, and returns the status of the command: that of a client which failed,
// or which was interrupted.
func (w *Watch) notStarted(ctx context.Context, err error) runner.Status {
	if errors.As(err, new(*recovery.Cancelled)) {
		w.Fail(err)
		return runner.Status{Code: 128 + int(syscall.SIGINT)}
	}
	if ctx.Err() == nil {
		w.Fail(err)
		return runner.Status{Code: claude.FailedStatus}
	}
	return w.cancelled(err)
}

// cancelled says what has become of a repair that the person has interrupted, and returns the status of the command.
func (w *Watch) cancelled(err error) runner.Status {
	if ui.HintOf(err) == "" { // otherwise the old login could not be restored
		w.Say(sayCancelled)
	} else {
		w.Fail(err)
	}
	return runner.Status{Code: 128 + int(syscall.SIGINT)}
}

// noteAnswer records that the service accepts a login that is on record as rejected, when the model has answered since
// the time since: in the session id or, without an id, in any session of this directory. Otherwise each command would
// ask about that login again.
func (w *Watch) noteAnswer(ctx context.Context, used recovery.Saved, id string, since time.Time) {
	if used.State != credentials.Rejected {
		return
	}
	since = since.Truncate(time.Millisecond) // the precision of transcripts
	sessions, err := w.sessions(id, since)
	if err != nil {
		return // the next command asks
	}
	for _, session := range sessions {
		answered, err := transcript.LastAnswer(session.Path, since)
		if err == nil && !answered.IsZero() && w.Repairer.Saved(ctx).Login == used.Login {
			w.Repairer.Accept(used.Login, w.launch())
			return
		}
	}
}
