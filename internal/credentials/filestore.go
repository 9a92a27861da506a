package credentials

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sys/unix"

	"github.com/claude-auth/claude-auth/internal/atomicfile"
	"github.com/claude-auth/claude-auth/internal/claude"
	"github.com/claude-auth/claude-auth/internal/lock"
)

// FileStore is the credentials file.
type FileStore struct {
	Path  string
	Locks lock.Set      // taken for each edit
	Wait  time.Duration // how long to wait for them
	Now   func() time.Time

	// GlobalConfig is the client's file with the key of a Console sign-in; "" when nobody wants to know of that.
	GlobalConfig string

	// CheckHome, unless nil, says why the directory of the file may not be made.
	CheckHome func(path string) error
	// Tightened is called after an edit of a file that others could read or write before. It has mode 0600 now.
	Tightened func(was os.FileMode)
	// Left is called with a *lock.LeftError when an edit is stored and one of its locks could not be removed. When Left is
	// nil, the edit returns that error.
	Left func(error)
}

// NewFileStore is the file at path, under the locks that the client takes for a file in that directory.
func NewFileStore(path string) *FileStore {
	return &FileStore{Path: path, Locks: lock.Client(filepath.Dir(path)), Wait: LockWait, Now: time.Now}
}

// Replace implements Store.
func (f *FileStore) Replace(ctx context.Context, change bytesChange) error {
	return withRemedy(f.replace(ctx, change))
}

func (f *FileStore) replace(ctx context.Context, change bytesChange) error {
	if err := CheckReadOnly(f.Path); err != nil {
		return err
	}
	if _, err := os.Stat(f.Locks.Dir); errors.Is(err, fs.ErrNotExist) {
		// Make the directory only when there is something to write.
		if current, data, err := f.ask(ctx, change); err != nil || !differs(current, data) {
			return err
		}
		if f.CheckHome != nil {
			if err := f.CheckHome(f.Path); err != nil {
				return err
			}
		}
	}
	target := ""
	if linkText(f.Path) != "" {
		target, _ = atomicfile.Target(f.Path) // the write will say why there is none
	}
	return f.withLocks(ctx, f.Path, target, func(held *lock.Held) error { return f.replaceLocked(ctx, held, change) })
}

// withLocks calls change under the client's locks. The errors name the store. A target is where the file is a link to,
// or "": clients may use it in its own directory, under the locks there.
func (f *FileStore) withLocks(ctx context.Context, store, target string, change func(*lock.Held) error) error {
	locks := f.Locks
	if dir := filepath.Dir(target); filepath.Base(target) == claude.CredentialsFile && dir != filepath.Dir(f.Path) {
		locks = locks.Also(dir)
	}
	held, err := locks.Acquire(ctx, f.Wait)
	if err != nil {
		return lockError(store, err)
	}
	err = change(held)
	var lost *lock.LostError
	var left *lock.LeftError
	switch unreleased := held.Release(); {
	case unreleased == nil:
		return err
	case errors.As(unreleased, &left) && err == nil && f.Left != nil: // the edit is stored and stays
		f.Left(unreleased)
		return nil
	case errors.As(unreleased, &lost) && !errors.As(unreleased, &left): // the last check passed, or err says why not
		return err
	default:
		return also(err, fmt.Errorf("%s is still locked: %w", f.Path, unreleased))
	}
}

func (f *FileStore) replaceLocked(ctx context.Context, held *lock.Held, change bytesChange) error {
	if err := atomicfile.Finish(f.Path); err != nil {
		return err
	}
	atomicfile.Clean(f.Path, f.Now())
	before, data, err := f.ask(ctx, change)
	if err != nil || !differs(before, data) {
		return err
	}
	check := f.lastCheck(ctx, held)
	if data == nil {
		if err := check(); err != nil {
			return err
		}
		err := atomicfile.Remove(f.Path)
		if !errors.Is(err, unix.EBUSY) {
			return err
		}
		data = []byte(claude.EmptyCredentials) // a mount point cannot be removed
	}
	err = atomicfile.Write(f.Path, data, atomicfile.Options{MkdirParents: true, Before: check})
	if err == nil && f.Tightened != nil && before.Mode.Perm()&0o077 != 0 && f.isPrivate() {
		f.Tightened(before.Mode.Perm())
	}
	return err
}

// lastCheck is what is checked right before a change: that it is still wanted, and that the locks are still held.
func (f *FileStore) lastCheck(ctx context.Context, held *lock.Held) func() error {
	return func() error {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := held.Check(); err != nil {
			return lockError(f.Path, err)
		}
		return nil
	}
}

// isPrivate reports whether only the owner can read and write the file. A mount point may keep its mode, and a file
// system without modes does, which the doctor tells of.
func (f *FileStore) isPrivate() bool {
	info, err := os.Stat(f.Path)
	return err == nil && info.Mode().Perm()&0o077 == 0
}

// ask reads the file and asks change for the new content. Nil data means: remove the file.
func (f *FileStore) ask(ctx context.Context, change bytesChange) (current Snapshot, data []byte, err error) {
	if current, err = f.read(ctx); err == nil {
		data, err = change(current)
	}
	return current, data, err
}

// differs reports whether data (nil: nothing) is not what is stored now.
func differs(current Snapshot, data []byte) bool {
	return current.Exists != (data != nil) || !bytes.Equal(data, current.Data)
}
