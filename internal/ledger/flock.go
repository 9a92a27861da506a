package ledger

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// appendWait bounds how long a writer waits for the lock. Writing takes a millisecond; only a stopped process (Ctrl-Z,
// a debugger) holds the lock for longer, and that is not worth waiting for.
const appendWait = 3 * time.Second

// flock opens and locks the file path, which it creates with mode 0600. Closing the file unlocks it, and so does the
// end of the process, however it ends; children do not inherit it. The file is never removed: two processes could then
// lock two files of the same name. waiting, unless nil, is called once when the lock is held.
func flock(ctx context.Context, path string, waiting func()) (*os.File, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, fmt.Errorf("create the state directory: %w", err)
	}
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|unix.O_NOFOLLOW|unix.O_NONBLOCK, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open the lock file: %w", err)
	}
	for poll := time.Millisecond; ; poll = min(2*poll, 50*time.Millisecond) {
		err := unix.Flock(int(file.Fd()), unix.LOCK_EX|unix.LOCK_NB)
		if err == nil {
			return file, nil
		}
		if !errors.Is(err, unix.EWOULDBLOCK) && !errors.Is(err, unix.EINTR) {
			_ = file.Close() // nothing was written
			return nil, fmt.Errorf("lock %s: %w", path, err)
		}
		if waiting != nil {
			waiting()
			waiting = nil
		}
		select {
		case <-ctx.Done():
			_ = file.Close()
			return nil, fmt.Errorf("lock %s: %w", path, ctx.Err())
		case <-time.After(poll):
		}
	}
}

// AttemptLock waits until this process alone may attempt a repair, or until ctx is done. waiting, unless nil, is called
// once when another process is attempting one. release may be called more than once; the end of the process releases
// the lock too.
//
// After a wait the caller must look at the login again: the other process has probably repaired it.
func AttemptLock(ctx context.Context, path string, waiting func()) (release func(), err error) {
	file, err := flock(ctx, path, waiting)
	if err != nil {
		return nil, err
	}
	// The process id only tells people what holds the lock.
	if err := file.Truncate(0); err == nil {
		_, _ = file.WriteAt([]byte(strconv.Itoa(os.Getpid())+"\n"), 0)
	}
	return func() {
		_ = file.Truncate(0) // a pid left behind would be misleading
		_ = file.Close()
	}, nil
}

// AttemptHolder reports whether a repair is being attempted, and by which process (0 when unknown). It does not wait.
func AttemptHolder(path string) (pid int, held bool) {
	file, err := os.OpenFile(path, os.O_RDWR|unix.O_NOFOLLOW|unix.O_NONBLOCK, 0)
	if err != nil {
		return 0, false
	}
	defer file.Close()
	if unix.Flock(int(file.Fd()), unix.LOCK_SH|unix.LOCK_NB) == nil {
		return 0, false
	}
	var text [16]byte
	n, _ := file.ReadAt(text[:], 0)
	pid, _ = strconv.Atoi(strings.TrimSpace(string(text[:n])))
	return pid, true
}
