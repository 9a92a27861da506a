// Package flock holds a lock file with flock(2), and says who holds one.
//
// The file is never removed: two processes could then lock two files of the same name. The end of the process unlocks
// it, however it ends; children do not inherit it.
package flock

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"golang.org/x/sys/unix"

	"github.com/claude-auth/claude-auth/internal/atomicfile"
	"github.com/claude-auth/claude-auth/internal/create"
)

// stoppedPatience is how long a holder may be stopped (Ctrl-Z, a debugger) before nobody waits for it any more.
const stoppedPatience = time.Second

// maxPoll is the longest time between two tries. So often a waiting process also asks who holds the lock, which costs
// more than a try.
const maxPoll = 50 * time.Millisecond

// Open opens and locks the file path, which it creates with mode 0600. Closing the file unlocks it. waiting, unless
// nil, is called once when the lock is held. The error is a *HeldError when ctx ends first, or the holder is stopped.
func Open(ctx context.Context, path string, waiting func(Holder)) (*os.File, error) {
	if err := create.Dirs(filepath.Dir(path)); err != nil {
		return nil, atomicfile.Failed("cannot create "+filepath.Dir(path), err)
	}
	file, err := create.Open(path, os.O_RDWR)
	if err != nil {
		return nil, atomicfile.Failed("cannot open "+path, err)
	}
	if err := lockFile(ctx, file, waiting); err != nil {
		_ = file.Close() // nothing was written
		return nil, err
	}
	return file, nil
}

// lockFile waits for the lock of the open file.
func lockFile(ctx context.Context, file *os.File, waiting func(Holder)) error {
	var holder Holder
	stopped := time.Time{} // since when the holder is
	for poll := time.Millisecond; ; poll = min(2*poll, maxPoll) {
		err := unix.Flock(int(file.Fd()), unix.LOCK_EX|unix.LOCK_NB)
		if err == nil {
			return nil
		}
		if !errors.Is(err, unix.EWOULDBLOCK) && !errors.Is(err, unix.EINTR) {
			return atomicfile.Failed("cannot lock "+file.Name(), err)
		}
		if waiting != nil || poll == maxPoll {
			holder = holderOf(file)
		}
		if waiting != nil {
			waiting(holder)
			waiting = nil
		}
		switch {
		case !holder.Stopped:
			stopped = time.Time{}
		case stopped.IsZero():
			stopped = time.Now()
		case time.Since(stopped) > stoppedPatience:
			return &HeldError{Path: file.Name(), Holder: holder}
		}
		select {
		case <-ctx.Done():
			return &HeldError{Path: file.Name(), Holder: holderOf(file), Err: ctx.Err()}
		case <-time.After(poll):
		}
	}
}

// Acquire is Open for work that takes a while: it writes into the file which process does it. It waits until this
// process alone may do what the lock is for. release may be called more than once.
//
// After a wait the caller must look again: the other process has probably done it.
func Acquire(ctx context.Context, path string, waiting func(Holder)) (release func(), err error) {
	file, err := Open(ctx, path, waiting)
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

// HeldBy reports whether the lock file path is held, and by which process. It does not wait.
func HeldBy(path string) (holder Holder, held bool) {
	file, err := os.OpenFile(path, os.O_RDWR|unix.O_NOFOLLOW|unix.O_NONBLOCK, 0)
	if err != nil {
		return Holder{}, false
	}
	defer file.Close()
	// Any other error comes from a file system without such locks.
	if err := unix.Flock(int(file.Fd()), unix.LOCK_SH|unix.LOCK_NB); !errors.Is(err, unix.EWOULDBLOCK) {
		return Holder{}, false
	}
	return holderOf(file), true
}
