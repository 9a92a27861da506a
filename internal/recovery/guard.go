package recovery

import "github.com/claude-auth/claude-auth/internal/guard"

// Guard returns the guard of this login, which renews it through the client at that path.
func (r *Repairer) Guard(client string) *guard.Guard {
	return &guard.Guard{
		Paths: r.Paths, Env: r.Env, Exe: r.Hooks.Exe, Store: r.Store, Ledger: r.Ledger, Hooks: r.Hooks, Now: r.Now,
		Client: client,
	}
}
