package lock

import (
	"errors"
	"io/fs"
	"time"

	"golang.org/x/sys/unix"
)

// errUnsupported says that this file system cannot do something that a lock can do without.
var errUnsupported = errors.New("not supported here")

// makeLock makes the lock, or fails with fs.ErrExist.
//
// The directory is made under another name, gets the attribute that names this process, and is then renamed to its place
// if nothing is there: so there is no instant at which a killed process leaves a lock that nobody can tell is dead. Where
// such a rename or such attributes are not to be had (NFS), it is made in its place, as the client does it.
func makeLock(path string, now time.Time) (identity, error) {
	if _, err := identify(path); err == nil { // a waiting process is to leave the directory alone, not to make and rename
		return identity{}, fs.ErrExist
	}
	id, err := makeAside(path, now)
	if errors.Is(err, errUnsupported) {
		return makeInPlace(path, now)
	}
	return id, err
}

func makeAside(path string, now time.Time) (identity, error) {
	aside := newAside(path)
	err := ignoringEINTR(func() error { return unix.Mkdir(aside, 0o700) })
	if errors.Is(err, unix.ENAMETOOLONG) {
		return identity{}, errUnsupported
	}
	if err != nil {
		return identity{}, &fs.PathError{Op: "mkdir", Path: path, Err: err}
	}
	id, err := dress(aside, now)
	if err == nil {
		err = renameExclusive(aside, path)
	}
	if err != nil {
		return identity{}, errors.Join(err, removeLock(aside))
	}
	return id, nil
}

// dress gives a new directory its attribute and its mtime.
func dress(dir string, now time.Time) (identity, error) {
	if err := setOwner(dir); err != nil {
		return identity{}, err
	}
	id, err := identify(dir)
	if err != nil {
		return identity{}, err
	}
	return touchLock(dir, id, now)
}

func makeInPlace(path string, now time.Time) (identity, error) {
	if err := ignoringEINTR(func() error { return unix.Mkdir(path, 0o700) }); err != nil {
		return identity{}, &fs.PathError{Op: "mkdir", Path: path, Err: err}
	}
	id, err := identify(path)
	if err == nil {
		id, err = touchLock(path, id, now)
	}
	if err != nil {
		return identity{}, errors.Join(err, removeLock(path))
	}
	if err := setOwner(path); err != nil && !errors.Is(err, errUnsupported) {
		return identity{}, errors.Join(err, removeLock(path))
	}
	return id, nil
}

// touchLock sets the mtime of the directory and returns its identity with it. The caller has just seen that the
// directory is the one meant. The client compares whole milliseconds; ours carry their nanoseconds, so that no other
// process sets the same by chance.
func touchLock(path string, id identity, now time.Time) (identity, error) {
	ts := unix.NsecToTimespec(now.UnixNano())
	err := ignoringEINTR(func() error {
		return unix.UtimesNanoAt(unix.AT_FDCWD, path, []unix.Timespec{ts, ts}, unix.AT_SYMLINK_NOFOLLOW)
	})
	if err != nil {
		return identity{}, &fs.PathError{Op: "set the time of", Path: path, Err: err}
	}
	after, err := identify(path) // file systems keep times more coarsely than they take them
	if err != nil {
		return identity{}, err
	}
	if after.inode != id.inode || after.birth != id.birth {
		return identity{}, &fs.PathError{Op: "set the time of", Path: path, Err: errors.New("it was replaced meanwhile")}
	}
	return after, nil
}

// removeLock removes an empty directory and nothing else.
func removeLock(path string) error {
	if err := ignoringEINTR(func() error { return unix.Unlinkat(unix.AT_FDCWD, path, unix.AT_REMOVEDIR) }); err != nil {
		return &fs.PathError{Op: "rmdir", Path: path, Err: err}
	}
	return nil
}
