package recovery

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/signal"
	"slices"
	"syscall"
	"time"

	"github.com/claude-auth/claude-auth/internal/claude"
	"github.com/claude-auth/claude-auth/internal/config"
	"github.com/claude-auth/claude-auth/internal/credentials"
	"github.com/claude-auth/claude-auth/internal/diagnose"
	"github.com/claude-auth/claude-auth/internal/ledger"
	"github.com/claude-auth/claude-auth/internal/lifecycle"
	"github.com/claude-auth/claude-auth/internal/lock"
	"github.com/claude-auth/claude-auth/internal/runner"
	"github.com/claude-auth/claude-auth/internal/signin"
	"github.com/claude-auth/claude-auth/internal/ui"
)

// putBackTimeout bounds how long restoring the old login waits for a lock. A lock that a dead client has left counts as
// stale before that, so only a live process can prevent the restore.
const putBackTimeout = claude.StorageStale + 5*time.Second

// notStored is the error of a sign-in after which no new tokens are in the file. success says that the client ended
// with status 0, and said "Login successful".
func notStored(file string, success bool, obstacle diagnose.Obstacle) error {
	text := "the sign-in was not completed: no new login was saved in "
	if success {
		text = "Claude Code said 'Login successful', but no new login was saved in "
	}
	text += file
	if obstacle.Cause != "" {
		text += ": " + obstacle.Cause
	}
	return ui.WithHint(errors.New(text), cmp.Or(obstacle.Remedy, "run 'claude-auth login' to try again"))
}

// replacement is a sign-in that replaces the saved login.
type replacement struct {
	old    ledger.LoginID  // the login to remove, and no other one
	action diagnose.Action // how
	args   []string        // for `claude auth login`
	note   string          // said right before the removal; "" for nothing
	again  string          // the command that tries again; "" for recover
}

// keeps is what comes back from the backup when nothing is stored; "" for nothing.
func (with replacement) keeps(backup *credentials.Backup) string {
	switch {
	case backup == nil:
		return ""
	case with.action == diagnose.SetAside:
		return oldFile
	}
	return oldLogin
}

// signIn removes the old login, has the client sign in, and checks what was stored. When anything goes wrong after the
// removal, even a panic, it restores the old login, and the Console key that the client may have dropped.
func (r *Repairer) signIn(ctx context.Context, with replacement) (err error) {
	old, args := with.old, with.args
	if err := r.checkName(); err != nil {
		return err
	}
	client, err := r.Client()
	if err != nil {
		return err // before anything was touched
	}
	if set := (diagnose.Launch{Dir: r.Dir}).SignInToken(r.Env, r.Paths); set != nil && set.File != "" {
		err := fmt.Errorf("the sign-in was not started: the client would use %s, and open no browser", set)
		return ui.WithHint(err, set.Remedy())
	}
	defer surviveClosedPipes()()
	was := replaced{login: old, owner: r.OwnerOf(r.Snapshot(ctx))}
	if key := r.consoleKey(ctx).Key; !key.IsZero() {
		was.key = r.Ledger.IdentifyKey(key)
	}
	if was.backup, err = r.keepOld(ctx, with); err != nil {
		return r.ended(ctx, err, was, with)
	}
	r.breakStaleLocks()
	stored := false
	defer func() {
		if !stored {
			err = r.ended(ctx, err, was, with)
		}
	}()
	link := r.link()
	if link == nil {
		link = r.Linked
	}
	r.Debug.Decidedf("signing in with %s", client)
	status, runErr := r.runSignIn(ctx, client, args, with.keeps(was.backup))
	r.Debug.Sawf("the sign-in ended: %v, error %v", status, runErr)
	r.relink(ctx, link)
	r.leaveToOwner()
	stored, err = r.verify(ctx, was, status, runErr, args)
	r.Debug.Believesf("new tokens are stored: %t", stored)
	if stored && was.backup != nil {
		r.keepSpareKey(ctx, was)
		r.warn("mark the backup as replaced", r.Backups.MarkVerified(was.backup.ID, r.Now()))
	}
	return err
}

// replaced is what a sign-in replaces.
type replaced struct {
	login  ledger.LoginID      // what the client used
	owner  credentials.Owner   // whose it was; zero when unknown
	key    ledger.LoginID      // the Console key that was saved, used or not; zero for none
	backup *credentials.Backup // nil when there was nothing to lose
}

// keepOld removes the old login, after a backup. The backup also holds the Console key, which the client drops at every
// sign-in; when that is all there is to keep, keepOld removes nothing. A backup that it returns with an error says that
// the login was removed.
func (r *Repairer) keepOld(ctx context.Context, with replacement) (*credentials.Backup, error) {
	key := credentials.KeepConsole(ctx, r.Store, r.Paths.GlobalConfig)
	if with.action == diagnose.WipeAndSignIn || with.action == diagnose.SetAside {
		result, err := r.Wipe(ctx, WipeOptions{
			All: with.action == diagnose.SetAside, Expect: &with.old, Reason: reasonLogin, console: key, note: with.note,
		})
		if err != nil || result.Backup != nil {
			return result.Backup, err
		}
	}
	if key == nil {
		return nil, nil
	}
	current, err := r.Store.Read(ctx)
	if err != nil {
		return nil, err
	}
	return r.Backups.Create(credentials.BackupRequest{
		Snapshot: current, After: current.Data, Reason: reasonLogin, Console: key,
		Login: credentials.Fingerprints(with.old), Time: r.Now(),
	})
}

// keepSpareKey puts a Console key back that lay beside the old login. The client uses the new login before it. A key
// that the client used itself was replaced on purpose, and stays in the backup.
func (r *Repairer) keepSpareKey(ctx context.Context, was replaced) {
	if was.login.Console() || was.login.IsZero() {
		return
	}
	restored, _, err := was.backup.RestoreConsole(context.WithoutCancel(ctx), r.Store)
	r.warn("restore the Console key", err)
	if restored {
		r.Terminal.Notef("restored the Console key in %s", was.backup.Console.Place())
	}
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

// timeout is how long a sign-in may take.
func (r *Repairer) timeout() time.Duration {
	if r.Timeout <= 0 {
		return config.DefaultTimeout
	}
	return r.Timeout
}

// runSignIn runs `claude auth login` on the terminal, for at most Timeout. keeps is what comes
// back when nothing is stored.
func (r *Repairer) runSignIn(ctx context.Context, client string, args []string, keeps string) (runner.Status, error) {
	limited, cancel := context.WithTimeoutCause(ctx, r.timeout(), lateError{r.timeout()})
	defer cancel()
	env := r.Env.Inside(client)
	if r.Browser != "" {
		env = env.With(claude.EnvBrowser, r.Browser)
	}
	if r.Env.Get(claude.EnvRefreshToken) != "" {
		r.Terminal.Notef("%s in the environment is left out: Claude Code would use it instead of the browser",
			claude.EnvRefreshToken)
		env = env.Without(claude.SignInVariables[:]...)
	}
	status, err := r.Terminal.SignIn(limited, signin.Request{
		Command: runner.Command{
			Path: client,
			Args: append(claude.SignIn[:], args...),
			Env:  r.Paths.StoreIn(env).Environ(),
		},
		Env: r.Env, Keeps: keeps, Elsewhere: !r.canOpenBrowser(),
	})
	switch cause := context.Cause(limited); {
	case cause != nil:
		return status, cause
	case err == nil && (status.Signal == syscall.SIGINT || status.Code == 128+int(syscall.SIGINT)):
		return status, signin.ErrCancelled // with Ctrl-C, which the client has read itself
	}
	return status, err
}

// ended restores the old login after a sign-in that stored none, and returns err with what has become of it.
func (r *Repairer) ended(ctx context.Context, err error, was replaced, with replacement) error {
	restored := with.keeps(was.backup)
	again := cmp.Or(with.again, "claude-auth recover")
	var tooLate lateError
	failed := r.putBack(ctx, was.backup, with.old)
	switch {
	case failed != nil:
		return errors.Join(err, failed)
	case errors.Is(err, signin.ErrCancelled), errors.Is(err, context.Canceled):
		return &Cancelled{Restored: restored, Again: again}
	case errors.As(err, &tooLate):
		return late(tooLate, restored, again)
	case restored != "":
		r.Terminal.Notef("%s", restoredNote(restored))
	}
	return err
}

// verify reports whether the client has stored new tokens. Its own "Login successful" proves nothing: 2.1.165 and
// 2.1.330 say it when they could not write. A sign-in that stored no tokens is an error; runErr is the error of running
// it.
func (r *Repairer) verify(
	ctx context.Context, was replaced, status runner.Status, runErr error, args []string,
) (stored bool, err error) {
	after, err := r.Store.Read(context.WithoutCancel(ctx))
	if err != nil {
		return false, err
	}
	login := r.loginID(after)
	fresh := login.Access != "" && login.Access != was.login.Access && login.Access != was.key.Access
	if fresh && after.State(r.Now(), credentials.History{}).Usable() {
		event := ledger.Event{Kind: ledger.SignedIn, Login: login}
		if r.OwnerOf(after).IsOther(was.owner) {
			event.Detail = ledger.OtherAccount()
		}
		r.record(event)
		r.lifecycle(context.WithoutCancel(ctx), lifecycle.PostLogin, login, nil)
		return true, nil
	}
	failure := runErr
	if runErr == nil {
		file := r.Paths.Credentials
		if slices.Contains(args, claude.ConsoleFlag) {
			file = r.Paths.GlobalConfig
		}
		failure = notStored(file, status.Success(), diagnose.FindObstacle(r.Paths))
	}
	cause := map[string]string{causeDetail: failure.Error()}
	r.record(ledger.Event{Kind: ledger.LoginFailed, Login: was.login, Detail: cause})
	return false, failure
}

// putBack restores the old login from its backup. The end of ctx does not stop it: after Ctrl-C, ctx has ended already.
func (r *Repairer) putBack(ctx context.Context, backup *credentials.Backup, login ledger.LoginID) error {
	if backup == nil {
		return nil
	}
	limited, cancel := context.WithTimeout(context.WithoutCancel(ctx), putBackTimeout)
	defer cancel()
	err := patiently(limited, func() error {
		_, err := r.Backups.Undo(limited, r.Store, backup, false, r.Now())
		return err
	})
	if err != nil {
		return ui.WithHint(fmt.Errorf("the old login could not be restored: %w", err),
			fmt.Sprintf("it is kept as backup %s: run 'claude-auth undo'", backup.ID))
	}
	r.record(ledger.Event{Kind: ledger.Restored, Login: login})
	return nil
}

// patiently calls try. While the store is locked it tries again until ctx ends, because the store gives up before a
// dead client's lock counts as stale.
func patiently(ctx context.Context, try func() error) (err error) {
	for {
		tried := try()
		if err == nil || tried == nil || ctx.Err() == nil { // an error of ctx would hide that of the lock
			err = tried
		}
		if !errors.As(err, new(*credentials.LockedError)) || ctx.Err() != nil {
			return err
		}
	}
}
