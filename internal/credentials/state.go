package credentials

import (
	"slices"
	"time"

	"github.com/claude-auth/claude-auth/internal/claude"
	"github.com/claude-auth/claude-auth/internal/ui"
)

// State is the state of the saved login in one word.
type State string

// The states.
const (
	OK         State = "ok"         // access token valid, refresh token present
	Renewable  State = "renewable"  // access token past its time; the client renews it by itself
	Expiring   State = "expiring"   // the login itself ends soon, or has reached the age at which one was rejected before
	Console    State = "console"    // no claude.ai login; the client uses the key of a Console sign-in
	Rejected   State = "rejected"   // the service has rejected this login since it was stored
	Blank      State = "blank"      // the client has emptied the tokens
	Expired    State = "expired"    // access token past its time and nothing to renew it with
	Limited    State = "limited"    // not for talking to the model: the client passes it over
	Absent     State = "absent"     // no login saved
	Corrupt    State = "corrupt"    // not JSON, not an object, or a key twice on the way to the login
	Unreadable State = "unreadable" // permission, or a locked keychain
)

// States lists them all.
func States() []State {
	return []State{OK, Renewable, Expiring, Console, Rejected, Blank, Expired, Limited, Absent, Corrupt, Unreadable}
}

// Usable reports whether the client can work with a login in this state.
func (s State) Usable() bool { return s == OK || s == Renewable || s == Expiring || s == Console }

// ExpiringSoon is how long before its end a login is in the state Expiring.
const ExpiringSoon = 3 * 24 * time.Hour

// History is what the ledger knows about a login.
type History struct {
	Rejected    bool          // this login was rejected
	OldestDeath time.Duration // the oldest age at which a login of this user was rejected; 0 when none was
	Age         time.Duration // of this login; 0 when not known
}

// Evaluate returns the state of login, which is nil when there is none.
func Evaluate(login *Login, now time.Time, h History) State {
	switch {
	case login == nil:
		return Absent
	case login.Duplicate != nil:
		return Corrupt
	case login.AccessToken.IsZero(): // without it the client is not logged in, whatever else there is (2.1.165, 2.1.330)
		return Blank
	case !login.ForModel():
		return Limited
	case h.Rejected:
		return Rejected
	case login.accessPast(now) && !login.Renewable(now):
		return Expired
	case login.endsSoon(now) || h.OldestDeath > 0 && h.Age > h.OldestDeath:
		return Expiring
	case login.accessPast(now):
		return Renewable
	}
	return OK
}

// Sentence is State.Sentence for what the client uses: the saved login, or the key of a Console sign-in.
func (s Snapshot) Sentence(state State, now time.Time) string {
	if state == Rejected && !s.Console.IsZero() {
		return "Anthropic has rejected the API key of your Console sign-in"
	}
	return state.Sentence(s.Login(), now)
}

func (l *Login) accessPast(now time.Time) bool {
	return !l.ExpiresAt.IsZero() && !now.Before(l.ExpiresAt)
}

// Renewable reports whether there is a refresh token that has not reached its own end. A refresh never moves that end
// (2.1.330, read).
func (l *Login) Renewable(now time.Time) bool {
	return !l.RefreshToken.IsZero() && (l.RefreshTokenExpiresAt.IsZero() || now.Before(l.RefreshTokenExpiresAt))
}

// ForModel reports whether the client uses the login for talking to the model. It passes over one whose scopes are
// missing or lack claude.InferenceScope, and says "Not logged in" (2.1.165, 2.1.330, 2.1.332).
func (l *Login) ForModel() bool { return slices.Contains(l.Scopes, claude.InferenceScope) }

// EndsAt is the time from which the login can't be renewed: the end of the refresh token, or of the access token when
// there is no refresh token. It is zero when no end is known.
func (l *Login) EndsAt() time.Time {
	if l.RefreshToken.IsZero() {
		return l.ExpiresAt
	}
	return l.RefreshTokenExpiresAt
}

func (l *Login) endsSoon(now time.Time) bool {
	end := l.EndsAt()
	return !end.IsZero() && now.Add(ExpiringSoon).After(end)
}

// Sentence describes the state in one sentence for people, without a full stop. The login may be nil.
func (s State) Sentence(login *Login, now time.Time) string {
	if login == nil {
		login = &Login{}
	}
	switch s {
	case OK:
		return "the login works"
	case Renewable:
		return "the access token has expired; Claude Code renews it at the next command"
	case Expiring:
		if login.endsSoon(now) {
			if end := login.EndsAt(); end.After(now) {
				return "the login ends in " + ui.Roughly(end.Sub(now))
			}
			return "the login has reached its end and cannot be renewed again"
		}
		return "an earlier login of yours was rejected at this age"
	case Console:
		return "signed in with a Console account; Claude Code uses its API key"
	case Rejected:
		return "Anthropic has rejected this login"
	case Blank:
		if login.LoginEnded == "time_limit" {
			return "the login reached its time limit, and Claude Code has emptied it"
		}
		return "Claude Code has emptied the login, because it could not be renewed"
	case Expired:
		if login.RefreshToken.IsZero() {
			return "the access token has expired, and there is no refresh token to renew it"
		}
		return "the login has reached its end and cannot be renewed"
	case Limited:
		if len(login.Scopes) == 0 {
			return "Claude Code does not use the saved login: it has no scopes"
		}
		return "Claude Code does not use the saved login: it lacks the scope " + claude.InferenceScope
	case Absent:
		return "no login is saved"
	case Corrupt:
		return "the credentials file is not valid"
	}
	return "the credentials cannot be read"
}
