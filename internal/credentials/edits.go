package credentials

import (
	"errors"
	"io/fs"
)

// KeepEdits is how many backups of edits are kept of one file: enough to take the last few slips back, and few, because
// each holds tokens.
const KeepEdits = 10

// The reasons of the backups that edits make.
const (
	ReasonSet   = "set"
	ReasonUnset = "unset"
)

// IsEdit reports whether the backup was made by an edit of one value.
func (b *Backup) IsEdit() bool { return b.Reason == ReasonSet || b.Reason == ReasonUnset }

// PruneEdits removes all but the newest KeepEdits backups that edits of file have left, and returns their ids.
func (b *Backups) PruneEdits(file string) (removed []string, err error) {
	ids, err := b.ids()
	if err != nil || len(ids) <= KeepEdits {
		return nil, err
	}
	list, err := b.List()
	edits := 0
	for _, backup := range list {
		if backup.File != file || !backup.IsEdit() {
			continue
		}
		if edits++; edits <= KeepEdits {
			continue
		}
		if removeErr := b.Remove(backup.ID); removeErr == nil {
			removed = append(removed, backup.ID)
		} else if !errors.Is(removeErr, fs.ErrNotExist) { // somebody else may have pruned it
			err = also(err, removeErr)
		}
	}
	return removed, err
}
