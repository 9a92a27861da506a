package lock

import (
	"errors"
	"fmt"
	"io/fs"
	"time"
)

// HeldError says that another process holds the lock.
type HeldError struct {
	Path  string
	Since time.Time     // the lock's mtime, which a live holder updates
	Owner *Owner        // nil when it is not known
	Ahead time.Duration // how far Since is in the future, where a clock must be wrong; else 0
}

func (e *HeldError) Error() string {
	if e.Ahead > 0 {
		return fmt.Sprintf("%s was made with a wrong clock: its time is %s", e.Path,
			e.Since.Local().Format("2006-01-02 15:04"))
	}
	return fmt.Sprintf("%s is held by %s", e.Path, e.By())
}

// By names the process for people: "another process (claude, pid 4312)".
func (e *HeldError) By() string {
	switch {
	case e.Owner == nil:
		return "another process"
	case !e.Owner.isHere():
		return fmt.Sprintf("another process (pid %d)", e.Owner.PID)
	}
	if name := ProcessOf(e.Owner.PID).Name; name != "" {
		return fmt.Sprintf("another process (%s, pid %d)", name, e.Owner.PID)
	}
	return fmt.Sprintf("another process (pid %d)", e.Owner.PID)
}

func isHeld(err error) bool { return errors.As(err, new(*HeldError)) }

// BlockedError says that something else than a lock is in the lock's place. Then no process can take the lock, and
// waiting does not help.
type BlockedError struct {
	Path string
	What string // "a file", "a symbolic link", "a directory that is not empty"
}

func (e *BlockedError) Error() string {
	return fmt.Sprintf("%s is %s, and should be a lock", e.Path, e.What)
}

// LostError says that this process no longer holds a lock that it took.
type LostError struct {
	Path   string
	Reason string
}

func (e *LostError) Error() string { return fmt.Sprintf("the lock %s was lost: %s", e.Path, e.Reason) }

// LeftError says that a lock could not be removed after use. What was done under the lock is done. If possible its
// mtime was set back, so that the next process may take it over at once.
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
	return fmt.Sprintf("if the next command stops at this lock, run 'rmdir %s'", e.Path)
}
