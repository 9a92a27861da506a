package credentials

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/claude-auth/claude-auth/internal/claude"
	"github.com/claude-auth/claude-auth/internal/secret"
	"github.com/claude-auth/claude-auth/internal/ui"
)

// NewerLoginError says that the store holds a newer login than the backup.
type NewerLoginError struct{ Path string } // the file, or the item of the keychain

func (e *NewerLoginError) Error() string {
	return fmt.Sprintf("a newer login is saved in %s", e.Path)
}

// Hint says what helps.
func (e *NewerLoginError) Hint() string {
	return "nothing was changed; add --force to restore the old login, after a backup of the newer one"
}

// Restored is what a restore did.
type Restored struct {
	Exact    bool     // the store holds, byte for byte, what it held before the edit
	Keys     []string // the restored members, when not Exact
	Kept     []string // members that have been added again since the edit, and were left as they are
	Console  bool     // the key of a Console sign-in is back where it was
	Replaced *Backup  // of what was overwritten by force; nil when nothing was
}

// Undo restores a backup. When the store still holds what the edit left, Undo stores the exact bytes from before the
// edit. Otherwise it puts the removed members into the current document and leaves the rest of that as it is.
//
// Undo does not overwrite a login that is newer than the backup: the error is then a *NewerLoginError and nothing
// changes. With force it does, after a backup of the newer one; so it does with a store that does not hold a document.
func (b *Backups) Undo(ctx context.Context, store Store, backup *Backup, force bool, now time.Time) (Restored, error) {
	var done Restored
	backup.relink(ctx, store)
	err := store.Replace(ctx, func(current Snapshot) ([]byte, error) {
		done = Restored{}
		if backup.onlyConsole() {
			return current.Data, nil
		}
		if backup.Item != "" && current.Item == "" && current.Exists {
			return nil, &KeychainError{
				Service: backup.Item, Locked: true,
				Msg: "the keychain is locked, and the backup is of the " + backup.Place(),
			}
		}
		if backup.IsFollowedBy(current) {
			done.Exact = true
			return backup.Document, nil
		}
		after, err := backup.merge(current, force, &done)
		if err != nil {
			return nil, err
		}
		if force && current.Exists && differs(current, after) {
			request := BackupRequest{Snapshot: current, After: after, Removed: done.Keys, Reason: "undo", Time: now}
			done.Replaced, err = b.Create(request)
		}
		return after, err
	})
	if err != nil {
		b.Settle(ctx, store, done.Replaced)
		return Restored{}, err
	}
	if done.Console, _, err = backup.RestoreConsole(ctx, store); err != nil {
		return done, fmt.Errorf("the login is restored, but not the API key of the Console sign-in: %w", err)
	}
	if err := b.mark(backup.ID, func(stored *Backup) { stored.Restored = now.UTC() }); err != nil {
		return done, fmt.Errorf("the backup is restored, but this could not be noted in it: %w", err)
	}
	return done, nil
}

// Preview says what Undo would do with the store, which holds current. It fails where Undo would, and changes nothing.
func (b *Backup) Preview(ctx context.Context, store Store, current Snapshot, force bool) (done Restored, err error) {
	switch {
	case b.onlyConsole():
	case b.IsFollowedBy(current):
		done.Exact = true
	default:
		_, err = b.merge(current, force, &done)
	}
	if b.Console != nil {
		done.Console = FindConsoleKey(ctx, store, b.Console.file()).Key.IsZero()
	}
	return done, err
}

// relink makes the file a link again that was one before the edit and that the client has replaced since, when what
// the link led to is still as the edit has left it, or has what the file has. When that fails the file itself gets back
// what it had.
func (b *Backup) relink(ctx context.Context, store Store) {
	file, ok := store.(*FileStore)
	if b.Link == "" || !ok {
		return
	}
	link := &Link{To: b.Link}
	target, err := link.target(file.Path)
	if err != nil {
		return
	}
	link.left = ReadFile(target).digest()
	if link.left == b.After || link.left == ReadFile(file.Path).digest() {
		_, _ = file.Relink(ctx, link)
	}
}

// onlyConsole reports whether the backup holds a Console key and nothing that was removed from the store.
func (b *Backup) onlyConsole() bool { return b.Console != nil && len(b.Removed) == 0 }

// ForModel reports whether the backup would restore a login that the client uses.
func (b *Backup) ForModel() bool {
	old, err := Parse(b.Document)
	if err != nil || b.onlyConsole() {
		return false
	}
	login, ok := old.Login()
	return ok && !login.AccessToken.IsZero() && login.ForModel()
}

// IsFollowedBy reports whether the store still holds what the edit left, or again what was there before the edit.
func (b *Backup) IsFollowedBy(current Snapshot) bool {
	if !current.Exists {
		return b.After == ""
	}
	return digest(current.Data) == b.After || bytes.Equal(current.Data, b.Document)
}

// merge puts the removed members into the current document.
func (b *Backup) merge(current Snapshot, force bool, done *Restored) ([]byte, error) {
	old, err := Parse(b.Document)
	if err != nil || current.Doc == nil {
		return b.whole(current, force, done)
	}
	if !force && slices.Contains(b.Removed, claude.LoginKey) && b.newerLogin(old, current.Doc) {
		return nil, &NewerLoginError{Path: current.Place()}
	}
	if !current.Exists && len(b.Removed) == len(old.Keys()) {
		done.Exact = true
		return b.Document, nil
	}
	doc := current.Doc
	for _, key := range b.Removed {
		place := Path{{Name: key, Key: true}}
		raw, ok, err := old.At(place)
		if err != nil {
			return nil, fmt.Errorf("the backup %s is damaged: %w", b.ID, err)
		}
		if !ok {
			return nil, fmt.Errorf("the backup %s is damaged: %q is missing", b.ID, secret.Redact(key))
		}
		if key != claude.LoginKey && !force && doc.Has(key) {
			done.Kept = append(done.Kept, key)
			continue
		}
		if doc, err = doc.SetAt(place, raw); err != nil {
			return nil, err
		}
		done.Keys = append(done.Keys, key)
	}
	if doc == current.Doc {
		return current.Data, nil
	}
	return doc.Bytes(), nil
}

// whole restores all the old bytes, for when the backup or the store does not hold a document to merge.
func (b *Backup) whole(current Snapshot, force bool, done *Restored) ([]byte, error) {
	switch {
	case force, !current.Exists, current.Doc != nil && len(current.Doc.members) == 0:
		done.Exact = true
		return b.Document, nil
	case current.Doc != nil && current.Doc.HoldsLogin():
		return nil, &NewerLoginError{Path: current.Place()}
	case current.Doc == nil:
		return nil, current.Err
	}
	return nil, ui.WithHint(
		fmt.Errorf("%s has changed since, and the backup cannot be added to it: it is not valid JSON", current.Path),
		"add --force to restore it in the place of the file")
}

// newerLogin reports whether the current document has a login with tokens, and another one than the backup.
func (b *Backup) newerLogin(old, current *Document) bool {
	if !current.HoldsLogin() {
		return false
	}
	place := Path{{Name: claude.LoginKey}}
	oldRaw, _, oldErr := old.At(place)
	currentRaw, _, currentErr := current.At(place)
	return oldErr != nil || currentErr != nil || !bytes.Equal(oldRaw, currentRaw)
}

// HoldsLogin reports whether there is a login with a token: one that the client has not emptied.
func (d *Document) HoldsLogin() bool {
	login, ok := d.Login()
	return ok && (!login.AccessToken.IsZero() || !login.RefreshToken.IsZero())
}
