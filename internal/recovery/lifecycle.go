package recovery

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"

	"github.com/claude-auth/claude-auth/internal/ledger"
	"github.com/claude-auth/claude-auth/internal/paths"
	"github.com/claude-auth/claude-auth/internal/secret"
)

// ErrVetoed says that the user's pre-wipe hook said no.
var ErrVetoed = errors.New("vetoed by the lifecycle hook")

// veto runs a lifecycle hook that may say no, by a status other than 0.
func (t *Tool) veto(ctx context.Context, name string, login ledger.LoginID) error {
	if err := t.runHook(ctx, name, login); err != nil {
		return fmt.Errorf("%w %s: %w", ErrVetoed, filepath.Join(t.Paths.LifecycleHooks(), name), err)
	}
	return nil
}

// lifecycle runs a lifecycle hook whose outcome changes nothing; that it failed is told.
func (t *Tool) lifecycle(ctx context.Context, name string, login ledger.LoginID, facts ...fact) {
	t.ignore("run the lifecycle hook "+name, t.runHook(ctx, name, login, facts...))
}

// fact is a variable that a lifecycle hook is told.
type fact struct{ name, value string }

// credentialVariables hold tokens of the client (client-facts, section 6): a hook is told none, not even those of the
// person's own environment.
var credentialVariables = []string{"ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN", "CLAUDE_CODE_OAUTH_TOKEN"}

// runHook starts the executable name in the hooks directory, as git does: one that is missing or not executable is no
// hook. It gets the facts in its environment, never a token, and nothing on standard input; what it prints goes to
// standard error, because standard output may be the client's answer.
func (t *Tool) runHook(ctx context.Context, name string, login ledger.LoginID, facts ...fact) error {
	path := filepath.Join(t.Paths.LifecycleHooks(), name)
	info, err := os.Stat(path)
	if err != nil || info.IsDir() || info.Mode()&0o111 == 0 {
		return nil
	}
	hook := exec.CommandContext(ctx, path)
	env := t.Env.Without(credentialVariables...).
		With(paths.EnvFile, t.Paths.Credentials).
		With(paths.EnvExe, t.Exe).
		With("CLAUDE_AUTH_EVENT", name).
		With("CLAUDE_AUTH_LOGIN", cmp.Or(login.Refresh, login.Access))
	for _, f := range facts {
		env = env.With(f.name, secret.Redact(f.value))
	}
	hook.Env = env.Environ()
	hook.Stdout, hook.Stderr = os.Stderr, os.Stderr
	if t.HookOutput != nil {
		hook.Stdout, hook.Stderr = t.HookOutput, t.HookOutput
	}
	return hook.Run()
}

// ignore tells of an error that must not stop a repair: the login matters more than the record of it.
func (t *Tool) ignore(what string, err error) {
	if err != nil {
		t.Terminal.Notef("%s: %v", what, err)
	}
}
