package credentials

import (
	"slices"
	"strings"
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
	Rejected   State = "rejected"   // Anthropic has rejected this login since it was stored
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

// Describe is State.Describe for what the client uses: the saved login, or the key of a Console sign-in.
func (s Snapshot) Describe(state State, now time.Time, worked bool) string {
	if state == Rejected && !s.Console.IsZero() {
		return "the API key of your Console sign-in was rejected by Anthropic"
	}
	return state.Describe(s.Login(), now, worked)
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
	switch s {
	case Absent:
		return "no login is saved"
	case Console:
		return "Claude Code uses the API key of your Console sign-in"
	}
	return "the saved login " + s.predicate(login, now, false)
}

// Describe says the same beside the word "login". The login may be nil. worked says that Claude Code has had an answer
// with these tokens; otherwise only the file says that they are valid.
func (s State) Describe(login *Login, now time.Time, worked bool) string {
	if s == Absent {
		return "none is saved"
	}
	text := s.predicate(login, now, worked)
	return strings.TrimPrefix(strings.TrimPrefix(text, "is "), "was ")
}

// predicate goes on after "the saved login".
func (s State) predicate(login *Login, now time.Time, worked bool) string {
	if login == nil {
		login = &Login{}
	}
	switch s {
	case OK:
		return login.describeGood(now, worked)
	case Renewable:
		return "renews itself when Claude Code next runs"
	case Expiring:
		return login.describeEnding(now)
	case Console:
		return "is the API key of your Console sign-in"
	case Rejected:
		return "was rejected by Anthropic"
	case Blank:
		if login.LoginEnded == "time_limit" {
			return "reached its time limit, and Claude Code emptied it"
		}
		return "was emptied by Claude Code, because it could not be renewed"
	case Expired:
		if login.RefreshToken.IsZero() {
			return "has expired and cannot be renewed: it has no refresh token"
		}
		return "has ended and cannot be renewed"
	case Limited:
		if len(login.Scopes) == 0 {
			return "is not used by Claude Code: it has no scopes"
		}
		return "is not used by Claude Code: it lacks the scope " + claude.InferenceScope
	case Corrupt:
		return "cannot be read: the file is damaged"
	}
	return "cannot be read"
}

// describeGood describes a login in the state OK.
func (l *Login) describeGood(now time.Time, worked bool) string {
	text := "is valid"
	if worked {
		text = "works"
	}
	until := Until(l.ExpiresAt, now)
	switch {
	case until == "": // the client never renews it
		return text + "; when it ends is unknown"
	case l.RefreshToken.IsZero():
		return text + " until " + until + ", and cannot be renewed"
	}
	text += " until " + until + ", then renews itself"
	if end := Until(l.RefreshTokenExpiresAt, now); end != "" {
		text += " until " + end
	}
	return text
}

// describeEnding describes a login in the state Expiring.
func (l *Login) describeEnding(now time.Time) string {
	end := l.EndsAt()
	switch {
	case !l.endsSoon(now):
		return "may stop working soon: it is older than logins that were rejected here"
	case end.After(now):
		return "ends in " + ui.Roughly(end.Sub(now)) + ", on " + end.Local().Format("2006-01-02 15:04")
	}
	text := "can no longer be renewed"
	if until := Until(l.ExpiresAt, now); until != "" {
		text += ", and ends at " + until
	}
	return text
}

// Until says a time in the future to the minute, without the date where that is today's. It is "" for a time that is
// not known, and for one that never comes.
func Until(t, now time.Time) string {
	local := t.Local()
	switch {
	case t.IsZero() || t.UnixMilli() >= lastMilli:
		return ""
	case local.Format(time.DateOnly) == now.Local().Format(time.DateOnly):
		return local.Format("15:04")
	}
	return local.Format("2006-01-02 15:04")
}
