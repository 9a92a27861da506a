package recovery

import (
	"context"

	"github.com/claude-auth/claude-auth/internal/ledger"
)

// lifecycle runs a lifecycle hook. It reports a failure of the hook and goes on.
func (r *Repairer) lifecycle(ctx context.Context, name string, login ledger.LoginID, facts map[string]string) {
	r.warn("run the lifecycle hook "+name, r.Hooks.Run(ctx, name, login, facts))
}

// warn reports an error that must not stop a repair.
func (r *Repairer) warn(what string, err error) {
	if err != nil {
		r.Terminal.Notef("%s: %v", what, err)
	}
}
