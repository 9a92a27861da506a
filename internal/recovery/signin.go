package recovery

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"github.com/claude-auth/claude-auth/internal/claude"
	"github.com/claude-auth/claude-auth/internal/credentials"
	"github.com/claude-auth/claude-auth/internal/diagnose"
	"github.com/claude-auth/claude-auth/internal/ledger"
	"github.com/claude-auth/claude-auth/internal/lock"
	"github.com/claude-auth/claude-auth/internal/paths"
	"github.com/claude-auth/claude-auth/internal/runner"
	"github.com/claude-auth/claude-auth/internal/ui"
)

// signInPlan is one sign-in: what has to go first, and what the client is told.
type signInPlan struct {
	expect ledger.LoginID // the login that was diagnosed: only this one is removed
	action diagnose.Action
	args   []string // for `claude auth login`
}

// putBackTimeout bounds how long the old login waits for a lock on its way back: longer than it takes until a
// dead client's write lock counts as stale, so that only a live holder can prevent it.
const putBackTimeout = claude.StorageStale + 5*time.Second

// notStored is the error of a sign-in after which no new tokens are in the file. said tells that the client ended with
// status 0, having said "Login successful".
func notStored(file string, said bool, obstacle diagnose.Obstacle) error {
	text := "the sign-in was not completed: no new tokens were stored in "
	if said {
		text = "the client says the login was successful, but no new tokens were stored in "
	}
	text += file
	if obstacle.Cause != "" {
		text += ": " + obstacle.Cause
	}
	return ui.WithHint(errors.New(text), cmp.Or(obstacle.Remedy, "run 'claude-auth login' to try again"))
}

// signIn removes the old login, lets the client sign in, and checks what was stored. Whatever goes wrong after the
// wipe, a panic included, the old login is restored.
func (r *Repairer) signIn(ctx context.Context, plan signInPlan) (err error) {
	client, err := r.Client()
	if err != nil {
		return err // before anything was touched
	}
	defer surviveClosedPipes()()
	var backup *credentials.Backup
	if plan.action != diagnose.SignIn {
		result, err := r.Wipe(ctx, WipeOptions{All: plan.action == diagnose.SetAside, Expect: &plan.expect, Reason: "login"})
		if err != nil {
			return errors.Join(err, r.putBack(ctx, result.Backup, plan.expect))
		}
		backup = result.Backup
	}
	r.breakStaleLocks()
	stored := false
	defer func() {
		if !stored {
			err = errors.Join(err, r.putBack(ctx, backup, plan.expect))
		}
	}()
	status, runErr := r.runSignIn(ctx, client, plan.args)
	stored, err = r.verify(ctx, plan, status, runErr)
	if stored && backup != nil {
		r.warn("mark the backup as replaced", r.Backups.MarkVerified(backup.ID, r.Now()))
	}
	return err
}

// breakStaleLocks removes the locks that dead processes have left: the client waits for them to grow old, and gives up
// before that. What cannot be removed is named when the sign-in was not stored.
func (r *Repairer) breakStaleLocks() {
	_, err := lock.Client(r.Paths.StorageDir).BreakStale()
	if errors.Is(err, fs.ErrNotExist) {
		return // the client's directory is not there yet
	}
	r.warn("remove stale locks", err)
}

// surviveClosedPipes keeps a reader of standard error that has gone from ending this process by SIGPIPE between the
// wipe and the check: the write fails instead, and the old login can still be put back. The client is not affected.
func surviveClosedPipes() (restore func()) {
	ignored := make(chan os.Signal, 1)
	signal.Notify(ignored, syscall.SIGPIPE)
	return func() { signal.Stop(ignored) }
}

// runSignIn starts `claude auth login` on the terminal and waits for it, Timeout at most.
func (r *Repairer) runSignIn(ctx context.Context, client string, args []string) (runner.Status, error) {
	timeout := r.Timeout
	if timeout <= 0 {
		timeout = DefaultTimeout
	}
	within := ui.Roughly(timeout)
	late := fmt.Errorf("nobody completed the sign-in within %s", within)
	limited, cancel := context.WithTimeoutCause(ctx, timeout, late)
	defer cancel()
	r.Terminal.Notef("signing in through the client (within %s; Ctrl-C gives up and keeps the old login)", within)
	status, err := r.Terminal.SignIn(limited, runner.Command{
		Path: client,
		Args: append(claude.SignIn[:], args...),
		Env:  r.signInEnv(client).Environ(),
	})
	if cause := context.Cause(limited); cause != nil {
		return status, cause
	}
	return status, err
}

// signInEnv sends the new login to the file that this program works on, where that is not the client's usual one.
func (r *Repairer) signInEnv(client string) paths.Env {
	env := r.Env.Inside(client)
	usual, err := paths.Resolve(env.Without(paths.EnvFile), "")
	if err != nil || usual.StorageDir != filepath.Dir(r.Paths.Credentials) {
		env = env.With(claude.EnvStorageDir, filepath.Dir(r.Paths.Credentials))
	}
	return env
}

// verify compares the stored tokens with those from before: the client's own "Login successful" proves nothing
// (2.1.165 and 2.1.330 say it when they could not write).
func (r *Repairer) verify(ctx context.Context, plan signInPlan, status runner.Status, runErr error) (bool, error) {
	after, err := r.Store.Read(context.WithoutCancel(ctx))
	if err != nil {
		return false, err
	}
	login := r.loginID(after)
	if login.Access != "" && login.Access != plan.expect.Access && after.State(r.Now(), credentials.History{}).Usable() {
		r.record(ledger.Event{Kind: ledger.SignedIn, Login: login})
		r.lifecycle(context.WithoutCancel(ctx), "post-login", login)
		return true, nil
	}
	failure := runErr
	if runErr == nil {
		failure = notStored(r.Paths.Credentials, status.Success(), diagnose.FindObstacle(r.Paths))
	}
	r.record(ledger.Event{
		Kind: ledger.LoginFailed, Login: plan.expect, Detail: map[string]string{causeDetail: failure.Error()},
	})
	if runErr != nil {
		return false, fmt.Errorf("sign in: %w", runErr)
	}
	return false, failure
}

// putBack restores the old login from its backup. It does not stop at ctx's end: that is how it comes here after
// Ctrl-C.
func (r *Repairer) putBack(ctx context.Context, backup *credentials.Backup, login ledger.LoginID) error {
	if backup == nil {
		return nil
	}
	limited, cancel := context.WithTimeout(context.WithoutCancel(ctx), putBackTimeout)
	defer cancel()
	if err := r.restorePatiently(limited, backup); err != nil {
		return ui.WithHint(fmt.Errorf("put the old login back: %w", err),
			fmt.Sprintf("it is kept as backup %s: run 'claude-auth undo'", backup.ID))
	}
	r.record(ledger.Event{Kind: ledger.Restored, Login: login})
	r.Terminal.Notef("the old login is back in %s", r.Paths.Credentials)
	return nil
}

// restorePatiently restores backup, and tries again at a lock until ctx ends: the store gives up before a dead client's
// lock counts as stale.
func (r *Repairer) restorePatiently(ctx context.Context, backup *credentials.Backup) error {
	var locked *credentials.LockedError
	_, err := r.Backups.Undo(ctx, r.Store, backup, false, r.Now())
	for errors.As(err, &locked) && ctx.Err() == nil {
		_, again := r.Backups.Undo(ctx, r.Store, backup, false, r.Now())
		if again != nil && ctx.Err() != nil {
			break // the lock is what there is to tell
		}
		err = again
	}
	return err
}
