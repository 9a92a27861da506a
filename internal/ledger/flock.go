package ledger

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

// patience bounds how long this process waits for the ledger's lock. Writing takes a millisecond, also behind many
// other writers. Only a process that hangs holds the lock for longer, and one such wait is enough: see Ledger.hangs.
const patience = time.Second

// stoppedPatience is how long a holder may be stopped (Ctrl-Z, a debugger) before nobody waits for it any more.
const stoppedPatience = time.Second

// flock opens and locks the file path, which it creates with mode 0600. Closing the file unlocks it, and so does the
// end of the process, however it ends; children do not inherit it. The file is never removed: two processes could then
// lock two files of the same name. waiting, unless nil, is called once when the lock is held. The error is a *HeldError
// when ctx ends first, or the holder is stopped.
func flock(ctx context.Context, path string, waiting func(Holder)) (*os.File, error) {
	if err := create.Dirs(filepath.Dir(path)); err != nil {
		return nil, atomicfile.Failed("cannot create "+filepath.Dir(path), err)
	}
	file, err := create.Open(path, os.O_RDWR)
	if err != nil {
		return nil, atomicfile.Failed("cannot open "+path, err)
	}
	stopped := time.Time{} // since when the holder is
	for poll := time.Millisecond; ; poll = min(2*poll, 50*time.Millisecond) {
		err := unix.Flock(int(file.Fd()), unix.LOCK_EX|unix.LOCK_NB)
		if err == nil {
			return file, nil
		}
		if !errors.Is(err, unix.EWOULDBLOCK) && !errors.Is(err, unix.EINTR) {
			_ = file.Close() // nothing was written
			return nil, atomicfile.Failed("cannot lock "+path, err)
		}
		holder := holderOf(file)
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
			_ = file.Close()
			return nil, &HeldError{Path: path, Holder: holder}
		}
		select {
		case <-ctx.Done():
			_ = file.Close()
			return nil, &HeldError{Path: path, Holder: holder, Err: ctx.Err()}
		case <-time.After(poll):
		}
	}
}

// AttemptLock waits until this process alone may do what the lock is for: repair a login, renew it, or tell of it. It
// gives up with a *HeldError when ctx is done, or when the process that holds the lock is stopped. waiting, unless nil,
// is called once when another process holds it. release may be called more than once; the end of the process releases
// the lock too.
//
// After a wait the caller must look again: the other process has probably done it.
func AttemptLock(ctx context.Context, path string, waiting func(Holder)) (release func(), err error) {
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

// AttemptHolder reports whether such a lock is held, and by which process. It does not wait.
func AttemptHolder(path string) (holder Holder, held bool) {
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
