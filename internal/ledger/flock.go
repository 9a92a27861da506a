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

// appendWait bounds how long a writer waits for its turn. A turn takes a millisecond; only a stopped process (Ctrl-Z,
// a debugger) holds on for longer, and that one is not worth waiting for.
const appendWait = 3 * time.Second

// The steps between two tries at a held lock.
const (
	firstPoll = time.Millisecond
	lastPoll  = 50 * time.Millisecond
)

// flock opens and locks the file path, which it makes with mode 0600 where it is missing. The file stays when the lock
// is let go: removing it would let two processes lock two files of one name. Closing the file lets go, and the kernel
// closes it when the process dies. It is not passed on to children.
func flock(ctx context.Context, path string, waiting func()) (*os.File, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, fmt.Errorf("create the state directory: %w", err)
	}
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|unix.O_NOFOLLOW|unix.O_NONBLOCK, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open the lock file: %w", err)
	}
	for poll := firstPoll; ; poll = min(2*poll, lastPoll) {
		err := unix.Flock(int(file.Fd()), unix.LOCK_EX|unix.LOCK_NB)
		if err == nil {
			return file, nil
		}
		if !errors.Is(err, unix.EWOULDBLOCK) && !errors.Is(err, unix.EINTR) {
			_ = file.Close() // nothing was written; the lock's error is the one to tell
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

// AttemptLock waits until this process alone may attempt a repair, or until ctx is done. waiting, when it is not nil,
// is called once when another process is found to be at it. The lock ends with release, which may be called more than
// once, and with the process, however it dies; children do not inherit it.
//
// After a wait the login must be looked at again: the other process has probably repaired it.
func AttemptLock(ctx context.Context, path string, waiting func()) (release func(), err error) {
	file, err := flock(ctx, path, waiting)
	if err != nil {
		return nil, err
	}
	// The number is for people who wonder what holds the lock; the lock does not depend on it.
	if err := file.Truncate(0); err == nil {
		_, _ = file.WriteAt([]byte(strconv.Itoa(os.Getpid())+"\n"), 0)
	}
	return func() {
		_ = file.Truncate(0) // a number left behind would only name a process that is done
		_ = file.Close()
	}, nil
}

// AttemptHolder reports whether an attempt is under way, and the process that makes it as far as it has said so (else
// 0). It waits for nothing.
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
