package recovery

import (
	"context"
	"fmt"

	"github.com/claude-auth/claude-auth/internal/ledger"
)

// lifecycle runs a lifecycle hook. It reports a failure of the hook and goes on.
func (r *Repairer) lifecycle(ctx context.Context, name string, login ledger.LoginID, facts map[string]string) {
	r.warn("run the lifecycle hook "+name, r.Hooks.Run(ctx, name, login, facts))
}

// warn reports an error that must not stop a repair, and does so once: where the state directory cannot be written,
// every step fails.
func (r *Repairer) warn(what string, err error) {
	if err == nil {
		return
	}
	text := fmt.Sprintf("%s: %v", what, err)
	if r.Warned != nil {
		if _, seen := r.Warned.LoadOrStore(text, true); seen {
			return
		}
	}
	r.Terminal.Notef("%s", text)
}

// warnLedger is warn for the ledger, which only this program needs. While it watches the client it says nothing: doctor
// tells what is wrong.
func (r *Repairer) warnLedger(what string, err error) {
	if !r.Quiet {
		r.warn(what, err)
	}
}
