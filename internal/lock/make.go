package lock

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// errUnsupported says that this file system cannot do something that a lock can do without.
var errUnsupported = errors.New("not supported here")

// made is a lock that this process has made.
type made struct {
	identity
	mark []byte // its attribute, which no other lock has; nil where there are no attributes
}

// isAt reports whether the lock is the one at path, and what stat says now. The mark decides where there is one, else
// the mtime, which only we set. The error is that of the file system when nothing can be said.
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

// makeLock makes the lock, or fails with fs.ErrExist.
//
// The directory is made under another name, gets the attribute that names this process, and is then renamed to its
// place if nothing is there: so at no instant does a killed process leave a lock that nobody can tell is dead. On file
// systems without such a rename or such attributes (NFS) it is made in its place, as the client does it.
func makeLock(path string, now time.Time) (made, error) {
	if _, err := identify(path); err == nil { // a process that waits does not change the directory
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
	err := os.Mkdir(staging, 0o700)
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
	if err := os.Mkdir(path, 0o700); err != nil {
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

// renameExclusive renames, unless something has the new name: fs.ErrExist.
func renameExclusive(from, to string) error {
	err := ignoringEINTR(func() error { return renameNoReplace(from, to) })
	switch {
	case err == nil:
		return nil
	case errors.Is(err, unix.EINVAL), errors.Is(err, unix.ENOSYS), errors.Is(err, unix.ENOTSUP):
		return errUnsupported
	}
	return &os.LinkError{Op: "rename", Old: from, New: to, Err: err}
}

// undo removes a directory that was just made, because of err, which it returns.
func undo(dir string, err error) error {
	if failed := removeLock(dir); failed != nil {
		return fmt.Errorf("%w (and %w)", err, failed)
	}
	return err
}

// setTime sets the mtime of the directory and returns what stat says then. The client compares whole milliseconds; ours
// carry their nanoseconds, so that no other process sets the same by chance.
func setTime(path string, now time.Time) (identity, error) {
	ts := unix.NsecToTimespec(now.UnixNano())
	err := ignoringEINTR(func() error {
		return unix.UtimesNanoAt(unix.AT_FDCWD, path, []unix.Timespec{ts, ts}, unix.AT_SYMLINK_NOFOLLOW)
	})
	if err != nil {
		return identity{}, &fs.PathError{Op: "set the time of", Path: path, Err: err}
	}
	return identify(path) // file systems keep times more coarsely than they take them
}

// removeLock removes an empty directory and nothing else.
func removeLock(path string) error {
	if err := ignoringEINTR(func() error { return unix.Rmdir(path) }); err != nil {
		return &fs.PathError{Op: "rmdir", Path: path, Err: err}
	}
	return nil
}
