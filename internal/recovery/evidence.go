package recovery

import (
	"cmp"
	"context"
	"runtime"
	"slices"
	"time"

	"github.com/claude-auth/claude-auth/internal/claude"
	"github.com/claude-auth/claude-auth/internal/credentials"
	"github.com/claude-auth/claude-auth/internal/diagnose"
	"github.com/claude-auth/claude-auth/internal/ledger"
)

// diagnosis is what was found out about an incident at one moment.
type diagnosis struct {
	evidence diagnose.Evidence
	verdict  diagnose.Verdict
	history  *ledger.Replay // the ledger, read once for all questions
}

// diagnose gathers the evidence on an incident and decides.
func (r *Repairer) diagnose(ctx context.Context, in Incident) diagnosis {
	e := diagnose.Evidence{
		Seen: in.Seen, Phrase: in.Phrase, Confirmed: in.Confirmed, Structure: in.Structure, Refused: in.Refused,
		Known: in.Known, File: r.Paths.Credentials,
	}
	e.Obstacle = r.obstacle(ctx)
	snapshot, err := r.Store.Read(ctx)
	if err != nil {
		snapshot.Err = err
	}
	e.StoreErr = snapshot.Err
	standing, state, history, err := r.History(snapshot)
	r.warn("look at the ledger", err)
	e.Login, e.State = standing.Login, state
	launch := in.Launch
	launch.Dir = r.Dir
	e.Shadow = launch.Shadow(r.Env, r.Paths)
	e.Clock = diagnose.Clock(snapshot.ModTime, r.Now())
	if login := snapshot.Login(); login != nil {
		e.Limited = len(login.Scopes) > 0 && !slices.Contains(login.Scopes, claude.InferenceScope)
	}
	if age, exact := standing.Age(r.Now()); exact {
		e.Age = age
		e.Relapsed = age < diagnose.RelapseWithin
	}
	if born := standing.Born; standing.BornExact && !in.Since.IsZero() {
		e.Newer = born.After(in.Since) && snapshot.ModTime.After(in.Since) // the sign-in may have been noticed late
	}
	if age, died := r.diedAtOnce(history, standing.Login); died {
		e.Age, e.Relapsed = age, true
	}
	return diagnosis{e, diagnose.Decide(e), history}
}

// diedAtOnce reports whether the newest login of the file was rejected right after its sign-in, however long ago that
// is, and its age. A sign-in each time that a job meets it again would never end. When current is another login
// than that one it says nothing about it.
func (r *Repairer) diedAtOnce(history *ledger.Replay, current ledger.LoginID) (age time.Duration, died bool) {
	life, ok := history.Current(r.Paths.Credentials)
	if !ok || life.SignedIn.IsZero() || current.Access != "" && current.Access != life.Login.Access {
		return 0, false
	}
	end := life.Ended
	if life.Rejection != nil && (end.IsZero() || life.Rejection.Time.Before(end)) {
		end = life.Rejection.Time
	}
	rejected := life.Rejection != nil || life.How == ledger.EndRefuse
	return r.Now().Sub(life.SignedIn), rejected && end.Sub(life.SignedIn) < diagnose.RelapseWithin
}

// lockPatience is how long a held lock is waited for before it counts as an obstacle: a client that renews its token
// holds its lock for one request to the service.
const lockPatience = 10 * time.Second

// obstacle asks what keeps a login from being stored, and gives a lock that is held for the moment time to go.
func (r *Repairer) obstacle(ctx context.Context) diagnose.Obstacle {
	limited, cancel := context.WithTimeout(ctx, lockPatience)
	defer cancel()
	return diagnose.AwaitObstacle(limited, r.Paths)
}

// loginID fingerprints the login in s; the zero LoginID is no login.
func (r *Repairer) loginID(s credentials.Snapshot) ledger.LoginID {
	login := s.Login()
	if login == nil {
		return ledger.LoginID{}
	}
	return r.Ledger.Identify(login.AccessToken, login.RefreshToken)
}

// Standing notes in the ledger what is saved, and returns what the ledger knows about it and the state that follows.
// That the ledger cannot be read or written is told and stops nothing.
func (r *Repairer) Standing(s credentials.Snapshot) (standing ledger.Standing, state credentials.State) {
	if s.Err == nil {
		var err error
		standing, err = r.Ledger.Observe(observation(r.Paths.Credentials, s.Login()))
		r.warn("write the ledger", err)
	}
	return standing, r.state(s, standing)
}

// History is Standing for what has more to ask: it also returns the ledger, which is empty when the error says that it
// could not be read.
func (r *Repairer) History(s credentials.Snapshot) (
	standing ledger.Standing, state credentials.State, history *ledger.Replay, err error,
) {
	if s.Err == nil {
		standing, history, err = r.Ledger.ObserveReplay(observation(r.Paths.Credentials, s.Login()))
	} else {
		history, err = r.Ledger.Replay()
	}
	if history == nil {
		return standing, r.state(s, standing), ledger.NewReplay(nil), err
	}
	r.warn("write the ledger", err)
	return standing, r.state(s, standing), history, nil
}

// observation is what the ledger is told about the login in file; nil is none.
func observation(file string, login *credentials.Login) ledger.Observation {
	if login == nil {
		return ledger.Observation{File: file}
	}
	return ledger.Observation{
		File: file, Access: login.AccessToken, Refresh: login.RefreshToken,
		RefreshExpiresAt: login.RefreshTokenExpiresAt, Emptied: login.RefreshEmptied,
	}
}

// state is the state of a login with that standing.
func (r *Repairer) state(s credentials.Snapshot, standing ledger.Standing) credentials.State {
	now := r.Now()
	age, _ := standing.Age(now)
	return s.State(now, credentials.History{Rejected: standing.Rejected, OldestDeath: standing.OldestDeath, Age: age})
}

// record adds to the ledger. That it cannot be written is told and stops nothing.
func (r *Repairer) record(e ledger.Event) {
	e.File = r.Paths.Credentials
	r.warn("write the ledger", r.Ledger.Append(e))
}

// recordRejection notes that the service rejected a login, once, and runs the hook that tells people about it.
func (r *Repairer) recordRejection(ctx context.Context, in Incident, d diagnosis) {
	causes := []diagnose.Cause{diagnose.DeadLogin, diagnose.Scope, diagnose.Relapse}
	login := cmp.Or(in.Refused, d.evidence.Login)
	rejected := slices.Contains(causes, d.verdict.Cause) || d.evidence.State == credentials.Blank
	if !in.Confirmed || !rejected || login.IsZero() {
		return
	}
	if !d.history.IsRejected(login) {
		r.record(ledger.Event{Kind: ledger.Rejected, Login: login, Detail: map[string]string{
			"rule": in.Rule, "phrase": in.Phrase, "where": in.Where,
		}})
	}
	first, err := r.Ledger.NotifyOnce("on-rejected", r.Paths.Credentials, login)
	r.warn("write the ledger", err)
	if first {
		r.lifecycle(ctx, "on-rejected", login,
			fact{"CLAUDE_AUTH_RULE", in.Rule}, fact{"CLAUDE_AUTH_WHERE", in.Where})
	}
}

// lockAttempt waits until this process is the one that may sign in.
func (r *Repairer) lockAttempt(ctx context.Context) (unlock func(), err error) {
	return ledger.AttemptLock(ctx, r.Paths.AttemptLock(), func() {
		r.Terminal.Notef("another process is signing in; waiting for it")
	})
}

// awaitAttempt waits for a recovery that is under way in another process: between its wipe and its sign-in the file
// looks as if nobody had signed in, and nobody should be asked about that. Inside the client's tools nothing is waited
// for.
func (r *Repairer) awaitAttempt(ctx context.Context) error {
	if _, held := ledger.AttemptHolder(r.Paths.AttemptLock()); !held || r.InsideClient() {
		return nil
	}
	unlock, err := r.lockAttempt(ctx)
	if err != nil {
		return err
	}
	unlock()
	return nil
}

// autoPause is for how long a failed sign-in keeps -p commands that nobody is asked about from trying again: a loop
// over them would open one page in the browser after the other.
const autoPause = 10 * time.Minute

// attemptsFrom is the time from which on a failed sign-in for the rejected login counts: since the failure was seen, by
// then another process has tried.
func (r *Repairer) attemptsFrom(in Incident) time.Time {
	if in.Auto && in.Where == "print" {
		return r.Now().Add(-autoPause)
	}
	return in.Since
}

// failedSince reports a sign-in for this login that failed after since, and why.
func (r *Repairer) failedSince(history *ledger.Replay, id ledger.LoginID, since time.Time) (why string, failed bool) {
	event, ok := history.LastFailedSignIn(r.Paths.Credentials, id)
	return event.Detail[causeDetail], ok && !since.IsZero() && event.Time.After(since)
}

// causeDetail names the detail of a LoginFailed event that says why.
const causeDetail = "cause"

// canOpenBrowser reports whether the client could open a browser here: it asks $BROWSER first and the desktop then
// (2.1.165, 2.1.330).
func (r *Repairer) canOpenBrowser() bool {
	for _, name := range []string{"BROWSER", "DISPLAY", "WAYLAND_DISPLAY", "WSL_DISTRO_NAME"} {
		if r.Env.Get(name) != "" {
			return true
		}
	}
	return runtime.GOOS == "darwin" && r.Env.Get("SSH_CONNECTION") == ""
}
