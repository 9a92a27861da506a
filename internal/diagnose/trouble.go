package diagnose

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sys/unix"

	"github.com/claude-auth/claude-auth/internal/lock"
	"github.com/claude-auth/claude-auth/internal/paths"
)

// Trouble looks for what would keep a new login from being stored: a lock that another process holds, a directory or a
// file that cannot be written, a full disk. It returns the cause and what helps, or two empty strings. It changes
// nothing.
func Trouble(p paths.Paths) (cause, remedy string) {
	for _, find := range []func(paths.Paths) (string, string){heldLock, unwritable, fullDisk} {
		if cause, remedy = find(p); cause != "" {
			return cause, remedy
		}
	}
	return "", ""
}

func heldLock(p paths.Paths) (string, string) {
	holders, err := lock.Client(p.StorageDir).Holders()
	if err != nil {
		return fmt.Sprintf("the locks cannot be looked at: %v", err), "run 'claude-auth doctor'"
	}
	for _, holder := range holders {
		if holder.Stale {
			continue // the client, and this program, take it over
		}
		return fmt.Sprintf("%s is held by %s", holder.Path, owner(holder)),
			"end that process if it hangs; 'claude-auth doctor' shows the locks"
	}
	return "", ""
}

func owner(h lock.Holder) string {
	since := "another process"
	if h.Owner != nil {
		since = fmt.Sprintf("process %d", h.Owner.PID)
	}
	if !h.Since.IsZero() {
		since += ", last seen at " + h.Since.Format(time.TimeOnly)
	}
	return since
}

func unwritable(p paths.Paths) (string, string) {
	dir := p.StorageDir
	err := unix.Access(dir, unix.W_OK|unix.X_OK)
	switch {
	case err == nil:
	case errors.Is(err, fs.ErrNotExist):
		return "", "" // the client makes it
	case errors.Is(err, unix.EROFS):
		return dir + " is on a read-only file system", "mount it for writing"
	default:
		return dir + " is not writable", fmt.Sprintf("run 'ls -ld %s' and give the directory to your user", dir)
	}
	info, err := os.Lstat(p.Credentials)
	if err == nil && !info.Mode().IsRegular() && info.Mode()&fs.ModeSymlink == 0 {
		return fmt.Sprintf("%s is no regular file", p.Credentials), fmt.Sprintf("move %s away", p.Credentials)
	}
	return "", ""
}

// leastSpace is what a new login needs: a temporary file beside the old one.
const leastSpace = 64 << 10

func fullDisk(p paths.Paths) (string, string) {
	dir := p.StorageDir
	var stat unix.Statfs_t
	if unix.Statfs(dir, &stat) != nil && unix.Statfs(filepath.Dir(dir), &stat) != nil {
		return "", ""
	}
	if free := uint64(stat.Bavail) * uint64(stat.Bsize); stat.Blocks > 0 && free < leastSpace {
		return fmt.Sprintf("the disk of %s is full (%d bytes are free)", dir, free), "free some space"
	}
	return "", ""
}

// lockPoll is the time between two looks at a held lock, as often as proper-lockfile looks at the least.
const lockPoll = 100 * time.Millisecond

// AwaitLocks waits until no live process holds one of the client's locks, or until ctx ends.
func AwaitLocks(ctx context.Context, p paths.Paths) {
	for {
		if cause, _ := heldLock(p); cause == "" {
			return
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(lockPoll):
		}
	}
}
