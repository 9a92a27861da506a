package guard

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/claude-auth/claude-auth/internal/cache"
	"github.com/claude-auth/claude-auth/internal/credentials"
	"github.com/claude-auth/claude-auth/internal/diagnose"
	"github.com/claude-auth/claude-auth/internal/flock"
	"github.com/claude-auth/claude-auth/internal/ledger"
	"github.com/claude-auth/claude-auth/internal/lifecycle"
)

// Keep makes one renewal, in the keeper's process. report is called once, as soon as the result is known; Keep returns
// when the renewer has ended too. No signal but SIGKILL ends it meanwhile.
func (g *Guard) Keep(ctx context.Context, q Request, report func(Result)) {
	defer outliveSignals()()
	began := g.Now()
	limited, cancel := context.WithTimeout(ctx, longest)
	defer cancel()
	release, err := flock.Acquire(limited, g.Paths.RenewLock(), nil)
	if err != nil {
		report(g.notAlone(limited, q, err))
		return
	}
	defer release()
	login, result := g.ready(ctx, q, began)
	if result.Outcome != "" {
		report(result)
		return
	}
	hook := g.renew(ctx, q, login, report)
	release() // a hook may take long, or renew the login
	hook()
}

// outliveSignals keeps the signals that end a process from ending this one. A child gets their default action.
func outliveSignals() (restore func()) {
	ignored := make(chan os.Signal, 1) // nobody reads it
	signal.Notify(ignored, os.Interrupt, syscall.SIGQUIT, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGPIPE)
	return func() { signal.Stop(ignored) }
}

// ready returns the login to renew, or the result when there is nothing to renew or no way to.
func (g *Guard) ready(ctx context.Context, q Request, began time.Time) (*credentials.Login, Result) {
	g.awaitClient(ctx)
	snapshot, err := g.Store.Read(ctx)
	if err != nil {
		return nil, unreadable(err)
	}
	snapshot = g.rescue(ctx, snapshot)
	login := snapshot.Login()
	switch {
	case login != nil && q.met(login, g.identify(login), g.Now()):
		return nil, Result{Outcome: Renewed, ExpiresAt: login.ExpiresAt}
	case !q.wants(login, g.Now()):
		return nil, notDue(login)
	}
	_, _ = diagnose.NoteInterruption(g.Ledger, g.Paths, snapshot) // as with every other event
	id := g.observe(login)
	history, err := g.Ledger.Replay()
	if err != nil {
		history = ledger.NewReplay(nil) // it only saves attempts that are known to fail
	}
	if !q.Always {
		began = began.Add(-notAgain)
	}
	if !q.Always && history.IsRejected(id) && q.By != ByRun {
		return nil, rejected(causeRejectedBefore)
	}
	if result := g.storable(ctx); result.Outcome != "" { // also while a renewal is not tried again
		return nil, result
	}
	if cause, failed := history.RenewalFailed(g.Paths.Credentials, id, began); failed {
		return nil, noAnswer(login, cause)
	}
	if !q.Always && history.RenewerFailed(g.identity(), g.Now().Add(-trustAgain)) {
		return nil, unsupported(login, "")
	}
	return login, Result{}
}

// notAgain is how long a renewal that failed is not tried again unless a person asks for it: during an outage each
// command would wait for another one.
const notAgain = 30 * time.Second

// trustAgain is how long a client that did not renew as expected is not tried again. The note may have been wrong, on
// a machine that was very slow.
const trustAgain = 7 * 24 * time.Hour

// identify returns the fingerprints of a login.
func (g *Guard) identify(login *credentials.Login) ledger.LoginID {
	return g.Ledger.Identify(login.AccessToken, login.RefreshToken)
}

// identity names the client's file. A new version is another file.
func (g *Guard) identity() string {
	stamp := cache.StampOf(g.Client)
	return fmt.Sprintf("%s %d %d", g.Client, stamp.Size, stamp.Changed)
}

// renew runs the renewer for a login that is ready to be renewed. It returns the person's hook, to be run at the end.
func (g *Guard) renew(
	ctx context.Context, q Request, login *credentials.Login, report func(Result),
) (hook func()) {
	hook = func() {}
	id := g.identify(login)
	at, result := g.open(ctx, login)
	if result.Outcome != "" {
		report(result)
		return hook
	}
	defer at.close()
	defer g.clear(ctx, at, login)
	// An event that cannot be recorded must not stop a renewal.
	_ = g.record(ledger.Event{Kind: ledger.RenewalBegun, Login: id, Detail: map[string]string{"by": q.By}})
	r, err := at.startRenewer()
	if err != nil {
		report(g.failed(ctx, id, at.made, Result{Outcome: Failed, Cause: err.Error()}))
		return hook
	}
	defer r.end(Busy(at.Paths))
	seen := at.await(ctx, r, login)
	now := seen.login
	if seen.found == Renewed && at.private {
		if now, err = g.adopt(ctx, at, login); err != nil {
			report(g.failed(ctx, id, nil, notMoved(login, err)))
			return hook
		}
		at.adopted = true
		at.close() // the clients that wait may go on
	}
	switch {
	case seen.found == Renewed && now == nil:
		result = changed()
	case seen.found == Renewed:
		return g.renewed(q, now, report)
	case seen.found == Rejected, seen.found == NoAnswer && r.failure().Rejected():
		if !at.private {
			g.observe(now)
		}
		_ = g.undo(ctx, at.made) // the login is rejected, whatever its time says
		return g.noteRejected(q, id, report)
	case seen.found == Unsupported:
		result = g.notRenewing(login)
	case seen.found == Failed:
		result = Result{Outcome: Failed, Cause: causeEndedEarly}
	default:
		failure := r.failure()
		if failure.Lost {
			cut := ledger.Cut{At: g.Now(), By: causeNoAnswer}
			_, _ = g.Ledger.NoteCut(g.Paths.Credentials, id, cut) // an event that cannot be recorded changes nothing
		}
		result = noAnswer(login, cmp.Or(failure.Text, causeNoAnswer))
	}
	report(g.failed(ctx, id, at.made, result))
	return hook
}

// notRenewing is the result for a client that has not begun to renew. It is noted for this client, unless a credential
// in the settings explains it.
func (g *Guard) notRenewing(login *credentials.Login) Result {
	launch := diagnose.Launch{Dir: emptyDir(g.Paths)}
	if shadow := launch.Shadow(g.environment(), g.Paths); shadow != nil {
		return OverriddenBy(shadow)
	}
	_ = g.record(ledger.Event{Kind: ledger.RenewerFailed, Detail: map[string]string{"client": g.identity()}})
	return unsupported(login, causeUnsupported)
}

// renewed reports new tokens, and returns the person's hook.
func (g *Guard) renewed(q Request, login *credentials.Login, report func(Result)) (hook func()) {
	id := g.observe(login)
	report(Result{Outcome: Renewed, ExpiresAt: login.ExpiresAt})
	facts := map[string]string{
		lifecycle.FactBy:        q.By,
		lifecycle.FactExpiresAt: login.ExpiresAt.UTC().Format(time.RFC3339),
	}
	if ends := login.EndsAt(); !ends.IsZero() {
		facts[lifecycle.FactEndsAt] = ends.UTC().Format(time.RFC3339)
	}
	return g.hook(lifecycle.OnRenewed, id, facts)
}

// hook returns a run of the person's hook. Nobody is there who could read why it failed.
func (g *Guard) hook(name string, id ledger.LoginID, facts map[string]string) func() {
	return func() { _ = g.Hooks.Run(context.Background(), name, id, facts) }
}

// observe tells the ledger what is saved now.
func (g *Guard) observe(login *credentials.Login) ledger.LoginID {
	// An event that cannot be recorded must not stop a renewal.
	standing, _ := g.Ledger.Observe(diagnose.LoginObservation(g.Paths.Credentials, login))
	return standing.Login
}

// RejectedRule stands in the ledger for the rule of a detection: the guard itself has seen that a login was rejected.
const RejectedRule = "renewal"

// noteRejected reports and records that the service has rejected the login, and returns the person's hook for that.
func (g *Guard) noteRejected(q Request, id ledger.LoginID, report func(Result)) (hook func()) {
	_ = g.record(ledger.Event{Kind: ledger.Rejected, Login: id, Detail: map[string]string{
		"rule": RejectedRule, "phrase": phraseRejected, "where": q.By,
	}})
	first, _ := g.Ledger.NotifyOnce(lifecycle.OnRejected, g.Paths.Credentials, id)
	report(rejected(causeRejected))
	if !first {
		return func() {}
	}
	return g.hook(lifecycle.OnRejected, id, map[string]string{
		lifecycle.FactRule: RejectedRule, lifecycle.FactWhere: q.By,
	})
}

// failed puts the login back as it was, and records why it was not renewed.
func (g *Guard) failed(ctx context.Context, id ledger.LoginID, made *advance, result Result) Result {
	if err := g.undo(ctx, made); err != nil {
		result.Cause = causeNotUndone(result.Cause, err)
	} else if made != nil {
		result.ExpiresAt = made.end()
	}
	detail := map[string]string{"cause": result.Cause}
	_ = g.record(ledger.Event{Kind: ledger.RenewalFailed, Login: id, Detail: detail})
	return result
}

func (g *Guard) record(e ledger.Event) error {
	e.File = g.Paths.Credentials
	return g.Ledger.Append(e)
}
