package watch

import (
	"context"
	"time"

	"github.com/claude-auth/claude-auth/internal/credentials"
	"github.com/claude-auth/claude-auth/internal/fdio"
	"github.com/claude-auth/claude-auth/internal/guard"
)

const (
	// retryAfter is the wait after a renewal that did not work. It doubles up to retryAtMost.
	retryAfter  = time.Minute
	retryAtMost = 15 * time.Minute
	// lookAgain is when a session looks for a login again that cannot be renewed now.
	lookAgain = 15 * time.Minute
)

// keepRenewed renews the login ahead of the client for as long as a session runs, without a trace on its screen. It
// sleeps until the next renewal is due. It returns when ctx ends.
func (w *Watch) keepRenewed(ctx context.Context) {
	r := w.Repairer
	if w.Unguarded {
		return
	}
	for pause := retryAfter; ; {
		snapshot, err := r.Store.Read(ctx)
		if err != nil {
			snapshot = credentials.Snapshot{}
		}
		login, now := snapshot.Login(), r.Now()
		switch {
		case !guard.Renewable(login, now) || login.ExpiresAt.IsZero():
			err = fdio.SleepUntil(ctx, now.Add(lookAgain))
		case !guard.Due(login, now, guard.DueWithin):
			err = fdio.SleepUntil(ctx, login.ExpiresAt.Add(-guard.DueWithin))
		case w.renewInSession(ctx):
			pause = retryAfter
			err = fdio.SleepUntil(ctx, now.Add(pause)) // or a token that never lives longer would be renewed without end
		default:
			err = fdio.SleepUntil(ctx, now.Add(pause))
			pause = min(2*pause, retryAtMost)
		}
		if err != nil {
			return
		}
	}
}

// renewInSession reports whether the login needs no renewal any more.
func (w *Watch) renewInSession(ctx context.Context) bool {
	result, err := w.Repairer.Guard(w.Client).Renew(ctx, renewal(guard.BySession))
	return err == nil && result.Outcome == guard.Renewed
}
