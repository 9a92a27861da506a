package recovery

import (
	"context"
	"strconv"
	"time"

	"github.com/claude-auth/claude-auth/internal/credentials"
	"github.com/claude-auth/claude-auth/internal/diagnose"
	"github.com/claude-auth/claude-auth/internal/ledger"
	"github.com/claude-auth/claude-auth/internal/lifecycle"
)

// NoteInterruption notes in the ledger that a renewal of the saved login was interrupted, where a client has left a
// trace of that. It reports whether the ledger did not know. It mostly costs two calls of lstat.
func (r *Repairer) NoteInterruption(s credentials.Snapshot) (news bool) {
	news, err := diagnose.NoteInterruption(r.Ledger, r.Paths, s)
	r.warnLedger("write the ledger", err)
	return news
}

// NoteCut notes in the ledger, once, that a renewal of a login was interrupted. It reports whether the ledger did not
// know.
func (r *Repairer) NoteCut(login ledger.LoginID, cut ledger.Cut) (news bool) {
	news, err := r.Ledger.NoteCut(r.Paths.Credentials, login, cut)
	r.warnLedger("write the ledger", err)
	return news
}

// NotifyExpiring runs the user's hook on-expiring, once a day while the saved login ends within
// credentials.ExpiringSoon. It costs nothing when the login does not.
func (r *Repairer) NotifyExpiring(ctx context.Context, s credentials.Snapshot) {
	now, login := r.Now(), s.Login()
	if s.Err != nil || login == nil || login.RefreshToken.IsZero() {
		return
	}
	end := login.RefreshTokenExpiresAt
	if left := end.Sub(now); end.IsZero() || left <= 0 || left >= credentials.ExpiringSoon {
		return
	}
	if _, state := r.Standing(s); state != credentials.Expiring {
		return // rejected, for example
	}
	// For no login in particular: a renewal gives the login a new id.
	today := lifecycle.OnExpiring + " " + now.Local().Format(time.DateOnly)
	first, err := r.Ledger.NotifyOnce(today, r.Paths.Credentials, ledger.LoginID{})
	r.warnLedger("write the ledger", err)
	if first {
		r.lifecycle(ctx, lifecycle.OnExpiring, r.loginID(s), map[string]string{
			lifecycle.FactEndsAt: end.UTC().Format(time.RFC3339),
			lifecycle.FactEndsIn: strconv.FormatInt(int64(end.Sub(now)/time.Second), 10),
		})
	}
}
