package atomicfile

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// The process that writes a temporary claims it with flock(2) until it has the file's name. So another process can tell
// it from one that a killed process has left.

// claim locks the temporary and reports whether it still has its name: Clean may have removed it between its creation
// and the lock. On a file system without such locks nothing is claimed.
func (t *temporary) claim() bool {
	fd := int(t.file.Fd())
	if IgnoringEINTR(func() error { return unix.Flock(fd, unix.LOCK_EX) }) != nil {
		return true
	}
	own, err := fstat(fd)
	if err != nil {
		return true // the next step will fail with the reason
	}
	named, err := statNoFollow(t.place.fd(), t.name)
	if err != nil {
		return !errors.Is(err, unix.ENOENT)
	}
	return named.Ino == own.Ino && named.Dev == own.Dev
}

// abandoned is the age from which a temporary counts as left behind on a file system without such locks.
const abandoned = time.Hour

// isTemporary reports whether name is the name of a temporary, of any file.
func isTemporary(name string) bool {
	random, ok := strings.CutPrefix(name, temporaryPrefix)
	return ok && len(random) == len("01234567.0123456789abcdef") && random[8] == '.' &&
		strings.Trim(random[:8]+random[9:], "0123456789abcdef") == ""
}

// Clean removes the temporaries that killed Writes have left in the directory of the file that path names, and returns
// their paths. It needs no lock, because a process that is still writing has claimed its temporary. (The temporary of a
// Link cannot be claimed: call Link and Clean under one lock.) A temporary that cannot be removed does no harm.
func Clean(path string, now time.Time) (removed []string) {
	p, err := openPlace(path, false)
	if err != nil {
		return nil
	}
	defer p.close()
	names, _ := p.dir.Readdirnames(-1) // those that could be read
	euid := uint32(os.Geteuid())
	owner, _, err := p.owner(unix.Stat_t{Uid: euid})
	if err != nil {
		owner = euid
	}
	for _, name := range names {
		if isTemporary(name) && removeUnclaimed(p.fd(), name, owner, now) {
			removed = append(removed, filepath.Join(p.dir.Name(), name))
		}
	}
	return removed
}

// removeUnclaimed removes a temporary that belongs to this user or to owner and that nobody claims.
func removeUnclaimed(dir int, name string, owner uint32, now time.Time) bool {
	st, err := statNoFollow(dir, name)
	if err != nil {
		return false
	}
	kind := uint32(st.Mode) & unix.S_IFMT
	if kind != unix.S_IFREG && kind != unix.S_IFLNK {
		return false
	}
	if int(st.Uid) != os.Geteuid() && st.Uid != owner {
		return false
	}
	if kind == unix.S_IFLNK {
		return IgnoringEINTR(func() error { return unix.Unlinkat(dir, name, 0) }) == nil
	}
	fd, err := openat(dir, name, unix.O_RDONLY|unix.O_NOFOLLOW|unix.O_NONBLOCK, 0)
	if err != nil {
		return false
	}
	defer unix.Close(fd)
	err = IgnoringEINTR(func() error { return unix.Flock(fd, unix.LOCK_EX|unix.LOCK_NB) })
	if err != nil && (errors.Is(err, unix.EWOULDBLOCK) || now.Sub(time.Unix(st.Mtim.Unix())) < abandoned) {
		return false
	}
	return IgnoringEINTR(func() error { return unix.Unlinkat(dir, name, 0) }) == nil
}
