package guard

import (
	"fmt"
	"time"

	"github.com/claude-auth/claude-auth/internal/diagnose"
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
		Outcome: Overridden, Cause: fmt.Sprintf("%s overrides it", shadow), Hint: shadow.Remedy(),
	}
}

// Fine reports whether the login needs no more renewal now.
func (r Result) Fine() bool { return r.Outcome == Renewed || r.Outcome == NotDue }
