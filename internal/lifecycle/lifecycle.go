// Package lifecycle runs the programs that the person has put into the hooks directory, when something has happened to
// a login.
package lifecycle

import (
	"cmp"
	"context"
	"io"
	"os"
	"os/exec"
	"path/filepath"

	"github.com/claude-auth/claude-auth/internal/claude"
	"github.com/claude-auth/claude-auth/internal/ledger"
	"github.com/claude-auth/claude-auth/internal/paths"
	"github.com/claude-auth/claude-auth/internal/secret"
)

// The lifecycle hooks, by the names of their files.
const (
	PreWipe    = "pre-wipe"    // a login is about to be removed; the hook can forbid it
	PostWipe   = "post-wipe"   // it was removed
	PostLogin  = "post-login"  // a sign-in stored a new login
	OnRejected = "on-rejected" // the service rejected a login: once for each
	OnRenewed  = "on-renewed"  // a guarded renewal was stored
	OnExpiring = "on-expiring" // the login itself ends soon: once a day
)

// The facts that a hook can be given, besides those that all have.
const (
	FactRemoved   = "CLAUDE_AUTH_REMOVED"         // PostWipe: the removed keys
	FactBackup    = "CLAUDE_AUTH_BACKUP"          // PostWipe: the backup
	FactRule      = "CLAUDE_AUTH_RULE"            // OnRejected: the detection rule
	FactWhere     = "CLAUDE_AUTH_WHERE"           // OnRejected: where the rejection was seen
	FactLink      = "CLAUDE_AUTH_LINK"            // OnRejected: where to sign in; only for a sign-in in two steps
	FactBy        = "CLAUDE_AUTH_BY"              // OnRenewed: what renewed it
	FactExpiresAt = "CLAUDE_AUTH_EXPIRES_AT"      // OnRenewed: when the new access token expires
	FactEndsAt    = "CLAUDE_AUTH_ENDS_AT"         // OnRenewed, OnExpiring: when the login itself ends, if that is known
	FactEndsIn    = "CLAUDE_AUTH_ENDS_IN_SECONDS" // OnExpiring: how long that is from now
)

// Hooks runs the hooks of one person for one credentials file.
type Hooks struct {
	Paths  paths.Paths
	Env    paths.Env
	Exe    string    // this program's own path, which hooks are told
	Output io.Writer // where hooks print; nil is standard error
}

// Run runs the hook name and waits for it. As with git, a file that is missing or not executable is not a hook. The
// hook gets the facts as variables, but never a token, not even one of the person's own environment. Its standard input
// is empty. Its output goes to standard error, because standard output may be the client's answer.
//
// A hook may run this program. Below a hook no other runs, or one that does what it is called for would never end.
func (h Hooks) Run(ctx context.Context, name string, login ledger.LoginID, facts map[string]string) error {
	if h.Env.Get(paths.EnvEvent) != "" {
		return nil
	}
	path := filepath.Join(h.Paths.LifecycleHooks(), name)
	info, err := os.Stat(path)
	if err != nil || info.IsDir() || info.Mode()&0o111 == 0 {
		return nil
	}
	hook := exec.CommandContext(ctx, path)
	env := h.Env.Without(claude.SecretVariables()...).
		With(paths.EnvFile, h.Paths.Credentials).
		With(paths.EnvExe, h.Exe).
		With(paths.EnvEvent, name).
		With("CLAUDE_AUTH_LOGIN", cmp.Or(login.Refresh, login.Access))
	for variable, value := range facts {
		env = env.With(variable, secret.Redact(value))
	}
	hook.Env = env.Environ()
	hook.Stdout, hook.Stderr = os.Stderr, os.Stderr
	if h.Output != nil {
		hook.Stdout, hook.Stderr = h.Output, h.Output
	}
	return hook.Run()
}
