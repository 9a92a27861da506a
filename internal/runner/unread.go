package runner

import (
	"time"

	"github.com/claude-auth/claude-auth/internal/fdio"
)

// pass passes the child's output on until it ends. When the child is told to end, or was ended by a signal, and nobody
// reads what we write, the rest is read and dropped: the child alone would be gone, and it may wait for a reader too.
func (o *output) pass(c *Child) {
	passed := make(chan struct{})
	go func() { // ends with the output, or with the process when nobody reads that
		o.copy()
		close(passed)
	}()
	if !o.unread(c, passed) {
		return
	}
	o.broken, o.waitForAll, o.givenUp = true, false, true
	o.copy()
}

// unread waits until the output is passed, and returns false. It returns true when nobody reads what we write though
// that should end: then the goroutine that writes touches o no more.
func (o *output) unread(c *Child, passed <-chan struct{}) bool {
	select {
	case <-passed:
		return false
	case <-c.told:
	case <-c.ended:
	}
	for last := int64(0); ; {
		now := o.writing.Load()
		if now > 0 && now == last && c.isEnding() && o.writing.CompareAndSwap(now, -1) {
			return true
		}
		last = now
		select {
		case <-passed:
			return false
		case <-time.After(fdio.Patience):
		}
	}
}

// isEnding reports whether the child was told to end, or was ended by a signal.
func (p *Child) isEnding() bool {
	return isClosed(p.told) || isClosed(p.ended) && p.status.Signal != 0
}

func isClosed(c <-chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}

// releaseLast is release for the last of the output, once the child has ended.
func (o *output) releaseLast(c *Child, p []byte) {
	ending := (<-chan struct{})(c.told)
	if c.isEnding() {
		ending = c.ended // it has
	}
	o.givenUp = fdio.Patiently(ending, func() error { o.release(p); return nil }) != nil || o.givenUp
}
