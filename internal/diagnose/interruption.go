package diagnose

import (
	"time"

	"github.com/claude-auth/claude-auth/internal/credentials"
	"github.com/claude-auth/claude-auth/internal/ledger"
	"github.com/claude-auth/claude-auth/internal/lock"
	"github.com/claude-auth/claude-auth/internal/paths"
)

// Observation describes what the client uses of a file to the ledger: its login, or the key of a Console sign-in.
func Observation(file string, s credentials.Snapshot) ledger.Observation {
	if !s.Console.IsZero() {
		return ledger.Observation{File: file, Key: s.Console}
	}
	return LoginObservation(file, s.Login())
}

// LoginObservation describes a login to the ledger, nil for none.
func LoginObservation(file string, login *credentials.Login) ledger.Observation {
	if login == nil {
		return ledger.Observation{File: file}
	}
	return ledger.Observation{
		File: file, Access: login.AccessToken, Refresh: login.RefreshToken,
		RefreshExpiresAt: login.RefreshTokenExpiresAt, Emptied: login.RefreshEmptied,
	}
}

// NoteInterruption notes in the ledger that a renewal of the saved login was interrupted, where Interruption finds
// that. It reports whether the ledger did not know. A caller that takes the client's locks calls it before that: the
// trace goes with them.
func NoteInterruption(l *ledger.Ledger, p paths.Paths, s credentials.Snapshot) (news bool, err error) {
	cut, ok := Interruption(p, s, func() ledger.Stored { return Known(l, p, s) })
	if !ok {
		return false, nil
	}
	standing, err := l.Observe(Observation(p.Credentials, s)) // the ledger has to know the login first
	if err != nil {
		return false, err
	}
	return l.NoteCut(p.Credentials, standing.Login, cut)
}

// Known returns what the ledger knows about when the tokens of the saved login were stored: nothing when it cannot be
// read.
func Known(l *ledger.Ledger, p paths.Paths, s credentials.Snapshot) ledger.Stored {
	login := s.Login()
	replay, err := l.Replay()
	if err != nil || login == nil {
		return ledger.Stored{}
	}
	return replay.Stored(p.Credentials, l.Identify(login.AccessToken, login.RefreshToken))
}

// wasKilled says what interrupted a renewal whose process had no time to remove its lock.
const wasKilled = "it was killed"

// Interruption looks for the trace of a renewal of the saved login that was interrupted: what a client has left that
// ended in the middle of it. Such a client has sent the refresh token, which works once, and has not stored the new
// one. known returns what the ledger knows about when the tokens were stored; tokens that were stored since the renewal
// began are the outcome of another one. Mostly there is no trace, and known is not called.
func Interruption(p paths.Paths, s credentials.Snapshot, known func() ledger.Stored) (cut ledger.Cut, ok bool) {
	login := s.Login()
	if s.Err != nil || login == nil || login.AccessToken.IsZero() || login.RefreshToken.IsZero() {
		return ledger.Cut{}, false
	}
	renewal, ok := lock.Client(p.StorageDir).Renewal()
	if !ok || !renewal.Over {
		return ledger.Cut{}, false
	}
	if stored := StoredAt(s, known()); stored.IsZero() || !stored.Before(renewal.Began) {
		return ledger.Cut{}, false
	}
	cut = ledger.Cut{Began: renewal.Began, At: renewal.Touched}
	if cut.At.Before(cut.Began) { // a clock was set back
		cut.At = cut.Began
	}
	if renewal.Killed {
		cut.By = wasKilled
	}
	return cut, true
}

// Interrupted says of a renewal when it was interrupted and, unless by is "", by what.
func Interrupted(at time.Time, by string) string {
	text := "was interrupted at " + at.Local().Format("2006-01-02 15:04")
	if by != "" {
		text += ": " + by
	}
	return text
}

// StoredAt returns when the tokens of the saved login were stored, zero when nothing tells. The file may have changed
// later: 2.1.330 rewrites it at its start with the same tokens, and people edit other parts of it. Of a keychain item
// only the second is known in which it was stored, and a failure of the login before can be in the same one.
func StoredAt(s credentials.Snapshot, known ledger.Stored) time.Time {
	at := s.ModTime
	if at.IsZero() || !known.By.IsZero() && known.By.Before(at) {
		at = known.By
	}
	if at.Before(known.After) {
		return known.After
	}
	return at
}
