package recovery

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/claude-auth/claude-auth/internal/credentials"
	"github.com/claude-auth/claude-auth/internal/ledger"
	"github.com/claude-auth/claude-auth/internal/ui"
)

// WipeOptions say what a wipe removes.
type WipeOptions struct {
	All    bool            // the whole document, not only the account's keys
	DryRun bool            // only say what would go
	Expect *ledger.LoginID // wipe only this login: another one in its place is left alone
	Reason string          // for the backup's name
}

// WipeResult is what a wipe removed, or would.
type WipeResult struct {
	Removed []string            // top-level keys, in the document's order
	Backup  *credentials.Backup // nil when nothing was removed
}

// ErrLoginChanged says that the login to be wiped is no longer the one that is saved.
var ErrLoginChanged = errors.New("the saved login has changed meanwhile")

// emptyDocument is what a wipe of everything leaves: the client reads it as no login (2.1.165, 2.1.330).
var emptyDocument = []byte("{}\n")

// Wipe removes the saved login under the client's locks, after a backup of the exact bytes. It fails when the user's
// pre-wipe hook says no, when the login has changed meanwhile, and when the store fails. After an error nothing has
// changed, unless the result names a backup: then the login was removed, and something went wrong after that.
func (r *Repairer) Wipe(ctx context.Context, o WipeOptions) (WipeResult, error) {
	if o.DryRun {
		return r.wouldWipe(ctx, o)
	}
	before, err := r.Store.Read(ctx)
	if err != nil {
		return WipeResult{}, err
	}
	login := r.loginID(before)
	if err := r.veto(ctx, "pre-wipe", login); err != nil {
		return WipeResult{}, err
	}
	result, err := r.wipeUnderLock(ctx, o)
	if err != nil && !r.Backups.Settle(ctx, r.Store, result.Backup) {
		return WipeResult{}, fmt.Errorf("wipe the login: %w", err)
	}
	if result.Backup != nil {
		r.record(ledger.Event{Kind: ledger.Wiped, Login: login})
		r.lifecycle(ctx, "post-wipe", login,
			fact{"CLAUDE_AUTH_REMOVED", strings.Join(result.Backup.Labels(result.Removed), ",")},
			fact{"CLAUDE_AUTH_BACKUP", result.Backup.ID})
	}
	if err != nil {
		err = ui.WithHint(fmt.Errorf("wipe the login: %w", err),
			"it may have been taken out: 'claude-auth undo' puts it back (backup "+result.Backup.ID+")")
	}
	return result, err
}

// wipeUnderLock may return a backup together with an error: one that was made before the write failed.
func (r *Repairer) wipeUnderLock(ctx context.Context, o WipeOptions) (WipeResult, error) {
	var result WipeResult
	keep := func(current credentials.Snapshot, after []byte, removed []string) (err error) {
		if o.Expect != nil && r.loginID(current) != *o.Expect {
			return ErrLoginChanged
		}
		result.Removed = removed
		result.Backup, err = r.Backups.Create(credentials.BackupRequest{
			Snapshot: current, After: after, Removed: removed, Reason: o.Reason,
			Login: credentials.Fingerprints(r.loginID(current)), Time: r.Now(),
		})
		return err
	}
	if o.All {
		err := r.Store.Replace(ctx, func(current credentials.Snapshot) ([]byte, error) {
			after, removed, err := emptied(current)
			if err != nil || len(removed) == 0 {
				return current.Data, err
			}
			return after, keep(current, after, removed)
		})
		return result, err
	}
	err := credentials.Update(ctx, r.Store, func(current credentials.Snapshot) (*credentials.Document, error) {
		after, removed, err := current.Doc.WithoutAccount()
		if err != nil || len(removed) == 0 {
			return current.Doc, err
		}
		return after, keep(current, after.Bytes(), removed)
	})
	return result, err
}

func (r *Repairer) wouldWipe(ctx context.Context, o WipeOptions) (WipeResult, error) {
	current, err := r.Store.Read(ctx)
	if err != nil || !current.Exists {
		return WipeResult{}, err
	}
	if o.All {
		_, removed, err := emptied(current)
		return WipeResult{Removed: removed}, err
	}
	if current.Doc == nil {
		return WipeResult{}, fmt.Errorf("wipe the login: %w", current.Err)
	}
	_, removed, err := current.Doc.WithoutAccount()
	return WipeResult{Removed: removed}, err
}

// everything is the name for what a document that cannot be read as one holds.
const everything = "everything"

// emptied is the document without any member. A file that holds no document is emptied whole: that is what --all is
// for, and the backup has its bytes.
func emptied(current credentials.Snapshot) (after []byte, removed []string, err error) {
	switch {
	case current.Corrupt():
		return emptyDocument, []string{everything}, nil
	case current.Doc == nil:
		return nil, nil, current.Err
	}
	doc, removed, err := current.Doc.WithoutAll()
	if err != nil {
		return nil, nil, err
	}
	return doc.Bytes(), removed, nil
}

// Undo restores a backup; see credentials.Backups.Undo.
func (r *Repairer) Undo(ctx context.Context, backup *credentials.Backup, force bool) (credentials.Restored, error) {
	done, err := r.Backups.Undo(ctx, r.Store, backup, force, r.Now())
	if err != nil {
		return done, fmt.Errorf("undo: %w", err)
	}
	snapshot, err := r.Store.Read(ctx)
	if err == nil {
		r.record(ledger.Event{Kind: ledger.Restored, Login: r.loginID(snapshot)})
	}
	return done, nil
}
