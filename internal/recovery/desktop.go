package recovery

import (
	"cmp"
	"context"
	"sync"
	"time"

	"github.com/claude-auth/claude-auth/internal/diagnose"
	"github.com/claude-auth/claude-auth/internal/flock"
	"github.com/claude-auth/claude-auth/internal/ledger"
)

// Desktop shows notifications (package notify).
type Desktop interface {
	// Available reports whether a notification can be shown from here.
	Available() bool
	// Show shows one, or returns why it did not.
	Show(ctx context.Context, title, text string) error
}

// onDesktop is the ledger's word for a notification on the desktop.
const onDesktop = "desktop"

// What a notification says besides the fact.
const (
	tellRecover = "To sign in again, run in a terminal: claude-auth recover"
	tellAnswer  = "Claude Code waits for your answer in its terminal."
)

// desktopPatience bounds how long this process waits while another one shows its notification.
const desktopPatience = 10 * time.Second

// tellDesktop says on the desktop, once for each login, that it has stopped working. A notification that could not be
// shown does not count: the next process tries it.
func (r *Repairer) tellDesktop(ctx context.Context, login ledger.LoginID, fact, text string) {
	if r.Desktop == nil || login.IsZero() || !r.Desktop.Available() {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, desktopPatience)
	defer cancel()
	release, err := flock.Acquire(ctx, r.Paths.NotifyLock(), nil)
	if err != nil {
		r.Debug.Decidedf("no desktop notification: %v", err)
		return
	}
	defer release()
	// 2.1.165 empties the refresh token of a rejected login, which is still the same login.
	key, file := ledger.LoginID{Access: login.Access}, r.Paths.Credentials
	history, err := r.Ledger.Replay()
	if err != nil || history.HasNotified(onDesktop, file, key) {
		r.Debug.Decidedf("no desktop notification: there was one for this login, or the ledger cannot be read (%v)", err)
		return
	}
	if err := r.Desktop.Show(ctx, fact, text); err != nil {
		r.Debug.Sawf("the desktop notification failed: %v", err)
		return
	}
	r.Debug.Decidedf("showed a desktop notification: %s", fact)
	_, err = r.Ledger.NotifyOnce(onDesktop, file, key)
	r.warnLedger("write the ledger", err)
}

// TellWaiting says on the desktop, once for each login, that a session waits for an answer about its login. It does
// not wait for the notification: telling does. The notification ends with ctx, or after desktopPatience.
func (r *Repairer) TellWaiting(ctx context.Context, telling *sync.WaitGroup, login ledger.LoginID, fact string) {
	own := *r // r goes on with the answer
	telling.Go(func() { own.tellDesktop(ctx, login, fact, tellAnswer) })
}

// NoteFailure takes in a failure that the client itself has reported, where nobody can be asked and nothing is
// repaired: it notes in the ledger what Recover would, runs the person's hook, and tells the person on the desktop
// where a sign-in helps. in needs no Used. A login that was saved after in.Since is not the one that failed.
func (r *Repairer) NoteFailure(ctx context.Context, in Incident) diagnose.Verdict {
	saved := r.Saved(ctx)
	in.Confirmed, in.Known, in.Used = true, saved.Known(), saved.Login
	if history, err := r.Ledger.Replay(); err == nil && in.Used.IsZero() {
		life, _ := history.Current(r.Paths.Credentials) // the client has emptied the tokens
		in.Used = life.Login
	}
	d := r.diagnose(ctx, in)
	r.recordRejection(ctx, in, d)
	if _, done, _ := withoutSignIn(d.verdict); !done {
		r.tellDead(ctx, in, d)
	}
	return d.verdict
}

// TellKnown tells the person on the desktop of a login that is known to be dead, where they have not been told yet.
func (r *Repairer) TellKnown(ctx context.Context, launch diagnose.Launch) {
	in := Incident{Launch: launch}
	d := r.diagnose(ctx, in)
	if _, done, _ := withoutSignIn(d.verdict); !done {
		r.tellDead(ctx, in, d)
	}
}

// tellDead says on the desktop that a login is dead, and how to repair it. While a sign-in is under way it says
// nothing: the login may be missing only until that has ended.
func (r *Repairer) tellDead(ctx context.Context, in Incident, d diagnosis) {
	if _, held := flock.HeldBy(r.Paths.AttemptLock()); held || r.waits(ErrSignInNeeded) != nil {
		r.Debug.Decidedf("no desktop notification: a sign-in is under way")
		return
	}
	fact := diagnose.FactOf(d.verdict, d.evidence, d.said(in)).Line
	r.tellDesktop(ctx, cmp.Or(r.about(in, d), in.Used), fact, tellRecover)
}
