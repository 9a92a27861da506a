package lock

import (
	"errors"
	"fmt"
	"time"
)

// retryUpdate is the time to the next attempt after an update of the mtime failed.
const retryUpdate = time.Second

// keepFresh sets the lock's mtime anew until the lock is released or lost.
func (l *Lock) keepFresh() {
	defer close(l.ended)
	next := l.o.Update
	for {
		select {
		case <-l.stop:
			return
		case <-l.o.Clock.After(next):
		}
		next = l.o.Update
		l.mu.Lock()
		err := l.update()
		l.mu.Unlock()
		var lost *LostError
		if errors.As(err, &lost) {
			return
		}
		if err != nil { // the file system is slow or away: the lock is ours as long as it is not stale
			next = min(retryUpdate, l.o.Update)
		}
	}
}

// update looks whether the lock is still ours and sets its mtime. l.mu is held.
//
// A process that was stopped for so long that its lock went stale has lost it even when nobody has taken it yet: somebody
// may have looked at it already, and be about to.
func (l *Lock) update() error {
	if err := l.verify(); err != nil {
		return err
	}
	if l.overdue() {
		return l.lose("this process was stopped for longer than a lock lives")
	}
	now := l.o.Clock.Now()
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
func (l *Lock) verify() error {
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

// failed is for an error of the file system, which is a lost lock only once the lock is old enough to be taken over.
func (l *Lock) failed(err error) error {
	if l.overdue() {
		return l.lose("it could not be kept fresh: " + err.Error())
	}
	return err
}

func (l *Lock) overdue() bool { return l.o.Clock.Now().Sub(l.touched) >= l.o.Lifetime }

func (l *Lock) lose(reason string) error {
	if l.err == nil {
		l.err = &LostError{Path: l.path, Reason: reason}
		close(l.lost)
	}
	return l.err
}

// Check looks at the file system whether the lock is still held, makes it fresh, and returns nil if so. It is for the
// moment right before what the lock protects.
func (l *Lock) Check() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.released {
		return fmt.Errorf("check the lock %s: it was released", l.path)
	}
	return l.update()
}
