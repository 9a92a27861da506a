package standin

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/claude-auth/claude-auth/internal/claude"
)

// The stand-in makes its locks itself, as npm's proper-lockfile does. It does not use the package lock, because that is
// tested against the stand-in.

const (
	touchEvery = 4 * time.Second
	lockWait   = 500 * time.Millisecond // the client itself retries for 7.5 s and more
	lockRetry  = 20 * time.Millisecond
)

// errLocked says that another process holds a lock.
var errLocked = errors.New("locked by another process")

// lockSpec is a lock and the age at which it is taken over.
type lockSpec struct {
	path  string
	stale time.Duration
}

func (c *client) refreshLocks() []lockSpec {
	return []lockSpec{
		{filepath.Join(c.paths.StorageDir, claude.RefreshLock), c.dialect.refreshStale},
		{c.paths.StorageDir + claude.BesideLock, c.dialect.refreshStale},
	}
}

func (c *client) storageLock() lockSpec {
	return lockSpec{filepath.Join(c.paths.StorageDir, claude.StorageLock), claude.StorageStale}
}

// takeLock takes a lock and keeps it fresh until release is called. It returns errLocked after lockWait.
func takeLock(ctx context.Context, l lockSpec, now func() time.Time) (release func(), err error) {
	deadline := time.Now().Add(lockWait)
	for {
		err := os.Mkdir(l.path, 0o777)
		if err == nil {
			return hold(l.path), nil
		}
		if !errors.Is(err, fs.ErrExist) {
			return nil, fmt.Errorf("take a lock: %w", err)
		}
		info, err := os.Stat(l.path)
		if err == nil && now().Sub(info.ModTime()) > l.stale {
			_ = os.Remove(l.path) // if this fails, the next mkdir says why
			continue
		}
		if err == nil && time.Now().After(deadline) {
			return nil, errLocked
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(lockRetry):
		}
	}
}

// hold touches the lock at path every few seconds; the function it returns ends that and removes the lock.
func hold(path string) (release func()) {
	stop, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		ticker := time.NewTicker(touchEvery)
		defer ticker.Stop()
		for {
			select {
			case <-stop:
				return
			case now := <-ticker.C:
				_ = os.Chtimes(path, now, now) // an error is ignored: the client does not notice either that its lock is gone
			}
		}
	}()
	return func() {
		close(stop)
		<-ended
		_ = os.Remove(path)
	}
}
