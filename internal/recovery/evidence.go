package recovery

import (
	"context"
	"runtime"
	"slices"
	"time"

	"github.com/claude-auth/claude-auth/internal/claude"
	"github.com/claude-auth/claude-auth/internal/credentials"
	"github.com/claude-auth/claude-auth/internal/diagnose"
	"github.com/claude-auth/claude-auth/internal/ledger"
)

// diagnose gathers the evidence on c and decides.
func (t *Tool) diagnose(ctx context.Context, c Case) (diagnose.Evidence, diagnose.Verdict) {
	e := diagnose.Evidence{
		Seen: c.Seen, Phrase: c.Phrase, Confirmed: c.Confirmed, Structure: c.Structure, Refused: c.Refused, Known: c.Known,
		File: t.Paths.Credentials,
	}
	e.Obstacle = t.obstacle(ctx)
	snapshot, err := t.Store.Read(ctx)
	if err != nil {
		snapshot.Err = err
	}
	e.StoreErr = snapshot.Err
	standing, state := t.Standing(snapshot)
	e.Login, e.State = standing.Login, state
	launch := c.Launch
	launch.Dir = t.Dir
	e.Shadow = launch.Shadow(t.Env, t.Paths)
	e.Clock = diagnose.Clock(snapshot.ModTime, t.Now())
	if login := snapshot.Login(); login != nil {
		e.Limited = len(login.Scopes) > 0 && !slices.Contains(login.Scopes, claude.InferenceScope)
	}
	if age, exact := standing.Age(t.Now()); exact {
		e.Age = age
		e.Relapsed = age < diagnose.RelapseWithin
	}
	if born := standing.Born; standing.BornExact && !c.Since.IsZero() {
		e.Newer = born.After(c.Since) && snapshot.ModTime.After(c.Since) // the sign-in may have been noticed late
	}
	if age, died := t.diedAtOnce(standing.Login); died {
		e.Age, e.Relapsed = age, true
	}
	return e, diagnose.Decide(e)
}

// diedAtOnce reports whether the newest login of the file was refused right after its sign-in, however long ago that
// is, and its age. A sign-in each time that a job meets it again would never end. When current is another login
// than that one it says nothing about it.
func (t *Tool) diedAtOnce(current ledger.LoginID) (age time.Duration, died bool) {
	book, err := t.Ledger.Book()
	if err != nil {
		return 0, false
	}
	life, ok := book.Current(t.Paths.Credentials)
	if !ok || life.SignedIn.IsZero() || current.Access != "" && current.Access != life.Login.Access {
		return 0, false
	}
	end := life.Ended
	if life.Rejection != nil && (end.IsZero() || life.Rejection.Time.Before(end)) {
		end = life.Rejection.Time
	}
	refused := life.Rejection != nil || life.How == ledger.EndRefuse
	return t.Now().Sub(life.SignedIn), refused && end.Sub(life.SignedIn) < diagnose.RelapseWithin
}

// lockPatience is how long a held lock is waited for before it counts as an obstacle: a client that renews its token
// holds its lock for one request to the service.
const lockPatience = 10 * time.Second

// obstacle asks what stands in the way of storing a login, and gives a lock that is held for the moment time to go.
func (t *Tool) obstacle(ctx context.Context) diagnose.Obstacle {
	limited, cancel := context.WithTimeout(ctx, lockPatience)
	defer cancel()
	return diagnose.AwaitObstacle(limited, t.Paths)
}

// loginID fingerprints the login in s; the zero LoginID is no login.
func (t *Tool) loginID(s credentials.Snapshot) ledger.LoginID {
	login := s.Login()
	if login == nil {
		return ledger.LoginID{}
	}
	return t.Ledger.Identify(login.AccessToken, login.RefreshToken)
}

// standing notes in the ledger what stands in s, and returns what the ledger knows about it.
func (t *Tool) standing(s credentials.Snapshot) ledger.Standing {
	if s.Err != nil {
		return ledger.Standing{}
	}
	standing, err := t.Ledger.Observe(observation(t.Paths.Credentials, s.Login()))
	t.ignore("write the ledger", err)
	return standing
}

// Standing notes in the ledger what stands in s, and returns what the ledger knows about it and the state that follows.
func (t *Tool) Standing(s credentials.Snapshot) (ledger.Standing, credentials.State) {
	standing := t.standing(s)
	return standing, s.State(t.Now(), history(standing, t.Now()))
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

// history is what the state of a login depends on besides the login itself.
func history(s ledger.Standing, now time.Time) credentials.History {
	age, _ := s.Age(now)
	return credentials.History{Rejected: s.Rejected, OldestDeath: s.OldestDeath, Age: age}
}

// record adds to the ledger. That it cannot be written is told and stops nothing.
func (t *Tool) record(e ledger.Event) {
	e.File = t.Paths.Credentials
	t.ignore("write the ledger", t.Ledger.Append(e))
}

// recordRejection notes that the service refused a login, once, and runs the hook that tells people about it.
func (t *Tool) recordRejection(ctx context.Context, c Case, e diagnose.Evidence, v diagnose.Verdict) {
	refused := v.Cause == diagnose.DeadLogin || v.Cause == diagnose.Scope || v.Cause == diagnose.Relapse || e.State == credentials.Blank
	if !c.Confirmed || !refused {
		return
	}
	login := c.Refused
	if login.IsZero() {
		login = e.Login
	}
	if login.IsZero() {
		return
	}
	if book, err := t.Ledger.Book(); err == nil && !book.IsRejected(login) {
		t.record(ledger.Event{Kind: ledger.Rejected, Login: login, Detail: map[string]string{
			"rule": c.Rule, "phrase": c.Phrase, "where": c.Where,
		}})
	}
	first, err := t.Ledger.NotifyOnce("on-rejected", t.Paths.Credentials, login)
	t.ignore("write the ledger", err)
	if first {
		t.lifecycle(ctx, "on-rejected", login, fact{"CLAUDE_AUTH_RULE", c.Rule}, fact{"CLAUDE_AUTH_WHERE", c.Where})
	}
}

// lockAttempt waits until this process is the one that may sign in.
func (t *Tool) lockAttempt(ctx context.Context) (unlock func(), err error) {
	attempt, err := ledger.AttemptLock(ctx, t.Paths.AttemptLock(), func() {
		t.Terminal.Notef("another process is signing in; waiting for it")
	})
	if err != nil {
		return nil, err
	}
	return attempt.Release, nil
}

// awaitAttempt waits for a recovery that is under way in another process: between its wipe and its sign-in the file looks
// as if nobody had signed in, and nobody should be asked about that. Inside the client's tools nothing is waited for.
func (t *Tool) awaitAttempt(ctx context.Context) error {
	if _, held := ledger.AttemptHolder(t.Paths.AttemptLock()); !held || t.InsideClient() {
		return nil
	}
	unlock, err := t.lockAttempt(ctx)
	if err != nil {
		return err
	}
	unlock()
	return nil
}

// autoPause is for how long a failed sign-in keeps -p commands that nobody is asked about from trying again: a loop over
// them would open one page in the browser after the other.
const autoPause = 10 * time.Minute

// attemptsFrom is the time from which on a failed sign-in for the login of c counts: since the failure was seen, by then
// somebody else has tried.
func (t *Tool) attemptsFrom(c Case) time.Time {
	if c.Auto && c.Where == "print" {
		return t.Now().Add(-autoPause)
	}
	return c.Since
}

// failedSince reports a sign-in for this login that failed after since, and why.
func (t *Tool) failedSince(id ledger.LoginID, since time.Time) (why string, failed bool) {
	book, err := t.Ledger.Book()
	if err != nil || since.IsZero() {
		return "", false
	}
	for _, event := range slices.Backward(book.Events()) {
		if event.Kind != ledger.LoginFailed || event.File != t.Paths.Credentials || event.Login != id {
			continue
		}
		return event.Detail[causeDetail], event.Time.After(since)
	}
	return "", false
}

// causeDetail names the detail of a LoginFailed event that says why.
const causeDetail = "cause"

// canOpenBrowser reports whether the client could open a browser here: it asks $BROWSER first and the desktop then
// (2.1.165, 2.1.330).
func (t *Tool) canOpenBrowser() bool {
	for _, name := range []string{"BROWSER", "DISPLAY", "WAYLAND_DISPLAY", "WSL_DISTRO_NAME"} {
		if t.Env.Get(name) != "" {
			return true
		}
	}
	return runtime.GOOS == "darwin" && t.Env.Get("SSH_CONNECTION") == ""
}
