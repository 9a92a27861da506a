package diagnose

import (
	"time"

	"github.com/claude-auth/claude-auth/internal/credentials"
	"github.com/claude-auth/claude-auth/internal/ledger"
	"github.com/claude-auth/claude-auth/internal/lock"
	"github.com/claude-auth/claude-auth/internal/paths"
)

// wasKilled says what interrupted a renewal whose process had no time to remove its lock.
const wasKilled = "it was killed"

// Interruption looks for the trace of a renewal of the saved login that was interrupted: what a client has left that
// ended in the middle of it. Such a client has sent the refresh token, which works once, and has not stored the new one.
// known returns when the ledger first knew the login's tokens; tokens that were stored since the renewal began are the
// outcome of another one. Mostly there is no trace, and known is not called.
func Interruption(p paths.Paths, s credentials.Snapshot, known func() time.Time) (cut ledger.Cut, ok bool) {
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
// later: 2.1.330 rewrites it at its start with the same tokens, and people edit other parts of it. known is when the
// ledger first knew them; zero when it does not.
func StoredAt(s credentials.Snapshot, known time.Time) time.Time {
	if s.ModTime.IsZero() || !known.IsZero() && known.Before(s.ModTime) {
		return known
	}
	return s.ModTime
}
