package recovery

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/claude-auth/claude-auth/internal/ledger"
)

// lookEvery is how often a waiting job looks at the saved login. A sign-in takes a person half a minute.
const lookEvery = time.Second

// AwaitSignIn waits until a usable login other than rejected is saved: until a person has signed in on any terminal.
// The error is ErrSignInNeeded after limit, or that of ctx.
func (r *Repairer) AwaitSignIn(ctx context.Context, rejected ledger.LoginID, limit time.Duration) error {
	limited, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	look := time.NewTicker(lookEvery)
	defer look.Stop()
	r.Terminal.Notef("waiting up to %s for a sign-in", Limit(limit))
	for {
		if r.signedIn(limited, rejected) {
			return nil
		}
		select {
		case <-look.C:
		case <-limited.Done():
			if errors.Is(context.Cause(limited), context.DeadlineExceeded) {
				return fmt.Errorf("nobody has signed in within %s: %w", Limit(limit), ErrSignInNeeded)
			}
			return context.Cause(limited)
		}
	}
}

// signedIn reports whether a usable login other than rejected is saved.
func (r *Repairer) signedIn(ctx context.Context, rejected ledger.LoginID) bool {
	saved := r.Saved(ctx) // one that is being written, or locked, is not usable yet
	return saved.State.Usable() && saved.Login.Access != rejected.Access
}

// canSignIn reports whether a person can sign in from here: after a question, in mode auto in a browser, or in two
// steps.
func (r *Repairer) canSignIn(auto bool) bool {
	return r.canAsk() || !r.InsideClient() && (r.Detached || auto && r.canOpenBrowser())
}

// canAsk reports whether a person can be asked.
func (r *Repairer) canAsk() bool { return !r.InsideClient() && r.Terminal.CanAsk() }
