package recovery

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/claude-auth/claude-auth/internal/claude"
	"github.com/claude-auth/claude-auth/internal/credentials"
	"github.com/claude-auth/claude-auth/internal/diagnose"
	"github.com/claude-auth/claude-auth/internal/ledger"
	"github.com/claude-auth/claude-auth/internal/lifecycle"
	"github.com/claude-auth/claude-auth/internal/lock"
	"github.com/claude-auth/claude-auth/internal/runner"
	"github.com/claude-auth/claude-auth/internal/ui"
)

// putBackTimeout bounds how long restoring the old login waits for a lock. A lock that a dead client has left counts as
// stale before that, so only a live process can prevent the restore.
const putBackTimeout = claude.StorageStale + 5*time.Second

// notStored is the error of a sign-in after which no new tokens are in the file. success says that the client ended
// with status 0, and said "Login successful".
func notStored(file string, success bool, obstacle diagnose.Obstacle) error {
	text := "the sign-in was not completed: no new tokens were stored in "
	if success {
		text = "the client says the login was successful, but no new tokens were stored in "
	}
	text += file
	if obstacle.Cause != "" {
		text += ": " + obstacle.Cause
	}
	return ui.WithHint(errors.New(text), cmp.Or(obstacle.Remedy, "run 'claude-auth login' to try again"))
}

// signIn removes the old login as action says, has the client sign in with args for `claude auth login`, and checks
// what was stored. It removes only the login old. When anything goes wrong after that, even a panic, it restores the
// old login.
func (r *Repairer) signIn(ctx context.Context, old ledger.LoginID, action diagnose.Action, args []string) (err error) {
	client, err := r.Client()
	if err != nil {
		return err // before anything was touched
	}
	if set := (diagnose.Launch{Dir: r.Dir}).SignInToken(r.Env, r.Paths); set != nil && set.File != "" {
		err := fmt.Errorf("the sign-in was not started: the client would use %s, and open no browser", set)
		return ui.WithHint(err, set.Remedy())
	}
	defer surviveClosedPipes()()
	var backup *credentials.Backup
	if action != diagnose.SignIn {
		result, err := r.Wipe(ctx, WipeOptions{All: action == diagnose.SetAside, Expect: &old, Reason: "login"})
		if err != nil {
			return errors.Join(err, r.putBack(ctx, result.Backup, old))
		}
		backup = result.Backup
	}
	r.breakStaleLocks()
	stored := false
	defer func() {
		if !stored {
			err = errors.Join(err, r.putBack(ctx, backup, old))
		}
	}()
	status, runErr := r.runSignIn(ctx, client, args)
	stored, err = r.verify(ctx, old, status, runErr)
	if stored && backup != nil {
		r.warn("mark the backup as replaced", r.Backups.MarkVerified(backup.ID, r.Now()))
	}
	return err
}

// breakStaleLocks removes the locks that dead processes have left. The client would wait until they are old, and give
// up before that.
func (r *Repairer) breakStaleLocks() {
	_, err := lock.Client(r.Paths.StorageDir).BreakStale()
	if errors.Is(err, fs.ErrNotExist) {
		return // the client has not made its directory yet
	}
	r.warn("remove stale locks", err)
}

// surviveClosedPipes keeps SIGPIPE from ending this process while the old login is removed: when the reader of standard
// error is gone, writes fail instead, and the old login can still be restored. The client is not affected.
func surviveClosedPipes() (restore func()) {
	ignored := make(chan os.Signal, 1)
	signal.Notify(ignored, syscall.SIGPIPE)
	return func() { signal.Stop(ignored) }
}

// runSignIn runs `claude auth login` on the terminal, for at most Timeout.
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
	env := r.Env.Inside(client)
	if r.Env.Get(claude.EnvRefreshToken) != "" {
		r.Terminal.Notef("%s in the environment is left out: the client would sign in with it, and without the browser",
			claude.EnvRefreshToken)
		env = env.Without(claude.SignInVariables[:]...)
	}
	status, err := r.Terminal.SignIn(limited, runner.Command{
		Path: client,
		Args: append(claude.SignIn[:], args...),
		Env:  r.Paths.StoreIn(env).Environ(),
	})
	if cause := context.Cause(limited); cause != nil {
		return status, cause
	}
	return status, err
}

// verify reports whether the client has stored new tokens. Its own "Login successful" proves nothing: 2.1.165 and
// 2.1.330 say it when they could not write. A sign-in that stored no tokens is an error; runErr is the error of running
// it.
func (r *Repairer) verify(
	ctx context.Context, old ledger.LoginID, status runner.Status, runErr error,
) (stored bool, err error) {
	after, err := r.Store.Read(context.WithoutCancel(ctx))
	if err != nil {
		return false, err
	}
	login := r.loginID(after)
	if login.Access != "" && login.Access != old.Access && after.State(r.Now(), credentials.History{}).Usable() {
		r.record(ledger.Event{Kind: ledger.SignedIn, Login: login})
		r.lifecycle(context.WithoutCancel(ctx), lifecycle.PostLogin, login, nil)
		return true, nil
	}
	failure := runErr
	if runErr == nil {
		failure = notStored(r.Paths.Credentials, status.Success(), diagnose.FindObstacle(r.Paths))
	}
	cause := map[string]string{causeDetail: failure.Error()}
	r.record(ledger.Event{Kind: ledger.LoginFailed, Login: old, Detail: cause})
	if runErr != nil {
		return false, fmt.Errorf("sign in: %w", runErr)
	}
	return false, failure
}

// putBack restores the old login from its backup. The end of ctx does not stop it: after Ctrl-C, ctx has ended already.
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

// restorePatiently restores backup. While the store is locked it tries again until ctx ends, because the store gives up
// before a dead client's lock counts as stale.
func (r *Repairer) restorePatiently(ctx context.Context, backup *credentials.Backup) (err error) {
	for {
		_, tried := r.Backups.Undo(ctx, r.Store, backup, false, r.Now())
		if err == nil || tried == nil || ctx.Err() == nil { // an error of ctx would hide that of the lock
			err = tried
		}
		if !errors.As(err, new(*credentials.LockedError)) || ctx.Err() != nil {
			return err
		}
	}
}
