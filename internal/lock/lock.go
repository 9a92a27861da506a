// Package lock makes and breaks the locks of the client: directories, as npm's proper-lockfile makes them.
//
// Such a lock is a directory that mkdir(2) makes for one process and refuses to all others. Whoever holds it sets its
// mtime anew every few seconds. A lock whose mtime is older than the stale time is that of a dead process: anybody may
// remove it and make his own. The holder removes it in the end.
//
// The scheme has two gaps, and this package narrows them. A process that dies by SIGKILL leaves a lock that looks alive
// until the stale time is over: ours carry an extended attribute that names the process, from the first instant of the
// lock, so that the next run of this program sees at once that nobody holds it (where the file system has no extended
// attributes the stale time has to do). And a process that was stopped for longer than the stale time goes on as if it
// still held its lock: Check says whether it does, and is to be asked right before what the lock protects.
//
// # Signals
//
// Nothing here handles signals. A caller makes its context with signal.NotifyContext, gives it to Acquire, and releases
// in a defer: SIGINT and SIGTERM then end the wait and the work, and the defer removes the lock.
package lock

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"sync"
	"time"
)

// Defaults of Options. The stale time is proper-lockfile's own; the time between updates is less than a third of the
// shortest stale time that a client goes by (10 s, 2.1.165), so that two in a row may be missed.
const (
	DefaultStale  = 10 * time.Second
	DefaultUpdate = 3 * time.Second
)

// Options are how to take a lock. The zero value means the defaults, and one attempt without waiting.
type Options struct {
	Stale    time.Duration // the age of the mtime at which another process's lock is taken over
	Lifetime time.Duration // the age at which others may take over ours, if that is less than Stale
	Update   time.Duration // the time between two updates of the mtime while the lock is held; at most half of Lifetime
	Wait     time.Duration // how long to wait for a lock that another process holds
	Clock    Clock         // nil is the system's

	// record says who holds a lock that does not say so itself: the client's owner file.
	record func(identity) *Owner
}

func (o Options) withDefaults() Options {
	if o.Stale <= 0 {
		o.Stale = DefaultStale
	}
	if o.Update <= 0 {
		o.Update = DefaultUpdate
	}
	if o.Lifetime <= 0 {
		o.Lifetime = o.Stale
	}
	o.Lifetime = min(o.Lifetime, o.Stale)
	o.Update = min(o.Update, o.Lifetime/2)
	if o.Clock == nil {
		o.Clock = SystemClock{}
	}
	if o.record == nil {
		o.record = func(identity) *Owner { return nil }
	}
	return o
}

// Clock is where the time comes from. Locks are judged by the clock of this machine, as the client judges them.
type Clock interface {
	Now() time.Time
	After(time.Duration) <-chan time.Time
}

// SystemClock is the real time.
type SystemClock struct{}

// Now is the wall clock's time alone: the monotonic clock stands still while the machine sleeps, and a lock does not.
func (SystemClock) Now() time.Time { return time.Now().Round(0) }

// After is time.After.
func (SystemClock) After(d time.Duration) <-chan time.Time { return time.After(d) }

// HeldError says that another process holds the lock.
type HeldError struct {
	Path  string
	Since time.Time // the lock's mtime: when its holder last said that it is alive
	Owner *Owner    // nil when nothing says who holds it
}

func (e *HeldError) Error() string {
	if e.Owner != nil {
		return fmt.Sprintf("%s is held by process %d", e.Path, e.Owner.PID)
	}
	return fmt.Sprintf("%s is held by another process", e.Path)
}

// BlockedError says that something that is no lock stands in the lock's place: nobody can take the lock, and it never
// goes stale by itself.
type BlockedError struct {
	Path string
	What string // "a file", "a symbolic link", "a directory that is not empty"
}

func (e *BlockedError) Error() string {
	return fmt.Sprintf("%s is %s where a lock should be", e.Path, e.What)
}

// LostError says that a lock that this process took is its own no more.
type LostError struct {
	Path   string
	Reason string
}

func (e *LostError) Error() string { return fmt.Sprintf("the lock %s was lost: %s", e.Path, e.Reason) }

// LeftError says that a lock that is needed no more could not be removed. What was done under it is done. Its mtime was set
// back where that was possible, so that whoever comes next may take it over at once.
type LeftError struct {
	Path string
	Err  error
}

func (e *LeftError) Error() string {
	why := e.Err
	var system *fs.PathError
	if errors.As(why, &system) && system.Path == e.Path {
		why = system.Err
	}
	return fmt.Sprintf("the lock %s could not be removed: %v", e.Path, why)
}

func (e *LeftError) Unwrap() error { return e.Err }

// Hint says what helps.
func (e *LeftError) Hint() string {
	return "nobody holds it any more: remove that directory if the next command or the client stops at it"
}

// Lock is a lock that this process holds.
type Lock struct {
	path  string
	o     Options
	stop  chan struct{} // closed by Release, ends the goroutine
	ended chan struct{} // closed by the goroutine
	lost  chan struct{} // closed once the lock is known to be lost

	mu       sync.Mutex
	made     made // with the mtime that we gave it last
	touched  time.Time
	err      error // why the lock was lost
	released bool
}

// Acquire takes the lock that is the directory path, waiting up to Options.Wait for another process to release it, and
// keeps it fresh until Release. The error is a *HeldError when another process kept it, a *BlockedError when it can
// never be taken, wraps ctx's error when ctx ended, and else says what the file system said.
func Acquire(ctx context.Context, path string, o Options) (*Lock, error) {
	o = o.withDefaults()
	path, err := filepath.Abs(path)
	if err != nil {
		return nil, fmt.Errorf("take the lock %s: %w", path, err)
	}
	m, err := acquire(ctx, path, o)
	if err != nil {
		return nil, fmt.Errorf("take the lock: %w", err)
	}
	l := &Lock{
		path: path, o: o, made: m, touched: o.Clock.Now(),
		stop: make(chan struct{}), ended: make(chan struct{}), lost: make(chan struct{}),
	}
	go l.keepFresh() // ends when Release closes l.stop, or when the lock is lost
	return l, nil
}

// The time between two attempts grows from minPoll to maxPoll. The client asks every 1 to 2 seconds.
const (
	minPoll = 10 * time.Millisecond
	maxPoll = 250 * time.Millisecond
)

func acquire(ctx context.Context, path string, o Options) (made, error) {
	deadline := o.Clock.Now().Add(o.Wait)
	for poll := minPoll; ; poll = min(2*poll, maxPoll) {
		if err := ctx.Err(); err != nil {
			return made{}, err
		}
		m, err := attempt(path, o)
		var held *HeldError
		if !errors.As(err, &held) {
			return m, err
		}
		left := deadline.Sub(o.Clock.Now())
		if left <= 0 {
			return made{}, err
		}
		select {
		case <-ctx.Done():
			return made{}, fmt.Errorf("%w: %w", held, ctx.Err())
		case <-o.Clock.After(min(jitter(poll), left)):
		}
	}
}

// attempt tries once to make the lock, after removing a stale one.
func attempt(path string, o Options) (made, error) {
	m, err := makeLock(path, o.Clock.Now())
	if !errors.Is(err, fs.ErrExist) {
		return m, err
	}
	broke, err := breakIfStale(path, o)
	if err != nil {
		return made{}, err
	}
	m, err = makeLock(path, o.Clock.Now())
	if errors.Is(err, fs.ErrExist) {
		return made{}, heldNow(path, o)
	}
	if err != nil || !broke {
		return m, err
	}
	return settle(path, m, o)
}

// settle waits after a takeover until whoever judged the same old lock stale has acted on it: the client removes such a
// lock some time after it looked at it, without looking again, and would remove our new one.
func settle(path string, m made, o Options) (made, error) {
	<-o.Clock.After(settleTime)
	ours, _, err := m.isAt(path)
	if err != nil {
		return made{}, fmt.Errorf("take over a stale lock: %w", err)
	}
	if !ours {
		return made{}, heldNow(path, o)
	}
	return m, nil
}

// settleTime is many times what the client takes from its stat to its rmdir.
const settleTime = 30 * time.Millisecond

// heldNow is the error for a lock that was there a moment ago.
func heldNow(path string, o Options) error {
	h := &HeldError{Path: path, Since: o.Clock.Now()}
	if id, err := identify(path); err == nil {
		h.Since, h.Owner = id.modTime(), ownerOf(path, id, o)
	}
	return h
}

// Path is the lock's directory.
func (l *Lock) Path() string { return l.path }

// Lost is closed when the lock is known to be lost; Err then says why. It is known with the next update of the mtime or
// the next Check.
func (l *Lock) Lost() <-chan struct{} { return l.lost }

// Err is nil while the lock is not known to be lost, and then a *LostError.
func (l *Lock) Err() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.err
}

// Release removes the lock's directory. It is nil when the lock was released before, a *LostError when the lock was
// lost: another process's lock is not removed; and a *LeftError when the file system would not remove it.
func (l *Lock) Release() error {
	l.mu.Lock()
	if l.released {
		l.mu.Unlock()
		return nil
	}
	l.released = true
	l.mu.Unlock()
	close(l.stop)
	<-l.ended
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.err != nil {
		return l.err
	}
	if err := l.verify(); l.err != nil {
		return err
	} else if err != nil {
		return &LeftError{Path: l.path, Err: err} // it cannot even be said whether it is still ours
	}
	err := removeLock(l.path)
	if err == nil || errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	_, _ = setTime(l.path, l.o.Clock.Now().Add(-abandoned)) // without it others wait for the stale time
	return &LeftError{Path: l.path, Err: err}
}

// abandoned is the age of a lock that is nobody's: far beyond every stale time.
const abandoned = time.Hour
