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
func (t *Tool) lifecycle(ctx context.Context, name string, login ledger.LoginID) {
	t.ignore("run the lifecycle hook "+name, t.runHook(ctx, name, login))
}

// runHook starts the executable name in the hooks directory, as git does: one that is missing or not executable is no
// hook. It gets the facts in its environment, never a token, and nothing on standard input; what it prints goes to
// standard error, because standard output may be the client's answer.
func (t *Tool) runHook(ctx context.Context, name string, login ledger.LoginID) error {
	path := filepath.Join(t.Paths.LifecycleHooks(), name)
	info, err := os.Stat(path)
	if err != nil || info.IsDir() || info.Mode()&0o111 == 0 {
		return nil
	}
	hook := exec.CommandContext(ctx, path)
	hook.Env = t.Env.With("CLAUDE_AUTH_FILE", t.Paths.Credentials).
		With("CLAUDE_AUTH_EVENT", name).
		With("CLAUDE_AUTH_LOGIN", cmp.Or(login.Refresh, login.Access)).
		Environ()
	hook.Stdout, hook.Stderr = os.Stderr, os.Stderr
	return hook.Run()
}

// ignore tells of an error that must not stop a repair: the login matters more than the record of it.
func (t *Tool) ignore(what string, err error) {
	if err != nil {
		t.Terminal.Notef("%s: %v", what, err)
	}
}
