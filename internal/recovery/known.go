package recovery

import (
	"context"
	"time"

	"github.com/claude-auth/claude-auth/internal/credentials"
	"github.com/claude-auth/claude-auth/internal/diagnose"
	"github.com/claude-auth/claude-auth/internal/ledger"
)

// Saved is the login that a client is about to use.
type Saved struct {
	Snapshot credentials.Snapshot
	Login    ledger.LoginID // zero when there is none
	State    credentials.State
}

// Saved reads the saved login, and observes it in the ledger.
func (r *Repairer) Saved(ctx context.Context) Saved { return r.SavedIn(r.Snapshot(ctx)) }

// Snapshot reads the credentials. It has the error when they cannot be read.
func (r *Repairer) Snapshot(ctx context.Context) credentials.Snapshot {
	snapshot, err := r.Store.Read(ctx)
	if err != nil {
		snapshot.Err = err
	}
	return snapshot
}

// consoleKey finds the key of a Console sign-in, used or not.
func (r *Repairer) consoleKey(ctx context.Context) credentials.SavedKey {
	return credentials.FindConsoleKey(ctx, r.Store, r.Paths.GlobalConfig)
}

// SavedIn observes the login in the snapshot in the ledger.
func (r *Repairer) SavedIn(snapshot credentials.Snapshot) Saved {
	standing, state := r.Standing(snapshot)
	return Saved{snapshot, standing.Login, state}
}

// Known reports whether Login is the login that the client meets: the store could be read.
func (s Saved) Known() bool { return s.Snapshot.Err == nil }

// KnownRejected reports whether a client that starts now would only find out again what is known: that the saved login
// is rejected, emptied or gone. For a usable login it reads nothing.
//
// A rejection can be an outage in disguise: the service answers both with the same status (docs/client-notes.md). A
// person can be asked about that. Without a person only a fresh rejection counts, so that a job does not fail for ever
// because of one bad hour. Later the client is started, and shows whether the service still rejects the login.
func (r *Repairer) KnownRejected(s Saved, launch diagnose.Launch) bool {
	login, dead := s.Snapshot.Login(), false
	emptied := login != nil && login.RefreshEmptied // nil with the key of a Console sign-in
	switch s.State {
	case credentials.Blank:
		dead = true
	case credentials.Expired:
		dead = emptied // by the client, once the service has rejected the refresh token (2.1.165)
	case credentials.Rejected:
		dead = r.canAsk() || emptied || r.isFreshlyRejected(s)
	case credentials.Absent:
		dead = r.isGone()
	}
	return dead && !r.DoesWithout(launch)
}

// NeedsSignIn reports whether the saved login is unusable, the client would use it, and a sign-in cannot be made from
// here.
func (r *Repairer) NeedsSignIn(s Saved, launch diagnose.Launch, auto bool) bool {
	return !s.State.Usable() && !r.canSignIn(auto) && !r.DoesWithout(launch)
}

// DoesWithout reports whether a client with this launch uses another credential than the saved login.
func (r *Repairer) DoesWithout(launch diagnose.Launch) bool {
	launch.Dir = r.Dir
	return launch.Shadow(r.Env, r.Paths) != nil
}

// isGone reports whether the file has had a login. A home that never had one is for the client's own first sign-in.
func (r *Repairer) isGone() bool {
	history, err := r.Ledger.Replay()
	if err != nil {
		return false
	}
	_, had := history.Current(r.Paths.Credentials)
	return had
}

// freshFor is how long a rejection is believed without asking the service again.
const freshFor = 10 * time.Minute

// isFreshlyRejected reports whether the login that is saved was rejected, and that is still believed.
func (r *Repairer) isFreshlyRejected(s Saved) bool {
	history, err := r.Ledger.Replay()
	if err != nil {
		return false
	}
	rejection, rejected := history.Rejection(s.Login)
	return rejected && r.isFresh(rejection, s.Snapshot.ModTime)
}

// isFresh reports whether a rejection is still believed: it is new, and the file, written at modTime, has not changed
// since.
func (r *Repairer) isFresh(rejection ledger.Event, modTime time.Time) bool {
	changed := modTime.Truncate(time.Millisecond).After(rejection.Time) // the ledger's precision
	return !changed && r.Now().Sub(rejection.Time).Abs() < freshFor
}

// Accept records that the service accepts a login that it had rejected, so that was an outage: it has answered a client
// that was started with this launch while the login was saved. Where the client used another credential, Accept records
// nothing.
func (r *Repairer) Accept(login ledger.LoginID, launch diagnose.Launch) {
	if !r.DoesWithout(launch) {
		r.record(ledger.Event{Kind: ledger.Accepted, Login: login})
	}
}
