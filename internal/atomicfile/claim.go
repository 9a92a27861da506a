package atomicfile

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"sync"
	"time"

	"golang.org/x/sys/unix"
)

// A temporary is claimed with flock(2) by the process that writes it, until it has the file's name: so another can tell
// it from one that a killed process has left, which nobody claims.

// claim locks the temporary and reports whether it still has its name: CleanDirectory may have taken it for a dead
// process's between its creation and here. Where the file system has no such locks nothing is claimed.
func (t *temporary) claim() bool {
	fd := int(t.file.Fd())
	if ignoringEINTR(func() error { return unix.Flock(fd, unix.LOCK_EX) }) != nil {
		return true
	}
	var own unix.Stat_t
	if ignoringEINTR(func() error { return unix.Fstat(fd, &own) }) != nil {
		return true // the next step says what is wrong
	}
	named, err := statNoFollow(t.place.fd(), t.name)
	if err != nil {
		return !errors.Is(err, unix.ENOENT)
	}
	return named.Ino == own.Ino && named.Dev == own.Dev
}

// abandoned is the age of a temporary that is nobody's where the file system cannot tell whether it is claimed.
const abandoned = time.Hour

// anyTemporary is the name of a temporary for whatever file.
var anyTemporary = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^\.claude-auth\.tmp\.[0-9a-f]{8}\.[0-9a-f]{16}$`)
})

// CleanDirectory removes what killed Writes of any file in dir have left there, and returns the paths removed. It needs
// no lock: a temporary at which a process is still at work is claimed. A directory that does not exist is clean.
func CleanDirectory(path string, now time.Time) (removed []string, err error) {
	dir, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("look for temporaries: %w", err)
	}
	defer dir.Close()
	names, err := dir.Readdirnames(-1)
	if err != nil {
		return nil, fmt.Errorf("look for temporaries in %s: %w", path, err)
	}
	var failed []error
	for _, name := range names {
		if !anyTemporary().MatchString(name) {
			continue
		}
		switch done, err := removeUnclaimed(int(dir.Fd()), name, now); {
		case err != nil:
			failed = append(failed, &fs.PathError{Op: "remove the temporary", Path: filepath.Join(path, name), Err: err})
		case done:
			removed = append(removed, filepath.Join(path, name))
		}
	}
	return removed, errors.Join(failed...)
}

// removeUnclaimed removes a temporary of this user's, or of the directory's owner, that nobody claims.
func removeUnclaimed(dir int, name string, now time.Time) (bool, error) {
	fd, err := openat(dir, name, unix.O_RDONLY|unix.O_NOFOLLOW|unix.O_NONBLOCK, 0)
	if errors.Is(err, unix.ENOENT) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	defer unix.Close(fd)
	err = ignoringEINTR(func() error { return unix.Flock(fd, unix.LOCK_EX|unix.LOCK_NB) })
	if errors.Is(err, unix.EWOULDBLOCK) {
		return false, nil
	}
	before := now.Add(time.Second) // nobody claims it: it may be as young as it likes
	if err != nil {
		before = now.Add(-abandoned)
	}
	return removeOwn(dir, name, ownerOfDir(dir), before)
}
