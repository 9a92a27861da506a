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

	"github.com/claude-auth/claude-auth/internal/atomicfile"
	"github.com/claude-auth/claude-auth/internal/claude"
)

// tooOld reports whether the lock's mtime is older than the stale time, as proper-lockfile does. An mtime in the future
// is not old: the client's first one is up to a second ahead.
func tooOld(id identity, o options) bool { return id.modTime().Before(o.clock.Now().Add(-o.stale)) }

// Holder is a lock that exists, with what is known about the process that holds it.
type Holder struct {
	Path  string
	Since time.Time     // the lock's mtime, which a live holder updates
	Stale bool          // no process holds it any more
	Ahead time.Duration // how far Since is in the future, where a clock must be wrong; else 0
	Owner *Owner        // nil when it is not known
	Err   error         // why stat failed; a *BlockedError when it is something else than a lock
	id    identity
	gone  bool          // the process that Owner names has ended
	watch time.Duration // how long it must stay untouched to count as left behind; 0 when its age tells that
}

// look returns who holds the lock at path. Its Err wraps fs.ErrNotExist when there is none.
func look(path string, o options) Holder {
	id, err := identify(path)
	switch {
	case err != nil:
	case id.mode&unix.S_IFMT == unix.S_IFLNK:
		err = &BlockedError{Path: path, What: "a symbolic link"}
	case !id.isDir():
		err = &BlockedError{Path: path, What: "a file"}
	}
	h := Holder{Path: path, Since: id.modTime(), Err: err, id: id}
	if err != nil {
		return h
	}
	h.Owner = ownerOf(path, id, o)
	h.Ahead, h.gone = id.ahead(o.clock.Now()), h.Owner != nil && h.Owner.gone()
	h.Stale = tooOld(id, o) || h.leftAhead(o) ||
		h.gone && (h.Owner.Ours || h.Since.Before(o.clock.Now().Add(-claude.OwnerGrace)))
	if h.Ahead > 0 {
		h.watch = o.stale
	}
	return h
}

// why returns why the lock cannot be taken: a *HeldError, h.Err, or nil when the lock is gone.
func (h Holder) why() error {
	if h.Err != nil {
		return ignoringGone(h.Err)
	}
	return &HeldError{Path: h.Path, Since: h.Since, Owner: h.Owner, Ahead: h.Ahead}
}

// breakIfStale removes the lock at path when it is stale, and reports whether it did. The error is a *HeldError for a
// live lock, a *BlockedError for something else than a lock, and nil for a lock that is gone.
//
// Processes of this program do this one after the other in a directory, and each looks again when it is its turn. So
// one of those that saw the same stale lock removes it, and none removes the lock that is made next. The client does
// not take part in this, but it removes the lock a moment after it has looked, and so do we.
func breakIfStale(path string, o options) (bool, error) {
	seen := look(path, o)
	if seen.Err != nil || !seen.Stale || !seen.stillLeft(o) {
		return false, seen.why()
	}
	unguard, err := guard(filepath.Dir(path))
	if err != nil {
		return false, err
	}
	defer unguard()
	again := look(path, o)
	if again.Err != nil || !again.Stale || !again.id.same(seen.id) {
		return false, again.why()
	}
	switch err := removeLock(path); {
	case err == nil:
		return true, nil
	case errors.Is(err, fs.ErrNotExist):
		return false, nil
	case errors.Is(err, unix.ENOTEMPTY), errors.Is(err, unix.EEXIST):
		return false, &BlockedError{Path: path, What: "a directory that is not empty"}
	default:
		return false, fmt.Errorf("cannot take over a lock that was left behind: %w", err)
	}
}

func ignoringGone(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// guard keeps other processes of this program from breaking locks in dir until the returned function is called. It is a
// flock(2) on the directory, which leaves nothing behind and ends with the process. Where that fails (NFS wants a file
// open for writing) only the second look protects the lock.
func guard(dir string) (func(), error) {
	file, err := os.Open(dir)
	if err != nil {
		return nil, fmt.Errorf("cannot take over a lock that was left behind: %w", err)
	}
	_ = atomicfile.IgnoringEINTR(func() error { return unix.Flock(int(file.Fd()), unix.LOCK_EX) })
	return func() { _ = file.Close() }, nil // closing ends the flock
}

// jitter is between half of d and d, so that processes that wait for the same lock do not all try at the same time.
func jitter(d time.Duration) time.Duration { return d/2 + rand.N(d/2+1) }
