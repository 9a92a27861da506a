package atomicfile

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// A temporary is claimed with flock(2) by the process that writes it, until it has the file's name: so another can tell
// it from one that a killed process has left, which nobody claims.

// claim locks the temporary and reports whether it still has its name: Clean may have taken it for a dead
// process's between its creation and here. Where the file system has no such locks nothing is claimed.
func (t *temporary) claim() bool {
	fd := int(t.file.Fd())
	if ignoringEINTR(func() error { return unix.Flock(fd, unix.LOCK_EX) }) != nil {
		return true
	}
	own, err := fstat(fd)
	if err != nil {
		return true // the next step says what is wrong
	}
	named, err := statNoFollow(t.place.fd(), t.name)
	if err != nil {
		return !errors.Is(err, unix.ENOENT)
	}
	return named.Ino == own.Ino && named.Dev == own.Dev
}

// abandoned is the age of a temporary that nobody writes any more, where the file system has no locks to tell by.
const abandoned = time.Hour

// isTemporary reports whether name is a temporary's, of whatever file.
func isTemporary(name string) bool {
	random, ok := strings.CutPrefix(name, temporaryPrefix)
	return ok && len(random) == len("01234567.0123456789abcdef") && random[8] == '.' &&
		strings.Trim(random[:8]+random[9:], "0123456789abcdef") == ""
}

// Clean removes what killed Writes have left in the directory of the file that path names, and returns the paths
// removed. It needs no lock: a temporary at which a process is still at work is claimed. What cannot be removed harms
// nobody.
func Clean(path string, now time.Time) (removed []string) {
	target, err := Target(path)
	if err != nil {
		return nil
	}
	dir, err := os.Open(filepath.Dir(target))
	if err != nil {
		return nil
	}
	defer dir.Close()
	names, _ := dir.Readdirnames(-1) // those that could be read
	owner := ownerIn(int(dir.Fd()), filepath.Base(target))
	for _, name := range names {
		if isTemporary(name) && removeUnclaimed(int(dir.Fd()), name, owner, now) {
			removed = append(removed, filepath.Join(dir.Name(), name))
		}
	}
	return removed
}

// removeUnclaimed removes a temporary of this user's, or of owner, that nobody claims.
func removeUnclaimed(dir int, name string, owner uint32, now time.Time) bool {
	st, err := statNoFollow(dir, name)
	if err != nil || uint32(st.Mode)&unix.S_IFMT != unix.S_IFREG {
		return false
	}
	if int(st.Uid) != os.Geteuid() && st.Uid != owner {
		return false
	}
	fd, err := openat(dir, name, unix.O_RDONLY|unix.O_NOFOLLOW|unix.O_NONBLOCK, 0)
	if err != nil {
		return false
	}
	defer unix.Close(fd)
	err = ignoringEINTR(func() error { return unix.Flock(fd, unix.LOCK_EX|unix.LOCK_NB) })
	if err != nil && (errors.Is(err, unix.EWOULDBLOCK) || now.Sub(time.Unix(st.Mtim.Unix())) < abandoned) {
		return false
	}
	return ignoringEINTR(func() error { return unix.Unlinkat(dir, name, 0) }) == nil
}

// ownerIn says to whom Write gives the temporaries of the file base: for root, who may work in another user's home, the
// owner of the file or else of the directory.
func ownerIn(dir int, base string) uint32 {
	if os.Geteuid() != 0 {
		return uint32(os.Geteuid())
	}
	if st, err := statNoFollow(dir, base); err == nil {
		return st.Uid
	}
	if st, err := fstat(dir); err == nil {
		return st.Uid
	}
	return 0
}
