package lock

import (
	"errors"
	"fmt"
	"time"
)

// updateEvery is the time between two updates of the mtime: less than a third of the shortest stale time of a client,
// so that two in a row may fail. retryUpdate is the time to the next attempt after a failed one.
const (
	updateEvery = 3 * time.Second
	retryUpdate = time.Second
)

// heartbeat updates the lock's mtime until the lock is released or lost.
func (l *dirLock) heartbeat() {
	defer close(l.ended)
	next := updateEvery
	for {
		select {
		case <-l.stop:
			return
		case <-l.o.clock.After(next):
		}
		l.mu.Lock()
		err := l.update()
		l.mu.Unlock()
		if errors.As(err, new(*LostError)) {
			return
		}
		next = updateEvery
		if err != nil { // of the file system: the lock is ours as long as it is not stale
			next = retryUpdate
		}
	}
}

// update looks whether the lock is still ours and sets its mtime. The caller holds l.mu.
//
// A process that was stopped until its lock went stale has lost it even when the directory is still there: another
// process may have seen that it is stale, and be about to take it over.
func (l *dirLock) update() error {
	if err := l.verify(); err != nil {
		return err
	}
	if l.overdue() {
		return l.lose("this process was stopped for too long")
	}
	now := l.o.clock.Now()
	id, err := setTime(l.path, now)
	if err != nil {
		return l.failed(fmt.Errorf("cannot renew the lock %s: %w", l.path, err))
	}
	if !l.made.sameDir(id) {
		return l.lose("another process took it over")
	}
	l.made.identity, l.touched = id, now
	return l.verify() // by the mark: a new directory may have the old one's inode number
}

// verify looks whether the directory is the one we made. The caller holds l.mu, or is release.
func (l *dirLock) verify() error {
	if l.err != nil {
		return l.err
	}
	ours, now, err := l.made.isAt(l.path)
	switch {
	case err != nil:
		return l.failed(fmt.Errorf("cannot check the lock: %w", err))
	case !ours && now == identity{}:
		return l.lose("it was removed")
	case !ours:
		return l.lose("another process took it over")
	}
	return nil
}

// failed returns err, an error of the file system, unless the lock is old enough to be taken over: then it is lost.
func (l *dirLock) failed(err error) error {
	if l.overdue() {
		return l.lose("it could not be renewed: " + err.Error())
	}
	return err
}

func (l *dirLock) overdue() bool { return l.o.clock.Now().Sub(l.touched) >= l.o.lifetime }

func (l *dirLock) lose(reason string) error {
	l.err = &LostError{Path: l.path, Reason: reason}
	return l.err
}

// check looks at the file system whether the lock is still held, updates its mtime, and returns nil if so.
func (l *dirLock) check() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.released {
		return fmt.Errorf("cannot check the lock %s: it was released", l.path)
	}
	return l.update()
}
