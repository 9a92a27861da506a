package recovery

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

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
	expect ledger.LoginID // the login that was diagnosed: only this one is taken out
	action diagnose.Action
	args   []string // for `claude auth login`
}

// putBackTimeout bounds how long the old login waits for a lock on its way back: longer than the time after which a
// dead client's write lock counts as stale (15 s in 2.1.165 and 2.1.330), so that only a live holder can prevent it.
const putBackTimeout = 20 * time.Second

// NotStoredError says that the client reported a sign-in and no new tokens are in the file.
type NotStoredError struct {
	File   string
	Said   bool   // the client ended with status 0, having said "Login successful"
	Cause  string // what stands in the way, or ""
	Remedy string
}

func (e *NotStoredError) Error() string {
	cause := ""
	if e.Cause != "" {
		cause = ": " + e.Cause
	}
	if e.Said {
		return fmt.Sprintf("the client says the login was successful, but no new tokens were stored in %s%s", e.File, cause)
	}
	return fmt.Sprintf("the sign-in was not completed: no new tokens were stored in %s%s", e.File, cause)
}

// Hint returns what helps.
func (e *NotStoredError) Hint() string {
	if e.Remedy != "" {
		return e.Remedy
	}
	return "run 'claude-auth login' to try again"
}

// signIn takes the old login out, lets the client sign in, and checks what was stored. Whatever goes wrong after the
// wipe, a panic included, the old login is put back.
func (t *Tool) signIn(ctx context.Context, plan signInPlan) (err error) {
	client, err := t.Client()
	if err != nil {
		return err // before anything was touched
	}
	defer surviveClosedPipes()()
	var backup *credentials.Backup
	if plan.action != diagnose.SignIn {
		result, err := t.Wipe(ctx, WipeOptions{All: plan.action == diagnose.SetAside, Expect: &plan.expect, Reason: "login"})
		if err != nil {
			return errors.Join(err, t.putBack(ctx, result.Backup, plan.expect))
		}
		backup = result.Backup
	}
	t.breakStaleLocks()
	stored := false
	defer func() {
		if !stored {
			err = errors.Join(err, t.putBack(ctx, backup, plan.expect))
		}
	}()
	status, runErr := t.runSignIn(ctx, client, plan.args)
	stored, err = t.verify(ctx, plan, status, runErr)
	if stored && backup != nil {
		t.ignore("mark the backup as replaced", t.Backups.MarkVerified(backup.ID, t.Now()))
	}
	return err
}

// breakStaleLocks removes the locks that dead processes have left: the client waits for them to grow old, and gives up
// before that. What cannot be removed is named when the sign-in was not stored.
func (t *Tool) breakStaleLocks() {
	_, err := lock.Client(t.Paths.StorageDir).BreakStale()
	if errors.Is(err, fs.ErrNotExist) {
		return // the client's directory is not there yet
	}
	t.ignore("remove stale locks", err)
}

// surviveClosedPipes keeps a reader of standard error that has gone from ending this process by SIGPIPE between the wipe
// and the check: the write fails instead, and the old login can still be put back. The client is not affected.
func surviveClosedPipes() (restore func()) {
	ignored := make(chan os.Signal, 1)
	signal.Notify(ignored, syscall.SIGPIPE)
	return func() { signal.Stop(ignored) }
}

// runSignIn starts `claude auth login` on the terminal and waits for it, Timeout at most.
func (t *Tool) runSignIn(ctx context.Context, client string, args []string) (runner.Status, error) {
	timeout := t.Timeout
	if timeout <= 0 {
		timeout = DefaultTimeout
	}
	limited, cancel := context.WithTimeoutCause(ctx, timeout, errTimeout{timeout})
	defer cancel()
	t.Terminal.Notef("signing in through the client (within %s; Ctrl-C gives up and keeps the old login)", ui.Roughly(timeout))
	status, err := t.Terminal.SignIn(limited, runner.Command{
		Path: client,
		Args: append([]string{"auth", "login"}, args...),
		Env:  t.signInEnv(client).Environ(),
	})
	if cause := context.Cause(limited); cause != nil {
		return status, cause
	}
	return status, err
}

// errTimeout is the end of a sign-in that nobody completed.
type errTimeout struct{ after time.Duration }

func (e errTimeout) Error() string {
	return fmt.Sprintf("nobody completed the sign-in within %s", ui.Roughly(e.after))
}

// signInEnv sends the new login to the file that this program works on, where that is not the client's usual one.
func (t *Tool) signInEnv(client string) paths.Env {
	env := t.Env.Inside(client)
	usual, err := paths.Resolve(env.Without(paths.EnvFile), "")
	if err != nil || usual.StorageDir != filepath.Dir(t.Paths.Credentials) {
		env = env.With(paths.EnvStorageDir, filepath.Dir(t.Paths.Credentials))
	}
	return env
}

// verify compares the stored tokens with those from before: the client's own "Login successful" proves nothing
// (2.1.165 and 2.1.330 say it when they could not write).
func (t *Tool) verify(ctx context.Context, plan signInPlan, status runner.Status, runErr error) (bool, error) {
	after, err := t.Store.Read(context.WithoutCancel(ctx))
	if err != nil {
		return false, err
	}
	login := t.loginID(after)
	if login.Access != "" && login.Access != plan.expect.Access && after.State(t.Now(), credentials.History{}).Usable() {
		t.record(ledger.Event{Kind: ledger.SignedIn, Login: login})
		t.lifecycle(context.WithoutCancel(ctx), "post-login", login)
		return true, nil
	}
	if runErr != nil {
		t.record(ledger.Event{Kind: ledger.LoginFailed, Login: plan.expect, Detail: map[string]string{causeDetail: runErr.Error()}})
		return false, fmt.Errorf("sign in: %w", runErr)
	}
	failure := &NotStoredError{File: t.Paths.Credentials, Said: status.Success()}
	obstacle := diagnose.FindObstacle(t.Paths)
	failure.Cause, failure.Remedy = obstacle.Cause, obstacle.Remedy
	t.record(ledger.Event{Kind: ledger.LoginFailed, Login: plan.expect, Detail: map[string]string{causeDetail: failure.Error()}})
	return false, failure
}

// putBack restores the old login from its backup. It does not stop at ctx's end: that is how it comes here after Ctrl-C.
func (t *Tool) putBack(ctx context.Context, backup *credentials.Backup, login ledger.LoginID) error {
	if backup == nil {
		return nil
	}
	limited, cancel := context.WithTimeout(context.WithoutCancel(ctx), putBackTimeout)
	defer cancel()
	if err := t.restorePatiently(limited, backup); err != nil {
		return hinted{fmt.Errorf("put the old login back: %w", err), fmt.Sprintf("it is kept as backup %s: run 'claude-auth undo'", backup.ID)}
	}
	t.record(ledger.Event{Kind: ledger.Restored, Login: login})
	t.Terminal.Notef("the old login is back in %s", t.Paths.Credentials)
	return nil
}

// restorePatiently restores backup, and tries again at a lock until ctx ends: the store gives up before a dead client's lock
// counts as stale.
func (t *Tool) restorePatiently(ctx context.Context, backup *credentials.Backup) error {
	var locked *credentials.LockedError
	_, err := t.Backups.Undo(ctx, t.Store, backup, false, t.Now())
	for errors.As(err, &locked) && ctx.Err() == nil {
		_, again := t.Backups.Undo(ctx, t.Store, backup, false, t.Now())
		if again != nil && ctx.Err() != nil {
			break // the lock is what there is to tell
		}
		err = again
	}
	return err
}
