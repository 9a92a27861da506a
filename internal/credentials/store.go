package credentials

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"github.com/claude-auth/claude-auth/internal/atomicfile"
	"github.com/claude-auth/claude-auth/internal/lock"
	"github.com/claude-auth/claude-auth/internal/paths"
	"github.com/claude-auth/claude-auth/internal/system"
	"github.com/claude-auth/claude-auth/internal/ui"
)

// Store is where the client keeps the credentials.
type Store interface {
	// Read returns what is stored now, without a lock. A store that is empty, or does not hold a document, is not an
	// error; see Snapshot.Err. The error says why the store can't be read, and is in Snapshot.Err too.
	Read(ctx context.Context) (Snapshot, error)

	// Replace changes what is stored. Under the client's locks it reads again, asks change for the new bytes, and stores
	// them: Snapshot.Data for no change, and nil to remove the file. It may ask twice when nothing is stored yet.
	//
	// After any error but a *atomicfile.NotDurableError the store is as it was, to the byte and the mtime. The error is
	// a *LockedError when another process kept a lock.
	Replace(ctx context.Context, change bytesChange) error
}

// bytesChange returns the bytes to store, or nil for none.
type bytesChange = func(current Snapshot) ([]byte, error)

// Update is Store.Replace for a change of the document. Nothing is written when change returns the document that it was
// given. When something else than a document is stored, that is the error, and change is not asked.
func Update(ctx context.Context, store Store, change func(current Snapshot) (*Document, error)) error {
	return store.Replace(ctx, func(current Snapshot) ([]byte, error) {
		if current.Doc == nil {
			return nil, current.Err
		}
		after, err := change(current)
		switch {
		case err != nil:
			return nil, err
		case after == nil || after.Equal(current.Doc):
			return current.Data, nil
		}
		return after.Bytes(), nil
	})
}

// LockedError says that another process holds the store's lock. Trying again later helps (exit status 75).
type LockedError struct {
	Path string // the store
	Err  error  // a *lock.HeldError or *lock.LostError
}

func (e *LockedError) Error() string {
	var held *lock.HeldError
	switch {
	case !errors.As(e.Err, &held):
		return fmt.Sprintf("%s was not changed: %v", e.Path, e.Err)
	case held.Ahead > 0:
		return fmt.Sprintf("%s is locked, by a lock with a time in the future: %v", e.Path, held)
	}
	return fmt.Sprintf("%s is locked by %s", e.Path, held.By())
}

// Unwrap returns the lock's own error.
func (e *LockedError) Unwrap() error { return e.Err }

// Hint says what helps.
func (e *LockedError) Hint() string {
	if held := (*lock.HeldError)(nil); errors.As(e.Err, &held) && held.Ahead > 0 {
		return "run 'claude-auth doctor --fix': it removes the lock when nobody holds it"
	}
	return "try again in a moment; 'claude-auth doctor' shows who holds the lock"
}

// ReadOnlyError says that the file cannot be written because of a read-only mount.
type ReadOnlyError struct{ *atomicfile.ReadOnlyError }

// Hint says what helps.
func (e *ReadOnlyError) Hint() string {
	if e.IsFile {
		return "renew the login on the machine that owns this file, or give this machine a token of its own: " +
			"claude setup-token"
	}
	return "mount it for writing"
}

// CheckReadOnly returns a *ReadOnlyError when the file at path, or its directory, is on a read-only mount.
func CheckReadOnly(path string) error {
	if err := atomicfile.CheckReadOnly(path); err != nil {
		return &ReadOnlyError{err}
	}
	return nil
}

// lockError is a *LockedError for a lock that is held or was lost, and else says that the lock cannot be made.
func lockError(path string, err error) error {
	var held *lock.HeldError
	var lost *lock.LostError
	if errors.As(err, &held) || errors.As(err, &lost) {
		return &LockedError{Path: path, Err: err}
	}
	if errors.As(err, new(*lock.BlockedError)) {
		return fmt.Errorf("cannot lock %s: %w", path, err)
	}
	err = atomicfile.Failed("cannot lock "+path, err)
	if errors.Is(err, unix.EACCES) { // the directory of the locks is that of the file
		return ui.WithHint(err, ownDirectory(filepath.Dir(path)))
	}
	return err
}

// ownDirectory is the hint for a directory that this user may not write to.
func ownDirectory(dir string) string {
	if info, err := os.Stat(dir); err == nil && int(info.Sys().(*syscall.Stat_t).Uid) == os.Geteuid() {
		return fmt.Sprintf("run 'chmod u+rwx %s'", dir)
	}
	return fmt.Sprintf("run 'ls -ld %s' and give the directory to your user", dir)
}

// withRemedy adds the hint to the error of an edit for which a disk was too full, or a file could not be replaced.
func withRemedy(err error) error {
	if link := (*os.LinkError)(nil); errors.As(err, &link) && errors.Is(err, unix.EPERM) && ui.HintOf(err) == "" {
		return ui.WithHint(err, fmt.Sprintf("run 'sudo chattr -i %s' if the file is immutable", link.New))
	}
	if !errors.Is(err, unix.ENOSPC) && !errors.Is(err, unix.EDQUOT) || ui.HintOf(err) != "" {
		return err
	}
	hint := "free some space"
	if at := (*fs.PathError)(nil); errors.As(err, &at) { // a backup may be on another disk
		hint += " on the disk of " + filepath.Dir(at.Path)
	}
	return ui.WithHint(err, hint+", then run the command again")
}

// IsPermission reports whether a permission is missing, for the store or its locks.
func IsPermission(err error) bool { return errors.Is(err, fs.ErrPermission) }

// LockWait is how long an edit waits for the client's locks: as long as the client waits for its own write lock at
// most (10 retries of up to a second, 2.1.165 and 2.1.330, read).
const LockWait = 10 * time.Second

// Open returns the store that the client uses on that system: the keychain, where there is one, with the file as its
// fallback, unless --file named a file; else the file.
func Open(on system.System, p paths.Paths, env paths.Env) Store {
	file := NewFileStore(p.Credentials)
	file.GlobalConfig, file.CheckHome = p.GlobalConfig, p.CheckHome
	if !on.HasKeychain() || p.FileNamed || !usualFile(p, env) {
		return file
	}
	return NewKeychainStore(on.Security, env, file)
}

// PlaceOf names for people where the client stores a login: the item of a keychain, or the file.
func PlaceOf(store Store) string {
	switch s := store.(type) {
	case *KeychainStore:
		return itemName(s.Service)
	case *FileStore:
		return s.Path
	}
	return "the store"
}

// usualFile reports whether p.Credentials is where the client itself would put it in env.
func usualFile(p paths.Paths, env paths.Env) bool {
	usual, err := paths.Resolve(env.Without(paths.EnvFile), "")
	return err == nil && usual.Credentials == p.Credentials
}

// also adds a second error to a first, in one line; either may be nil.
func also(err, second error) error {
	switch {
	case second == nil:
		return err
	case err == nil:
		return second
	}
	return fmt.Errorf("%w; %w", err, second)
}
