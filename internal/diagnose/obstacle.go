package diagnose

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"github.com/claude-auth/claude-auth/internal/atomicfile"
	"github.com/claude-auth/claude-auth/internal/credentials"
	"github.com/claude-auth/claude-auth/internal/lock"
	"github.com/claude-auth/claude-auth/internal/paths"
	"github.com/claude-auth/claude-auth/internal/ui"
)

// Obstacle is what would keep a new login from being stored.
type Obstacle struct {
	Cause  string // "" when there is none
	Remedy string // what helps
	Held   bool   // it is a lock of another process, which will release it
}

// FindObstacle looks for a lock that another process holds, a directory or file that cannot be written, and a full
// disk.
func FindObstacle(p paths.Paths) Obstacle {
	return first(p, heldLock, unwritable, foreignOwner, fullDisk)
}

// FindLasting is FindObstacle for what waiting does not help against: a lock that will be released is none.
func FindLasting(p paths.Paths) Obstacle {
	if found := FindObstacle(p); !found.Held {
		return found
	}
	return Obstacle{}
}

// NotStorable is FindLasting for a login in that state whose access token has expired: the client cannot renew it then.
func NotStorable(p paths.Paths, state credentials.State) Obstacle {
	if state != credentials.Renewable {
		return Obstacle{}
	}
	return FindLasting(p)
}

// Renewal says beside the word "login" that the obstacle is in the way of a renewal.
func (o Obstacle) Renewal() string {
	return "cannot be renewed, because a new login could not be stored: " + o.Cause
}

// first returns the first obstacle that the finders find.
func first(p paths.Paths, finders ...func(paths.Paths) Obstacle) Obstacle {
	for _, find := range finders {
		if o := find(p); o.Cause != "" {
			return o
		}
	}
	return Obstacle{}
}

func heldLock(p paths.Paths) Obstacle {
	for _, holder := range lock.Client(p.StorageDir).Holders() {
		if holder.Stale {
			continue // the client and this program take it over
		}
		if holder.Err != nil {
			return Obstacle{
				Cause:  fmt.Sprintf("%s is in the place of a lock, and is not one", holder.Path),
				Remedy: run("mv", holder.Path, holder.Path+".old"),
			}
		}
		if holder.Ahead > 0 {
			return Obstacle{Cause: wrongTime(holder), Remedy: fixTime} // it may never be released
		}
		return Obstacle{
			Cause:  fmt.Sprintf("%s is locked by %s", p.StorageDir, owner(holder)),
			Remedy: "try again in a moment, or run 'claude-auth doctor' if that process hangs",
			Held:   true,
		}
	}
	return Obstacle{}
}

// wrongTime says of a lock that its time is in the future.
func wrongTime(h lock.Holder) string {
	return fmt.Sprintf("the lock %s has a time that is %s in the future", h.Path, ui.Roughly(h.Ahead))
}

// fixTime is the hint for such a lock.
const fixTime = "run 'claude-auth doctor --fix' to remove the lock, unless a process holds it"

// owner names the process that holds a lock of the client.
func owner(h lock.Holder) string {
	facts := "last seen at " + h.Since.Local().Format(time.TimeOnly)
	if h.Owner != nil {
		facts = fmt.Sprintf("pid %d, %s", h.Owner.PID, facts)
	}
	return "another process (" + facts + ")"
}

func unwritable(p paths.Paths) Obstacle {
	var readOnly *credentials.ReadOnlyError
	if errors.As(credentials.CheckReadOnly(p.Credentials), &readOnly) {
		return Obstacle{Cause: readOnly.Error(), Remedy: readOnly.Hint()}
	}
	var noHome *paths.MissingHomeError
	if errors.As(p.CheckHome(p.Credentials), &noHome) {
		return Obstacle{Cause: noHome.Error(), Remedy: noHome.Hint()}
	}
	dir := existing(p.StorageDir)
	err := unix.Access(dir, unix.W_OK|unix.X_OK)
	if errors.Is(err, unix.EPERM) {
		return Obstacle{Cause: dir + " is immutable (chattr +i)", Remedy: run("sudo chattr -i", dir)}
	}
	if err != nil {
		o := Obstacle{Cause: fmt.Sprintf("you may not write to %s", dir), Remedy: run("chmod u+rwx", dir)}
		if uid, ok := ownerOf(dir); ok && uid != uint32(os.Geteuid()) {
			o.Cause += fmt.Sprintf(", which belongs to another user (uid %d)", uid)
			o.Remedy = ownerRemedy(p, dir)
		}
		return o
	}
	if info, err := os.Stat(p.Credentials); err == nil && !info.Mode().IsRegular() {
		return Obstacle{Cause: p.Credentials + " is not a regular file",
			Remedy: run("mv", p.Credentials, p.Credentials+".old")}
	}
	return unwritableFile(p.Credentials)
}

// unwritableFile finds a credentials file that cannot be replaced though its directory is writable. A mode without the
// right to write does not matter to a rename, but to a write in place.
func unwritableFile(file string) Obstacle {
	switch err := unix.Access(file, unix.W_OK); {
	case errors.Is(err, unix.EPERM):
		return Obstacle{Cause: file + " is immutable (chattr +i)", Remedy: run("sudo chattr -i", file)}
	case errors.Is(err, unix.EACCES) && atomicfile.IsMountPoint(file):
		return Obstacle{
			Cause:  file + " is a mount point that you may not write to",
			Remedy: run("ls -l", file) + ", and give the file to your user, with mode 0600",
		}
	}
	return Obstacle{}
}

// existing returns dir, or the nearest directory above it that exists. The client makes the others.
func existing(dir string) string {
	for {
		if _, err := os.Lstat(dir); err == nil || dir == filepath.Dir(dir) {
			return dir
		}
		dir = filepath.Dir(dir)
	}
}

// foreignOwner finds a credentials file of another user: a new file would change the owner. The superuser can keep it,
// and so can a file system where all files have one owner. A mount point is written in place.
func foreignOwner(p paths.Paths) Obstacle {
	uid, ok := ownerOf(p.Credentials)
	if !ok || os.Geteuid() == 0 || uid == uint32(os.Geteuid()) || atomicfile.OwnsAll(p.Credentials, uid) ||
		atomicfile.IsMountPoint(p.Credentials) {
		return Obstacle{}
	}
	return foreign(p, p.Credentials, uid)
}

// foreign is the obstacle of a path that belongs to another user, uid.
func foreign(p paths.Paths, path string, uid uint32) Obstacle {
	return Obstacle{
		Cause:  fmt.Sprintf("%s belongs to another user (uid %d)", path, uid),
		Remedy: ownerRemedy(p, path),
	}
}

// isOurs reports whether a path should belong to this user: it is below a home of theirs.
func isOurs(p paths.Paths, path string) bool {
	uid, ok := ownerOf(p.Home)
	return ok && paths.IsBelow(path, p.Home) && uid == uint32(os.Geteuid())
}

// ownerRemedy is what helps against the owner of a path. In the home of somebody else, the login would be taken away
// from its owner.
func ownerRemedy(p paths.Paths, path string) string {
	if isOurs(p, path) {
		return run(fmt.Sprintf("sudo chown %d", os.Geteuid()), path)
	}
	return "run Claude Code and claude-auth as that user"
}

func ownerOf(path string) (uid uint32, ok bool) {
	info, err := os.Stat(path)
	if err != nil {
		return 0, false
	}
	return info.Sys().(*syscall.Stat_t).Uid, true
}

// leastSpace is what a new login needs, in bytes: a temporary file beside the old one.
const leastSpace = 64 << 10

func fullDisk(p paths.Paths) Obstacle {
	for _, path := range []string{existing(p.StorageDir), p.Credentials} { // the file may be a mount of its own
		var stat unix.Statfs_t
		if unix.Statfs(path, &stat) != nil {
			continue
		}
		if free := uint64(stat.Bavail) * uint64(stat.Bsize); stat.Blocks > 0 && free < leastSpace {
			cause := fmt.Sprintf("the disk of %s is full (%d bytes are left)", path, free)
			return Obstacle{Cause: cause, Remedy: "free some disk space"}
		}
	}
	return Obstacle{}
}

// largestSkew is how far in the future the time of a file may be: network file systems have their own clocks.
const largestSkew = 2 * time.Minute

// Clock says what is wrong with the machine's clock, or "". written is the time of a file that this machine has
// written.
func Clock(written, now time.Time) string {
	if ahead := written.Sub(now); ahead > largestSkew {
		return "the clock of this machine is wrong: the credentials file is from " + ui.Roughly(ahead) + " in the future"
	}
	return ""
}

// lockPoll is the time between two looks at a held lock, the shortest that proper-lockfile uses.
const lockPoll = 100 * time.Millisecond

// AwaitObstacle is FindObstacle, but waits up to patience for locks that other processes hold.
func AwaitObstacle(ctx context.Context, p paths.Paths, patience time.Duration) Obstacle {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for {
		found := FindObstacle(p)
		if !found.Held {
			return found
		}
		select {
		case <-ctx.Done():
			return found
		case <-time.After(lockPoll):
		}
	}
}
