package lock

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"

	"golang.org/x/sys/unix"

	"github.com/claude-auth/claude-auth/internal/atomicfile"
	"github.com/claude-auth/claude-auth/internal/create"
)

// errUnsupported says that this file system lacks something that a lock does not need.
var errUnsupported = errors.New("not supported here")

// made is a lock that this process has made.
type made struct {
	identity
	mark []byte // its attribute, which no other lock has; nil on a file system without attributes
}

// isAt reports whether the lock is the one at path, and returns what stat says of path now: the zero identity when
// nothing is there. The mark decides if there is one, else the mtime, which only we set.
func (m made) isAt(path string) (bool, identity, error) {
	now, err := identify(path)
	if err != nil {
		return false, now, ignoringGone(err)
	}
	if m.mark == nil || !m.sameDir(now) {
		return m.same(now), now, nil
	}
	mark, err := getAttribute(path, ownerAttribute)
	if err != nil && !noAttribute(err) {
		return false, now, &fs.PathError{Op: "read an attribute of", Path: path, Err: err}
	}
	return bytes.Equal(mark, m.mark), now, nil
}

// makeLock makes the lock. The error wraps fs.ErrExist when there is one.
//
// It makes the directory under another name, sets the attribute that names this process, and then renames it, unless
// something has the new name. So a process killed at any instant leaves no lock without the attribute. On file systems
// without such a rename or such attributes (NFS) it makes the directory in its place, as the client does.
func makeLock(path string, now time.Time) (made, error) {
	if _, err := identify(path); err == nil { // so that a process that waits changes nothing
		return made{}, fs.ErrExist
	}
	m, err := makeStaged(path, now)
	if errors.Is(err, errUnsupported) {
		return makeInPlace(path, now)
	}
	return m, err
}

func makeStaged(path string, now time.Time) (made, error) {
	staging := stagingName(path)
	err := create.Dir(staging, create.Private)
	if errors.Is(err, unix.ENAMETOOLONG) {
		return made{}, errUnsupported
	}
	if err != nil {
		return made{}, &fs.PathError{Op: "mkdir", Path: path, Err: errors.Unwrap(err)}
	}
	m, err := markAsOurs(staging, now)
	if err == nil {
		err = renameExclusive(staging, path)
	}
	if err != nil {
		return made{}, undo(staging, err)
	}
	return m, nil
}

// markAsOurs gives a new directory its attribute and its mtime.
func markAsOurs(dir string, now time.Time) (made, error) {
	mark, err := setOwner(dir)
	if err != nil {
		return made{}, err
	}
	id, err := setTime(dir, now)
	return made{identity: id, mark: mark}, err
}

func makeInPlace(path string, now time.Time) (made, error) {
	if err := create.Dir(path, create.Private); err != nil {
		return made{}, err
	}
	m, err := markAsOurs(path, now)
	if errors.Is(err, errUnsupported) {
		m.identity, err = setTime(path, now)
	}
	if err != nil {
		return made{}, undo(path, err)
	}
	return m, nil
}

// renameExclusive renames. The error wraps fs.ErrExist when something has the new name.
func renameExclusive(from, to string) error {
	err := atomicfile.IgnoringEINTR(func() error { return renameNoReplace(from, to) })
	switch {
	case err == nil:
		return nil
	case errors.Is(err, unix.EINVAL), errors.Is(err, unix.ENOSYS), errors.Is(err, unix.ENOTSUP):
		return errUnsupported
	}
	return &os.LinkError{Op: "rename", Old: from, New: to, Err: err}
}

// undo removes a directory that was just made, and returns err, the reason.
func undo(dir string, err error) error {
	if failed := removeLock(dir); failed != nil {
		return fmt.Errorf("%w (and %w)", err, failed)
	}
	return err
}

// setTime sets the mtime of the directory and returns what stat says then. The time has nanoseconds, so that no other
// process sets the same one by chance. (The client compares whole milliseconds.)
func setTime(path string, now time.Time) (identity, error) {
	ts := unix.NsecToTimespec(now.UnixNano())
	err := atomicfile.IgnoringEINTR(func() error {
		return unix.UtimesNanoAt(unix.AT_FDCWD, path, []unix.Timespec{ts, ts}, unix.AT_SYMLINK_NOFOLLOW)
	})
	if err != nil {
		return identity{}, &fs.PathError{Op: "set the time of", Path: path, Err: err}
	}
	return identify(path) // a file system may store the time with less precision
}

// removeLock removes an empty directory.
func removeLock(path string) error {
	if err := atomicfile.IgnoringEINTR(func() error { return unix.Rmdir(path) }); err != nil {
		return &fs.PathError{Op: "rmdir", Path: path, Err: err}
	}
	return nil
}
