package recovery

import (
	"context"
	"time"

	"github.com/claude-auth/claude-auth/internal/flock"
	"github.com/claude-auth/claude-auth/internal/guard"
)

// Guard returns the guard of this login, which renews it through the client at that path.
func (r *Repairer) Guard(client string) *guard.Guard {
	return &guard.Guard{
		Paths: r.Paths, Env: r.Env, Exe: r.Hooks.Exe, Store: r.Store, Ledger: r.Ledger, Hooks: r.Hooks, Now: r.Now,
		Client: client,
	}
}

// quietWait is how long a wait for a renewal goes unmentioned. The process that has just told this one of a rejection
// ends within that time.
const quietWait = 500 * time.Millisecond

// settleRenewal waits for a renewal that is under way, at most for a minute, and takes what an interrupted one has
// left: the login may need nothing else.
func (r *Repairer) settleRenewal(ctx context.Context) {
	var say *time.Timer
	r.Guard("").Rescue(ctx, func(h flock.Holder) {
		say = time.AfterFunc(quietWait, func() { r.Terminal.Notef("waiting for a renewal of your login: %s", h) })
	})
	if say != nil {
		say.Stop()
	}
}
