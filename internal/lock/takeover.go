package lock

import (
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sys/unix"

	"github.com/claude-auth/claude-auth/internal/claude"
)

// tooOld reports whether the lock's mtime is older than the stale time, as proper-lockfile does. An mtime that lies
// ahead does not count: the client's first one does, by up to a second.
func tooOld(id identity, o options) bool { return id.modTime().Before(o.clock.Now().Add(-o.stale)) }

// stale reports whether nobody holds the lock id at path any more.
func stale(path string, id identity, o options) bool {
	if tooOld(id, o) {
		return true
	}
	owner := ownerOf(path, id, o)
	if owner == nil || !owner.gone() {
		return false
	}
	return owner.Ours || id.modTime().Before(o.clock.Now().Add(-claude.OwnerGrace))
}

// breakIfStale removes the lock at path when it is stale, and reports whether it did. The error is a *HeldError for a
// live lock, a *BlockedError for something else than a lock, and nil for a lock that is gone.
//
// Only one process of ours does this at a time in a directory, and looks again when it is its turn: so of all that saw
// the same stale lock, one removes it, and none removes the lock that was made after it. The client takes no part in
// this; but it looks and removes within a moment, and so do we.
func breakIfStale(path string, o options) (bool, error) {
	id, err := identifyLock(path)
	if err != nil {
		return false, ignoringGone(err)
	}
	if !stale(path, id, o) {
		return false, &HeldError{Path: path, Since: id.modTime(), Owner: ownerOf(path, id, o)}
	}
	unguard, err := guard(filepath.Dir(path))
	if err != nil {
		return false, err
	}
	defer unguard()
	again, err := identifyLock(path)
	if err != nil {
		return false, ignoringGone(err)
	}
	if !again.same(id) || !stale(path, again, o) {
		return false, &HeldError{Path: path, Since: again.modTime(), Owner: ownerOf(path, again, o)}
	}
	if err := removeLock(path); err != nil {
		return false, takeoverError(path, err)
	}
	return true, ignoringGone(cleanStaging(path, o))
}

func ignoringGone(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

func takeoverError(path string, err error) error {
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case errors.Is(err, unix.ENOTEMPTY), errors.Is(err, unix.EEXIST):
		return &BlockedError{Path: path, What: "a directory that is not empty"}
	}
	return fmt.Errorf("take over a stale lock: %w", err)
}

// identifyLock is identify for what must be a directory.
func identifyLock(path string) (identity, error) {
	id, err := identify(path)
	if err != nil || id.isDir() {
		return id, err
	}
	if id.mode&unix.S_IFMT == unix.S_IFLNK {
		return id, &BlockedError{Path: path, What: "a symbolic link"}
	}
	return id, &BlockedError{Path: path, What: "a file"}
}

// guard keeps other processes of this program from breaking locks in dir until the function returned is called. It is a
// flock(2) on the directory, which leaves nothing behind and ends with the process. Where that is not to be had (NFS
// wants a file open for writing) there is none: the second look is all that the client has, too.
func guard(dir string) (func(), error) {
	file, err := os.Open(dir)
	if err != nil {
		return nil, fmt.Errorf("take over a stale lock: %w", err)
	}
	_ = ignoringEINTR(func() error { return unix.Flock(int(file.Fd()), unix.LOCK_EX) })
	return func() { _ = file.Close() }, nil // closing ends the flock
}

// jitter is between half of d and d, so that processes that wait for the same lock do not ask in step.
func jitter(d time.Duration) time.Duration { return d/2 + rand.N(d/2+1) }
