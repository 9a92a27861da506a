package flock

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/claude-auth/claude-auth/internal/lock"
)

// Holder is the process that holds a lock. What is not known is zero.
type Holder struct {
	PID     int
	Name    string // of its program
	Stopped bool
	Since   time.Time // when it took the lock
}

// String names the process for people, in the middle of a sentence.
func (h Holder) String() string {
	who := "another process"
	if h.Name != "" {
		who = h.Name
	}
	var facts []string
	if h.PID > 0 {
		facts = append(facts, "process "+strconv.Itoa(h.PID))
	}
	if !h.Since.IsZero() {
		facts = append(facts, "since "+h.Since.Local().Format(time.TimeOnly))
	}
	if h.Stopped {
		facts = append(facts, "stopped")
	}
	if len(facts) == 0 {
		return who
	}
	return who + " (" + strings.Join(facts, ", ") + ")"
}

// Remedy is the hint for a holder that does not end.
func (h Holder) Remedy() string {
	switch {
	case h.PID > 0 && h.Stopped:
		return fmt.Sprintf("let it go on with 'kill -CONT %d', or end it with 'kill -KILL %[1]d'", h.PID)
	case h.PID > 0:
		return fmt.Sprintf("end it with 'kill %d' if it hangs, and try again", h.PID)
	}
	return "try again in a moment"
}

// HeldError says that another process holds a lock, and that this process waits no longer.
type HeldError struct {
	Path   string
	Holder Holder
	Err    error // why it waits no longer: the context's error, or nil when the holder is stopped
}

func (e *HeldError) Error() string { return fmt.Sprintf("%s is held by %s", e.Path, e.Holder) }

func (e *HeldError) Unwrap() error { return e.Err }

// holderOf returns who holds the lock file. The kernel knows, unless the holder is on another machine or in another pid
// namespace. Acquire has written the pid too.
func holderOf(file *os.File) (h Holder) {
	var text [16]byte
	n, _ := file.ReadAt(text[:], 0)
	written, _ := strconv.Atoi(strings.TrimSpace(string(text[:n])))
	if info, err := file.Stat(); err == nil && written > 0 {
		h.Since = info.ModTime()
	}
	if pid := lock.FlockHolder(file); pid > 0 {
		if p := lock.ProcessOf(pid); p.Name != "" { // else it has left the lock to a child
			h.PID, h.Name, h.Stopped = pid, p.Name, p.Stopped
			return h
		}
	}
	h.PID = written
	if p := lock.ProcessOf(written); p.Name != "" && p.Name == lock.ProcessOf(os.Getpid()).Name {
		h.Name, h.Stopped = p.Name, p.Stopped // otherwise the number may mean another process here
	}
	return h
}
