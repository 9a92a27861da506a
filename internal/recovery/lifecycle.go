package recovery

import (
	"context"
	"errors"
	"fmt"

	"github.com/claude-auth/claude-auth/internal/flock"
	"github.com/claude-auth/claude-auth/internal/ledger"
)

// lifecycle runs a lifecycle hook. It reports a failure of the hook and goes on.
func (r *Repairer) lifecycle(ctx context.Context, name string, login ledger.LoginID, facts map[string]string) {
	r.warn("run the lifecycle hook "+name, r.Hooks.Run(ctx, name, login, facts))
}

// warn reports an error that must not stop a repair: what could not be done. It does so once: where the state directory
// cannot be written, every step fails.
func (r *Repairer) warn(what string, err error) {
	if err == nil {
		return
	}
	text := fmt.Sprintf("could not %s: %v", what, err)
	if r.Warned != nil {
		if _, seen := r.Warned.LoadOrStore(text, true); seen {
			return
		}
	}
	r.Terminal.Notef("%s", text)
}

// warnLedger is warn for the state directory, which only this program needs. While it watches the client it says
// nothing: doctor tells what is wrong. A lock that somebody holds is no fault of the directory.
func (r *Repairer) warnLedger(what string, err error) {
	var held *flock.HeldError
	switch {
	case err == nil || r.Quiet:
	case r.Useless != nil && !errors.As(err, &held):
		r.Quiet = true // it is said once: every step fails
		r.Useless(fmt.Errorf("could not %s: %w", what, err))
	default:
		r.warn(what, err)
	}
}
