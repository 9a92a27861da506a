package guard

import (
	"context"
	"errors"
	"time"

	"github.com/claude-auth/claude-auth/internal/credentials"
	"github.com/claude-auth/claude-auth/internal/diagnose"
	"github.com/claude-auth/claude-auth/internal/flock"
)

// Outcome says in one word how a renewal ended.
type Outcome string

// The outcomes.
const (
	NotDue      Outcome = "not-due"      // the access token lives long enough; nothing was sent
	Renewed     Outcome = "renewed"      // new tokens are stored
	Rejected    Outcome = "rejected"     // the service rejected the refresh token: a sign-in is needed
	NotStorable Outcome = "not-storable" // new tokens could not be stored, so nothing was sent
	Overridden  Outcome = "overridden"   // the client uses another credential
	Locked      Outcome = "locked"       // another process keeps a lock; nothing was sent
	NoAnswer    Outcome = "no-answer"    // the service did not renew it; the login is as it was
	Unsupported Outcome = "unsupported"  // this client does not renew as the guard expects
	Failed      Outcome = "failed"       // the guard itself failed
)

// Result is how a renewal ended.
type Result struct {
	Outcome   Outcome   `json:"outcome"`
	Cause     string    `json:"cause,omitempty"`     // one sentence for people, without a full stop
	Hint      string    `json:"hint,omitempty"`      // what helps
	ExpiresAt time.Time `json:"expires_at,omitzero"` // the end of the access token now; zero when not known
}

// OverriddenBy is the result where the client uses another credential.
func OverriddenBy(shadow *diagnose.Shadow) Result {
	return Result{
		Outcome: Overridden, Cause: causeOverridden(shadow), Hint: shadow.Remedy(),
	}
}

// Fine reports whether the login needs no more renewal now.
func (r Result) Fine() bool { return r.Outcome == Renewed || r.Outcome == NotDue }

// notAlone is the result when the lock of the renewals could not be taken. A keeper that hangs may have spent the
// refresh token: a client that renewed now would lose the login. Without a state directory there is no such lock, and
// the client renews by itself, unless it could not store what it gets.
func (g *Guard) notAlone(ctx context.Context, q Request, err error) Result {
	var held *flock.HeldError
	if !errors.As(err, &held) {
		if snapshot, err := g.Store.Read(ctx); err == nil && q.wants(snapshot.Login(), g.Now()) {
			if result := g.storable(ctx); result.Outcome != "" {
				return result
			}
		}
		return Result{Outcome: Failed, Cause: err.Error()}
	}
	return Result{
		Outcome: Locked, Cause: causeBusy(held.Holder), Hint: held.Holder.Remedy(),
	}
}

// unreadable is the result when the saved login cannot be read.
func unreadable(err error) Result {
	return Result{Outcome: Failed, Cause: causeUnreadable(err)}
}

// changed is the result when the login to renew is not the saved one any more.
func changed() Result {
	return Result{Outcome: Failed, Cause: causeChanged}
}

// notDue is the result for a login that lives long enough, or for none.
func notDue(login *credentials.Login) Result {
	r := Result{Outcome: NotDue}
	if login != nil {
		r.ExpiresAt = login.ExpiresAt
	}
	return r
}

// unsupported is the result for a client that does not renew as the guard expects. The cause is "" where that is known
// already, and need not be said again.
func unsupported(login *credentials.Login, cause string) Result {
	return Result{Outcome: Unsupported, ExpiresAt: login.ExpiresAt, Cause: cause}
}

// noAnswer is the result when the service has not renewed the login.
func noAnswer(login *credentials.Login, cause string) Result {
	return Result{
		Outcome: NoAnswer, ExpiresAt: login.ExpiresAt, Cause: cause,
		Hint: hintLater,
	}
}

// notMoved is the result when the new tokens are stored, but not in the credentials file. The next keeper tries again.
func notMoved(login *credentials.Login, err error) Result {
	return Result{
		Outcome: NotStorable, ExpiresAt: login.ExpiresAt,
		Cause: causeNotMoved(err),
		Hint:  hintFixAndOnce,
	}
}

// rejected is the result for a login that the service rejects.
func rejected(cause string) Result {
	return Result{Outcome: Rejected, Cause: cause, Hint: hintSignIn}
}

// storeFailed is the result of an edit before the renewal that failed.
func storeFailed(err error) Result {
	if errors.As(err, new(*credentials.LockedError)) {
		return Result{Outcome: Locked, Cause: err.Error(), Hint: hintSoon}
	}
	return Result{Outcome: NotStorable, Cause: err.Error(), Hint: hintFindCause}
}
