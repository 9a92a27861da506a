package lock

import (
	"errors"
	"fmt"
	"time"
)

// updateEvery is the time between two updates of the mtime: less than a third of the shortest stale time of a client,
// so that two in a row may be missed. retryUpdate is the time to the next attempt after an update failed.
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
		if err != nil { // the file system is slow or away: the lock is ours as long as it is not stale
			next = retryUpdate
		}
	}
}

// update looks whether the lock is still ours and sets its mtime. l.mu is held.
//
// A process that was stopped for so long that its lock went stale has lost it even when nobody has taken it yet:
// another process may have looked at it already, and be about to.
func (l *dirLock) update() error {
	if err := l.verify(); err != nil {
		return err
	}
	if l.overdue() {
		return l.lose("this process was stopped for longer than a lock lives")
	}
	now := l.o.clock.Now()
	id, err := setTime(l.path, now)
	if err != nil {
		return l.failed(fmt.Errorf("keep the lock %s fresh: %w", l.path, err))
	}
	if !l.made.sameDir(id) {
		return l.lose("another process took it over")
	}
	l.made.identity, l.touched = id, now
	return l.verify() // that it was the same is no proof, the mark is
}

// verify looks whether the directory is the one we made. l.mu is held.
func (l *dirLock) verify() error {
	if l.err != nil {
		return l.err
	}
	ours, now, err := l.made.isAt(l.path)
	switch {
	case err != nil:
		return l.failed(fmt.Errorf("check the lock: %w", err))
	case !ours && now == identity{}:
		return l.lose("it was removed")
	case !ours:
		return l.lose("another process took it over")
	}
	return nil
}

// failed is for an error of the file system, which means a lost lock only once the lock is old enough to be taken over.
func (l *dirLock) failed(err error) error {
	if l.overdue() {
		return l.lose("it could not be kept fresh: " + err.Error())
	}
	return err
}

func (l *dirLock) overdue() bool { return l.o.clock.Now().Sub(l.touched) >= l.o.lifetime }

func (l *dirLock) lose(reason string) error {
	if l.err == nil {
		l.err = &LostError{Path: l.path, Reason: reason}
	}
	return l.err
}

// check looks at the file system whether the lock is still held, updates its mtime, and returns nil if so.
func (l *dirLock) check() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.released {
		return fmt.Errorf("check the lock %s: it was released", l.path)
	}
	return l.update()
}
