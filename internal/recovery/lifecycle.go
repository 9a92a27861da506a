package recovery

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"

	"github.com/claude-auth/claude-auth/internal/claude"
	"github.com/claude-auth/claude-auth/internal/ledger"
	"github.com/claude-auth/claude-auth/internal/paths"
	"github.com/claude-auth/claude-auth/internal/secret"
)

// veto runs a lifecycle hook that may say no, by a status other than 0.
func (r *Repairer) veto(ctx context.Context, name string, login ledger.LoginID) error {
	if err := r.runHook(ctx, name, login); err != nil {
		return fmt.Errorf("vetoed by the lifecycle hook %s: %w", filepath.Join(r.Paths.LifecycleHooks(), name), err)
	}
	return nil
}

// lifecycle runs a lifecycle hook whose outcome changes nothing; that it failed is told.
func (r *Repairer) lifecycle(ctx context.Context, name string, login ledger.LoginID, facts ...fact) {
	r.warn("run the lifecycle hook "+name, r.runHook(ctx, name, login, facts...))
}

// fact is a variable that a lifecycle hook is told.
type fact struct{ name, value string }

// runHook starts the executable name in the hooks directory, as git does: one that is missing or not executable is no
// hook. It gets the facts in its environment, never a token (not even one of the person's own environment), and nothing on standard input; what it prints goes to
// standard error, because standard output may be the client's answer.
func (r *Repairer) runHook(ctx context.Context, name string, login ledger.LoginID, facts ...fact) error {
	path := filepath.Join(r.Paths.LifecycleHooks(), name)
	info, err := os.Stat(path)
	if err != nil || info.IsDir() || info.Mode()&0o111 == 0 {
		return nil
	}
	hook := exec.CommandContext(ctx, path)
	env := r.Env.Without(claude.SecretVariables()...).
		With(paths.EnvFile, r.Paths.Credentials).
		With(paths.EnvExe, r.Exe).
		With("CLAUDE_AUTH_EVENT", name).
		With("CLAUDE_AUTH_LOGIN", cmp.Or(login.Refresh, login.Access))
	for _, f := range facts {
		env = env.With(f.name, secret.Redact(f.value))
	}
	hook.Env = env.Environ()
	hook.Stdout, hook.Stderr = os.Stderr, os.Stderr
	if r.HookOutput != nil {
		hook.Stdout, hook.Stderr = r.HookOutput, r.HookOutput
	}
	return hook.Run()
}

// warn tells of an error that must not stop a repair: the login matters more than the record of it.
func (r *Repairer) warn(what string, err error) {
	if err != nil {
		r.Terminal.Notef("%s: %v", what, err)
	}
}
