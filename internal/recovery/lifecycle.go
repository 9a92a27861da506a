package recovery

import (
	"cmp"
	"context"
	"os"
	"os/exec"
	"path/filepath"

	"github.com/claude-auth/claude-auth/internal/claude"
	"github.com/claude-auth/claude-auth/internal/ledger"
	"github.com/claude-auth/claude-auth/internal/paths"
	"github.com/claude-auth/claude-auth/internal/secret"
)

// lifecycle runs a lifecycle hook. It reports a failure of the hook and goes on.
func (r *Repairer) lifecycle(ctx context.Context, name string, login ledger.LoginID, facts map[string]string) {
	r.warn("run the lifecycle hook "+name, r.runHook(ctx, name, login, facts))
}

// runHook runs the executable name in the hooks directory. As with git, a file that is missing or not executable is not
// a hook. The hook gets the facts as variables, but never a token, not even one of the person's own environment. Its
// standard input is empty. Its output goes to standard error, because standard output may be the client's answer.
func (r *Repairer) runHook(ctx context.Context, name string, login ledger.LoginID, facts map[string]string) error {
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
	for variable, value := range facts {
		env = env.With(variable, secret.Redact(value))
	}
	hook.Env = env.Environ()
	hook.Stdout, hook.Stderr = os.Stderr, os.Stderr
	if r.HookOutput != nil {
		hook.Stdout, hook.Stderr = r.HookOutput, r.HookOutput
	}
	return hook.Run()
}

// warn reports an error that must not stop a repair.
func (r *Repairer) warn(what string, err error) {
	if err != nil {
		r.Terminal.Notef("%s: %v", what, err)
	}
}
