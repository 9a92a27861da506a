package runner

import (
	"os"
	"time"

	"github.com/claude-auth/claude-auth/internal/lock"
)

// Busy tells when a child must not be ended from outside: while a directory with a recent mtime stands at Dir. That is
// how a program shows that it holds a lock. The zero Busy never holds an end back.
type Busy struct {
	Dir   string
	Fresh time.Duration // with an older mtime the directory belongs to nobody any more
	Limit time.Duration // how long an end is held back at most
}

// busyPoll is how often Dir is looked at while an end is held back. Nothing announces that a lock was released.
const busyPoll = 20 * time.Millisecond

// Now reports whether the child must not be ended now. It costs one lstat. A lock that this program has made says
// nothing about the child.
func (b Busy) Now() bool {
	if b.Dir == "" {
		return false
	}
	info, err := os.Lstat(b.Dir)
	if err != nil || !info.IsDir() {
		return false
	}
	// A lock may be made with an mtime up to a second ahead, to measure how exactly the file system stores it.
	return time.Since(info.ModTime()).Abs() < b.Fresh && !lock.IsOurs(b.Dir)
}

// Poll calls pause with the time between two looks, until the child may be ended.
func (b Busy) Poll(pause func(time.Duration)) {
	for end := time.Now().Add(b.Limit); b.Now() && time.Now().Before(end); {
		pause(busyPoll)
	}
}

// free returns a channel that is closed when the child may be ended. The goroutine behind it ends then.
func (b Busy) free() <-chan struct{} {
	free := make(chan struct{})
	go func() { // ends after b.Limit at the latest
		defer close(free)
		b.Poll(time.Sleep)
	}()
	return free
}
