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

// The reasons of the backups that edits of one value make.
const (
	ReasonSet   = "set"
	ReasonUnset = "unset"
)

// IsEdit reports whether the backup was made by an edit of one value.
func (b *Backup) IsEdit() bool { return b.Reason == ReasonSet || b.Reason == ReasonUnset }

// Over reports whether the time of the backup is over.
func (b *Backup) Over(now time.Time) bool {
	return !b.Verified.IsZero() && now.Sub(b.Time) >= KeepVerified
}

// Prune removes the backups whose time is over, and returns their ids. What can't be read is not removed. Every command
// that uses the backups calls it, so those whose names say that they are young are not even read.
func (b *Backups) Prune(now time.Time) (removed []string, err error) {
	ids, err := b.ids()
	if err != nil {
		return nil, err
	}
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

// PruneEdits removes all but the newest KeepEdits backups that edits of file have left, and returns their ids.
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

// prune removes one backup, and adds it to the removed or its error to err. Another process may have pruned it already.
func (b *Backups) prune(id string, removed []string, err error) ([]string, error) {
	switch removeErr := b.Remove(id); {
	case removeErr == nil:
		removed = append(removed, id)
	case !errors.Is(removeErr, fs.ErrNotExist):
		err = also(err, removeErr)
	}
	return removed, err
}

// Settle is for a backup whose edit came back with an error: when the store still holds what was there before, the
// backup is removed. When it does not, or can't be read, the edit may have been made (its directory could not be
// synced) and the backup holds what is nowhere else: Settle returns true.
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
