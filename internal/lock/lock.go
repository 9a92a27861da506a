// Package lock takes and breaks the locks under which the client reads and writes its credentials.
//
// Such a lock is a directory, as npm's proper-lockfile makes it: mkdir(2) succeeds for one process and fails for all
// others. The holder updates the directory's mtime every few seconds, and removes the directory at the end. A lock
// whose mtime is older than the stale time belongs to a dead process: any process may remove it and make its own.
//
// The scheme has two gaps, which this package makes smaller. A process that dies by SIGKILL leaves a lock that looks
// alive until the stale time is over. Our locks have an extended attribute that names the process, from the first
// instant, so that the next run of this program sees at once that the process is dead (on a file system without
// extended attributes it has to wait). And a process that was stopped for longer than the stale time goes on as if it
// still held its lock. So call Check right before the change that the lock protects.
//
// Nothing here handles signals. A caller makes its context with signal.NotifyContext and releases in a defer: SIGINT
// and SIGTERM then end the wait and the work, and the defer removes the lock.
package lock

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"sync"
	"time"
)

// options say how to take a lock.
type options struct {
	stale     time.Duration // the age of the mtime at which another process's lock is taken over
	lifetime  time.Duration // the age at which others may take over ours; at most stale
	wait      time.Duration // how long to wait for a lock that another process holds
	ownerFile string        // the client's file that names the holder; "" where it has none
	clock     clock
}

// clock tells the time of this machine, by which the client too judges the age of a lock.
type clock interface {
	Now() time.Time
	After(time.Duration) <-chan time.Time
}

type systemClock struct{}

// Now has no monotonic reading: that clock stops while the machine sleeps, but the age of a lock grows.
func (systemClock) Now() time.Time { return time.Now().Round(0) }

func (systemClock) After(d time.Duration) <-chan time.Time { return time.After(d) }

// dirLock is one lock that this process holds.
type dirLock struct {
	path  string
	o     options
	stop  chan struct{} // closed by release, ends the goroutine
	ended chan struct{} // closed by the goroutine, which also ends when the lock is lost

	mu       sync.Mutex
	made     made      // with the mtime that we set last
	touched  time.Time // when we set it
	err      error     // why the lock was lost
	released bool
}

// take takes the lock that is the directory path, waiting up to options.wait for another process to release it, and
// updates its mtime until release. The error wraps a *HeldError when another process kept it, a *BlockedError when it
// can never be taken, ctx's error when ctx ended, and otherwise the error of the file system.
func take(ctx context.Context, path string, o options) (*dirLock, error) {
	m, err := await(ctx, path, o)
	if err != nil {
		return nil, err
	}
	l := &dirLock{
		path: path, o: o, made: m, touched: o.clock.Now(), stop: make(chan struct{}), ended: make(chan struct{}),
	}
	go l.heartbeat() // ends when release closes l.stop, or when the lock is lost
	return l, nil
}

// The time between two attempts grows from minPoll to maxPoll. The client tries every 1 to 2 seconds.
const (
	minPoll = 10 * time.Millisecond
	maxPoll = 250 * time.Millisecond
)

func await(ctx context.Context, path string, o options) (made, error) {
	deadline := o.clock.Now().Add(o.wait)
	for poll := minPoll; ; poll = min(2*poll, maxPoll) {
		if err := ctx.Err(); err != nil {
			return made{}, err
		}
		m, err := attempt(path, o)
		var held *HeldError
		if !errors.As(err, &held) {
			return m, err
		}
		left := deadline.Sub(o.clock.Now())
		if left <= 0 {
			return made{}, err
		}
		select {
		case <-ctx.Done():
			return made{}, fmt.Errorf("%w: %w", held, ctx.Err())
		case <-o.clock.After(min(jitter(poll), left)):
		}
	}
}

// attempt tries once to make the lock, after removing a stale one.
func attempt(path string, o options) (made, error) {
	m, err := makeLock(path, o.clock.Now())
	if !errors.Is(err, fs.ErrExist) {
		return m, err
	}
	broke, err := breakIfStale(path, o)
	if err != nil {
		return made{}, err
	}
	m, err = makeLock(path, o.clock.Now())
	if errors.Is(err, fs.ErrExist) {
		return made{}, heldNow(path, o)
	}
	if err != nil || !broke {
		return m, err
	}
	return settle(path, m, o)
}

// settleTime is many times longer than the client takes from its stat to its rmdir.
const settleTime = 30 * time.Millisecond

// settle waits after a takeover, and then looks whether the lock m is still there. A client that has seen the same
// stale lock removes the directory a moment later without looking again, and so may remove our new one.
func settle(path string, m made, o options) (made, error) {
	<-o.clock.After(settleTime)
	ours, _, err := m.isAt(path)
	if err != nil {
		return made{}, fmt.Errorf("cannot take over a lock that was left behind: %w", err)
	}
	if !ours {
		return made{}, heldNow(path, o)
	}
	return m, nil
}

// heldNow is the *HeldError for a lock that existed a moment ago.
func heldNow(path string, o options) error {
	if h := look(path, o); h.Err == nil {
		return h.why()
	}
	return &HeldError{Path: path, Since: o.clock.Now()}
}

// abandoned is the age that release gives a lock that it cannot remove: more than every stale time.
const abandoned = time.Hour

// release removes the lock's directory. It returns nil when the lock was released before, a *LostError when the lock
// was lost (another process's lock is not removed), and a *LeftError when the file system would not remove it.
func (l *dirLock) release() error {
	l.mu.Lock()
	again := l.released
	l.released = true
	l.mu.Unlock()
	if again {
		return nil
	}
	close(l.stop)
	<-l.ended // from here on nothing else uses l
	if err := l.verify(); l.err != nil {
		return l.err
	} else if err != nil {
		return &LeftError{Path: l.path, Err: err} // it may still be ours
	}
	err := removeLock(l.path)
	if err == nil || errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	_, _ = setTime(l.path, l.o.clock.Now().Add(-abandoned)) // without it others wait for the stale time
	return &LeftError{Path: l.path, Err: err}
}
