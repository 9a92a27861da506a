package recovery

import (
	"context"
	"runtime"
	"time"

	"github.com/claude-auth/claude-auth/internal/credentials"
	"github.com/claude-auth/claude-auth/internal/diagnose"
	"github.com/claude-auth/claude-auth/internal/ledger"
)

// diagnose gathers the evidence on c and decides.
func (t *Tool) diagnose(ctx context.Context, c Case) (diagnose.Evidence, diagnose.Verdict) {
	e := diagnose.Evidence{
		Seen: c.Seen, Phrase: c.Phrase, Confirmed: c.Confirmed, Structure: c.Structure, Refused: c.Refused,
		File: t.Paths.Credentials,
	}
	e.Trouble, e.Remedy = t.trouble(ctx)
	snapshot, err := t.Store.Read(ctx)
	if err != nil {
		snapshot.Err = err
	}
	e.StoreErr = snapshot.Err
	standing, state := t.Standing(snapshot)
	e.Login, e.State = standing.Login, state
	e.Shadow = diagnose.FindShadow(t.Env, t.Paths, t.Dir)
	if age, exact := standing.Age(t.Now()); exact {
		e.Age = age
		e.Relapsed = age < diagnose.RelapseWithin
	}
	return e, diagnose.Decide(e)
}

// lockPatience is how long a held lock is waited for before it counts as an obstacle: a client that renews its token
// holds its lock for one request to the service.
const lockPatience = 10 * time.Second

// trouble asks what stands in the way of storing a login, and gives a lock that is held for the moment time to go.
func (t *Tool) trouble(ctx context.Context) (cause, remedy string) {
	limited, cancel := context.WithTimeout(ctx, lockPatience)
	defer cancel()
	diagnose.AwaitLocks(limited, t.Paths)
	return diagnose.Trouble(t.Paths)
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

// failedSince reports a sign-in for this login that failed after since, and why.
func (t *Tool) failedSince(id ledger.LoginID, since time.Time) (why string, failed bool) {
	book, err := t.Ledger.Book()
	if err != nil || since.IsZero() {
		return "", false
	}
	event := book.About(t.Paths.Credentials, id).LoginFailed
	if !event.Time.After(since) {
		return "", false
	}
	return event.Detail[causeDetail], true
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
