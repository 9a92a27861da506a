package recovery

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"github.com/claude-auth/claude-auth/internal/credentials"
	"github.com/claude-auth/claude-auth/internal/diagnose"
	"github.com/claude-auth/claude-auth/internal/flock"
	"github.com/claude-auth/claude-auth/internal/guard"
	"github.com/claude-auth/claude-auth/internal/ledger"
	"github.com/claude-auth/claude-auth/internal/lifecycle"
	"github.com/claude-auth/claude-auth/internal/paths"
	"github.com/claude-auth/claude-auth/internal/ui"
)

// diagnosis is what is known about an incident at one moment.
type diagnosis struct {
	evidence diagnose.Evidence
	verdict  diagnose.Verdict
	history  *ledger.Replay // the ledger, read once
	modTime  time.Time      // of the credentials file
}

// diagnose gathers the evidence about an incident and decides.
func (r *Repairer) diagnose(ctx context.Context, in Incident) diagnosis {
	e := diagnose.Evidence{
		Seen: in.Seen, Phrase: in.Phrase, Confirmed: in.Confirmed, Used: in.Used, Known: in.Known,
		File: r.Paths.Credentials, Answered: in.Answered,
	}
	e.Obstacle = diagnose.AwaitObstacle(ctx, r.Paths, lockPatience)
	snapshot := r.Snapshot(ctx)
	e.StoreErr = snapshot.Err
	standing, state, history, err := r.History(snapshot)
	r.warnLedger("read the ledger", err)
	e.Login, e.State = standing.Login, state
	launch := in.Launch
	launch.Dir = r.Dir
	e.Shadow, e.Gateway = r.Shadow(launch), launch.Gateway(r.Env, r.Paths)
	e.Config = diagnose.FindBrokenConfig(r.Paths)
	if key := r.consoleKey(ctx); snapshot.Console.IsZero() && !key.Key.IsZero() {
		e.Spare = key.Place()
	}
	e.Clock = diagnose.Clock(snapshot.ModTime, r.Now())
	if standing.BornExact && snapshot.ModTime.Before(standing.Born) && !snapshot.ModTime.IsZero() {
		standing.Born = snapshot.ModTime // the ledger has noticed the sign-in late
	}
	if age, exact := standing.Age(r.Now()); exact {
		e.Age = age
		e.Relapsed = age < diagnose.RelapseWithin
	}
	if born := standing.Born; standing.BornExact && !in.Since.IsZero() {
		e.Newer = born.After(in.Since) && snapshot.ModTime.After(in.Since) // the ledger may have noticed the sign-in late
	}
	if age, died := r.diedAtOnce(history, standing.Login); died {
		e.Age, e.Relapsed = age, true
	}
	r.debugEvidence(e)
	verdict := diagnose.Decide(e)
	r.Debug.Believesf("%s: %s; what helps: %s", verdict.Cause, verdict.Message, verdict.Action)
	return diagnosis{e, verdict, history, snapshot.ModTime}
}

// debugEvidence logs the evidence on which a verdict is based.
func (r *Repairer) debugEvidence(e diagnose.Evidence) {
	r.Debug.Sawf("the failure: class %q, confirmed %t, words %q", e.Seen, e.Confirmed, e.Phrase)
	r.Debug.Sawf("the saved login: state %s, %s, age %s; the one that failed: %s", e.State, e.Login, e.Age, e.Used)
	if e.Shadow != nil {
		r.Debug.Sawf("the saved login is overridden by %s", e.Shadow)
	}
	if e.Obstacle.Cause != "" {
		r.Debug.Sawf("a new login could not be stored: %s", e.Obstacle.Cause)
	}
	if e.StoreErr != nil {
		r.Debug.Sawf("the saved login cannot be read: %v", e.StoreErr)
	}
}

// said is what the client said about the failure, or about an earlier one for which the login was rejected.
func (d diagnosis) said(in Incident) string {
	if in.Phrase != "" {
		return in.Phrase
	}
	rejection, _ := d.history.Rejection(cmp.Or(d.evidence.Login, in.Used))
	if rejection.Detail[detailRule] == guard.RejectedRule {
		return "" // the client has said nothing
	}
	return rejection.Detail[detailPhrase]
}

// Shadow is Launch.Shadow, and says of a token of `claude setup-token` how long it has been known.
func (r *Repairer) Shadow(launch diagnose.Launch) *diagnose.Shadow {
	shadow := launch.Shadow(r.Env, r.Paths)
	token := launch.TokenOf(shadow, r.Env, r.Paths)
	if token.IsZero() || r.Ledger == nil {
		return shadow
	}
	first, err := r.Ledger.TokenSeen(token)
	r.warnLedger("read the ledger", err)
	if !first.IsZero() {
		shadow.Age = r.Now().Sub(first)
	}
	return shadow
}

// Relapsed reports whether the saved login was rejected right after its sign-in, so another sign-in would not help.
func (r *Repairer) Relapsed(s credentials.Snapshot, state credentials.State) bool {
	if r.Ledger == nil || state != credentials.Rejected {
		return false
	}
	history, err := r.Ledger.Replay()
	if err != nil {
		return false
	}
	_, died := r.diedAtOnce(history, r.loginID(s))
	return died
}

// diedAtOnce reports whether the newest login of the file was rejected right after its sign-in, however long ago that
// was, and the age of the login. Signing in each time that a job meets such a login would never end. It reports false
// when current is another login.
func (r *Repairer) diedAtOnce(history *ledger.Replay, current ledger.LoginID) (age time.Duration, died bool) {
	life, ok := history.Current(r.Paths.Credentials)
	if !ok || life.SignedIn.IsZero() || current.Access != "" && current.Access != life.Login.Access {
		return 0, false
	}
	end := life.Ended
	if life.Rejection != nil && (end.IsZero() || life.Rejection.Time.Before(end)) {
		end = life.Rejection.Time
	}
	rejected := life.Rejection != nil || life.How == ledger.EndReject
	lived := end.Sub(life.SignedIn) // below zero where the ledger has noticed the sign-in late
	return r.Now().Sub(life.SignedIn), rejected && lived >= 0 && lived < diagnose.RelapseWithin
}

// lockPatience is how long recovery waits for a held lock: a client that renews its token holds the lock for one
// request to the service.
const lockPatience = 10 * time.Second

// loginID is Identify with the ledger of r, zero without one.
func (r *Repairer) loginID(s credentials.Snapshot) ledger.LoginID {
	if r.Ledger == nil {
		return ledger.LoginID{}
	}
	return Identify(r.Ledger, s)
}

// Identify returns the fingerprints of what the client uses: the saved login, or the key of a Console sign-in. It is
// zero when there is neither.
func Identify(l *ledger.Ledger, s credentials.Snapshot) ledger.LoginID {
	if !s.Console.IsZero() {
		return l.IdentifyKey(s.Console)
	}
	login := s.Login()
	if login == nil {
		return ledger.LoginID{}
	}
	return l.Identify(login.AccessToken, login.RefreshToken)
}

// Standing notes in the ledger which login is saved, and returns what the ledger knows about it and its state. It
// reports a ledger that cannot be read or written, and goes on.
func (r *Repairer) Standing(s credentials.Snapshot) (standing ledger.Standing, state credentials.State) {
	if s.Err == nil {
		var err error
		standing, err = r.Ledger.Observe(diagnose.Observation(r.Paths.Credentials, s))
		r.warnLedger("write the ledger", err)
	}
	return standing, r.state(s, standing)
}

// History is Standing for callers with further questions: it also looks for a renewal that was interrupted, and returns
// the ledger, which is empty when the error says that it could not be read.
func (r *Repairer) History(s credentials.Snapshot) (
	standing ledger.Standing, state credentials.State, history *ledger.Replay, err error,
) {
	if s.Err == nil {
		r.NoteInterruption(s) // before the ledger is read
		standing, history, err = r.Ledger.ObserveReplay(diagnose.Observation(r.Paths.Credentials, s))
	} else {
		history, err = r.Ledger.Replay()
	}
	if history == nil {
		return standing, r.state(s, standing), ledger.NewReplay(nil), err
	}
	r.warnLedger("write the ledger", err)
	return standing, r.state(s, standing), history, nil
}

// state returns the state of a login with that standing.
func (r *Repairer) state(s credentials.Snapshot, standing ledger.Standing) credentials.State {
	now := r.Now()
	age, _ := standing.Age(now)
	return s.State(now, credentials.History{Rejected: standing.Rejected, OldestDeath: standing.OldestDeath, Age: age})
}

// record adds an event to the ledger. It reports a ledger that cannot be written, and goes on.
func (r *Repairer) record(e ledger.Event) {
	e.File = r.Paths.Credentials
	r.warnLedger("write the ledger", r.Ledger.Append(e))
}

// recordRejection notes that the service rejected a login, and runs the user's hook for that once. It notes the same
// rejection again when KnownRejected would no longer believe it, but not for what an old transcript says.
func (r *Repairer) recordRejection(ctx context.Context, in Incident, d diagnosis) {
	causes := []diagnose.Cause{diagnose.RejectedLogin, diagnose.RejectedKey, diagnose.Scope, diagnose.Relapse}
	login := cmp.Or(in.Used, d.evidence.Login)
	rejected := slices.Contains(causes, d.verdict.Cause) || d.evidence.State == credentials.Blank
	if !in.Confirmed || !rejected || login.IsZero() {
		return
	}
	last, known := d.history.Rejection(login)
	if !known || in.Where != fromTranscript && !r.isFresh(last, d.modTime) {
		r.record(ledger.Event{Kind: ledger.Rejected, Login: login, Detail: map[string]string{
			detailRule: in.Rule, detailPhrase: in.Phrase, detailWhere: in.Where,
		}})
	}
	first, err := r.Ledger.NotifyOnce(lifecycle.OnRejected, r.Paths.Credentials, login)
	r.warnLedger("write the ledger", err)
	r.rejection = &rejection{login: login, rule: in.Rule, where: in.Where, untold: first}
	if !r.LinkFollows {
		r.TellRejected(ctx)
	}
}

// errInHook says that the process that signs in waits for the lifecycle hook that this one belongs to.
var errInHook = errors.New("this lifecycle hook belongs to a sign-in that is not over yet")

// inHook reports whether a lifecycle hook has started this process.
func (r *Repairer) inHook() bool { return r.Hooks.Env.Get(paths.EnvEvent) != "" }

// attemptMargin is how much longer than a sign-in an attempt may take: it diagnoses before, and restores afterwards.
const attemptMargin = 30 * time.Second

// lockAttempt waits until this process alone may sign in, at most as long as one attempt may take. Where no lock can be
// made it goes on without: the login is looked at again under the client's locks before it is removed.
func (r *Repairer) lockAttempt(ctx context.Context) (unlock func(), err error) {
	if _, held := flock.HeldBy(r.Paths.AttemptLock()); held && r.inHook() {
		return nil, errInHook
	}
	if err := r.waits(ErrSignInNeeded); err != nil {
		return nil, err
	}
	limited, cancel := context.WithTimeout(ctx, r.timeout()+attemptMargin)
	defer cancel()
	unlock, err = flock.Acquire(limited, r.Paths.AttemptLock(), func(h flock.Holder) {
		r.Terminal.Notef("waiting for another process that is signing in: %s; Ctrl-C ends the wait", h)
	})
	var held *flock.HeldError
	switch {
	case err == nil:
		return unlock, nil
	case ctx.Err() != nil:
		return nil, context.Cause(ctx)
	case !errors.As(err, &held):
		r.warnLedger("make the lock of the sign-in", err)
		return func() {}, nil
	}
	err = &refusal{"another sign-in is still running: " + held.Holder.String(), ErrLocked}
	return nil, ui.WithHint(err, held.Holder.Remedy())
}

// awaitAttempt waits for a recovery in another process. Between its removal of the login and its sign-in the file has
// no login, and nobody should be asked about that. Inside the client's tools it does not wait.
func (r *Repairer) awaitAttempt(ctx context.Context) error {
	if _, held := flock.HeldBy(r.Paths.AttemptLock()); !held || r.InsideClient() || r.inHook() {
		return nil
	}
	unlock, err := r.lockAttempt(ctx)
	if err != nil {
		return err
	}
	unlock()
	return nil
}

// autoPause is how long -p commands in mode auto do not try again after a failed sign-in: a loop over such commands
// would open one page in the browser after the other.
const autoPause = 10 * time.Minute

// causeDetail is the detail of a LoginFailed event that says why the sign-in failed.
const causeDetail = "cause"

// failedAttempt reports whether another process has tried to sign in since the failure was seen, and why that failed.
func (r *Repairer) failedAttempt(in Incident, d diagnosis) (why string, failed bool) {
	since := in.Since
	if in.Auto && in.Where == "print" {
		since = r.Now().Add(-autoPause)
	}
	event, ok := d.history.LastFailedSignIn(r.Paths.Credentials, d.evidence.Login)
	return event.Detail[causeDetail], ok && !since.IsZero() && event.Time.After(since)
}

// canOpenBrowser reports whether the client could open a browser here: it tries $BROWSER and then the desktop (2.1.165,
// 2.1.330).
func (r *Repairer) canOpenBrowser() bool {
	return diagnose.FindOpener(r.System, r.Env, r.Browser).Works()
}
