package credentials

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"time"
)

// How long backups are kept. Each holds tokens, so they are few: enough to undo the last few slips.
const (
	KeepVerified = 7 * 24 * time.Hour // the age of a backup, once the login after it has been verified
	KeepEdits    = 10                 // how many backups of edits of one value, for each file
)

// IsEdit reports whether the backup was made by an edit of one value: its reason is the command's name.
func (b *Backup) IsEdit() bool { return b.Reason == "set" || b.Reason == "unset" }

// Over reports whether the backup has expired.
func (b *Backup) Over(now time.Time) bool {
	return !b.Verified.IsZero() && now.Sub(b.Time) >= KeepVerified
}

// Prune removes the expired backups and returns their ids. It keeps a backup that it can't read. Every command that
// uses the backups calls it, so it does not read those that are young by their names.
func (b *Backups) Prune(now time.Time) (removed []string, err error) {
	ids, err := b.ids()
	for _, id := range ids {
		made, parseErr := time.Parse(idTime, id[:min(len(id), len(idTime))])
		if parseErr == nil && now.Sub(made) < KeepVerified {
			continue
		}
		switch backup, readErr := b.read(id); {
		case readErr == nil && backup.Over(now):
			removed, err = b.prune(id, removed, err)
		case readErr != nil && !errors.Is(readErr, fs.ErrNotExist):
			err = also(err, readErr)
		}
	}
	return removed, err
}

// PruneEdits removes all but the newest KeepEdits backups that edits of file have made, and returns their ids.
func (b *Backups) PruneEdits(file string) (removed []string, err error) {
	ids, err := b.ids()
	if err != nil || len(ids) <= KeepEdits {
		return nil, err
	}
	list, err := b.List()
	edits := 0
	for _, backup := range list {
		if backup.File == file && backup.IsEdit() {
			if edits++; edits > KeepEdits {
				removed, err = b.prune(backup.ID, removed, err)
			}
		}
	}
	return removed, err
}

// prune removes one backup, and adds its id to removed or the error to err. Another process may have removed it
// already.
func (b *Backups) prune(id string, removed []string, err error) ([]string, error) {
	switch removeErr := b.Remove(id); {
	case removeErr == nil:
		removed = append(removed, id)
	case !errors.Is(removeErr, fs.ErrNotExist):
		err = also(err, removeErr)
	}
	return removed, err
}

// Settle decides what becomes of a backup, which may be nil, after its edit has failed. When the store still holds what
// it held before the edit, Settle removes the backup. Otherwise, or when the store can't be read, the edit may have
// been made (its directory could not be synced), and Settle keeps the backup.
func (b *Backups) Settle(ctx context.Context, store Store, backup *Backup) (kept bool) {
	if backup == nil {
		return false
	}
	current, err := store.Read(context.WithoutCancel(ctx))
	if err != nil && !current.Corrupt() || !current.Exists || !bytes.Equal(current.Data, backup.Document) {
		return true
	}
	_ = b.Remove(backup.ID) // one too many harms nobody
	return false
}
