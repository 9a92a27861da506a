package recovery

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/claude-auth/claude-auth/internal/claude"
	"github.com/claude-auth/claude-auth/internal/credentials"
	"github.com/claude-auth/claude-auth/internal/diagnose"
	"github.com/claude-auth/claude-auth/internal/ledger"
	"github.com/claude-auth/claude-auth/internal/lifecycle"
	"github.com/claude-auth/claude-auth/internal/ui"
)

// WipeOptions say what a wipe removes.
type WipeOptions struct {
	All    bool            // the whole document, not only the account's keys
	DryRun bool            // only report what would be removed
	Expect *ledger.LoginID // fail with ErrLoginChanged when another login is saved; nil is any
	Reason string          // for the backup's name

	console *credentials.ConsoleBackup // what the backup also holds, because a sign-in follows
	note    string                     // said right before the removal, once there is a backup; "" for nothing
}

// WipeResult is what a wipe has removed, or would remove.
type WipeResult struct {
	Removed []string            // top-level keys, in the document's order
	Backup  *credentials.Backup // nil when nothing was removed
}

// ErrLoginChanged says that the login to remove is no longer the saved one.
var ErrLoginChanged = errors.New("another process has changed the saved login; nothing was removed")

// Wipe removes the saved login under the client's locks, after a backup of the exact bytes. It fails when the user's
// pre-wipe hook says no, when the login has changed meanwhile, and when the store fails. After an error nothing has
// changed, unless the result names a backup: then the login was removed, and something failed after that.
func (r *Repairer) Wipe(ctx context.Context, o WipeOptions) (WipeResult, error) {
	if !o.DryRun {
		r.settleRenewal(ctx)
	}
	before, err := r.Store.Read(ctx)
	if err != nil {
		return WipeResult{}, err
	}
	if o.DryRun {
		_, removed, err := o.remove(before)
		return WipeResult{Removed: removed}, err
	}
	r.NoteInterruption(before) // its trace goes with the stale locks
	login := r.loginID(before)
	if err := r.Hooks.Run(ctx, lifecycle.PreWipe, login, nil); err != nil {
		hook := filepath.Join(r.Paths.LifecycleHooks(), lifecycle.PreWipe)
		return WipeResult{}, fmt.Errorf("your hook %s stopped the removal of the login: %w", hook, err)
	}
	if o.note != "" && diagnose.FindLasting(r.Paths).Cause != "" {
		o.note = "" // the removal will fail
	}
	result, err := r.wipeUnderLock(ctx, o)
	if err != nil && !r.Backups.Settle(ctx, r.Store, result.Backup) {
		return WipeResult{}, notRemoved(err)
	}
	if result.Backup != nil {
		r.record(ledger.Event{Kind: ledger.Wiped, Login: login})
		r.lifecycle(ctx, lifecycle.PostWipe, login, map[string]string{
			lifecycle.FactRemoved: strings.Join(result.Backup.Labels(result.Removed), ","),
			lifecycle.FactBackup:  result.Backup.ID,
		})
	}
	if err != nil {
		err = ui.WithHint(fmt.Errorf("the login may be removed, but that failed at its end: %w", err),
			"to restore it, run 'claude-auth undo' (backup "+result.Backup.ID+")")
	}
	return result, err
}

// notRemoved says that a login was not removed, where the error does not begin with the file.
func notRemoved(err error) error {
	if errors.Is(err, ErrLoginChanged) || errors.As(err, new(*credentials.LockedError)) ||
		errors.As(err, new(*credentials.ReadOnlyError)) {
		return err
	}
	return fmt.Errorf("could not remove the login: %w", err)
}

// wipeUnderLock returns a backup together with an error when the write after the backup has failed.
func (r *Repairer) wipeUnderLock(ctx context.Context, o WipeOptions) (result WipeResult, err error) {
	err = r.Store.Replace(ctx, func(current credentials.Snapshot) ([]byte, error) {
		after, removed, err := o.remove(current)
		if err != nil || len(removed) == 0 {
			return current.Data, err
		}
		if o.Expect != nil && r.loginID(current) != *o.Expect {
			return nil, ErrLoginChanged
		}
		result.Removed = removed
		result.Backup, err = r.Backups.Create(credentials.BackupRequest{
			Snapshot: current, After: after, Removed: removed, Reason: o.Reason,
			Login: credentials.Fingerprints(r.loginID(current)), Console: o.console, Time: r.Now(),
		})
		if err == nil && o.note != "" {
			r.Terminal.Notef("%s", o.note)
		}
		return after, err
	})
	return result, err
}

// everything is what a wipe of everything removes from a file that is not a JSON object.
const everything = "everything"

// remove returns the document without what the options remove, and the keys that it had.
func (o WipeOptions) remove(current credentials.Snapshot) (after []byte, removed []string, err error) {
	var without *credentials.Document
	switch {
	case o.All && current.Corrupt():
		return []byte(claude.EmptyCredentials), []string{everything}, nil
	case current.Doc == nil:
		return nil, nil, current.Err
	case o.All:
		without, removed, err = current.Doc.WithoutAll()
	default:
		without, removed, err = current.Doc.WithoutAccount()
	}
	if err != nil {
		return nil, nil, err
	}
	return without.Bytes(), removed, nil
}

// WipeByHand is Wipe for a person who asks for it. It says first when the login works.
func (r *Repairer) WipeByHand(ctx context.Context, o WipeOptions) (WipeResult, error) {
	if err := r.waits(ErrLocked); err != nil {
		return WipeResult{}, err
	}
	if !o.DryRun {
		r.FinishCutOff(ctx)
	}
	if snapshot, err := r.Store.Read(ctx); err == nil && !o.DryRun && r.loses(snapshot) {
		o.note = "your login seems to work. To get it back later: claude-auth undo"
	}
	return r.Wipe(ctx, o)
}

// loses reports whether a login that works goes when the one in the snapshot is removed. The key of a Console sign-in
// is not in that file.
func (r *Repairer) loses(s credentials.Snapshot) bool {
	_, state := r.Standing(s)
	return state.Usable() && state != credentials.Console
}

// errKeyInUse is the error of an undo that would make the client use an old login instead of a Console key.
var errKeyInUse = ui.WithHint(
	errors.New("the key of your Console sign-in is in use, and Claude Code would use the old login instead; "+
		"nothing was changed"),
	"to restore the old login anyway, run 'claude-auth undo --force' (the key stays saved)")

// WouldUndo says what Undo would do, and fails where Undo would. It changes nothing.
func (r *Repairer) WouldUndo(
	ctx context.Context, backup *credentials.Backup, force bool,
) (credentials.Restored, error) {
	if err := r.waits(ErrLocked); err != nil {
		return credentials.Restored{}, err
	}
	current, err := r.Store.Read(ctx)
	if err == nil && !force && !current.Console.IsZero() && backup.ForModel() {
		err = errKeyInUse
	}
	var done credentials.Restored
	if err == nil {
		done, err = backup.Preview(ctx, r.Store, current, force)
	}
	return done, err
}

// Undo restores a backup; see credentials.Backups.Undo. Without force it does not restore a login that the client would
// use instead of the Console key that it uses now.
func (r *Repairer) Undo(ctx context.Context, backup *credentials.Backup, force bool) (credentials.Restored, error) {
	if err := r.waits(ErrLocked); err != nil {
		return credentials.Restored{}, err
	}
	current := r.Snapshot(ctx)
	if current.Err == nil && !force && !current.Console.IsZero() && backup.ForModel() {
		return credentials.Restored{}, errKeyInUse
	}
	done, err := r.Backups.Undo(ctx, r.Store, backup, force, r.Now())
	if err != nil {
		return done, err
	}
	snapshot, err := r.Store.Read(ctx)
	if login := r.loginID(snapshot); err == nil && (current.Err != nil || login != r.loginID(current)) {
		r.record(ledger.Event{Kind: ledger.Restored, Login: login}) // else only something beside the login was undone
	}
	return done, nil
}
