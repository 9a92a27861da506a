package recovery

import (
	"context"
	"fmt"
	"time"

	"github.com/claude-auth/claude-auth/internal/ui"
)

// Cancelled is the error of a sign-in that the person has cancelled, or that a signal has ended.
type Cancelled struct {
	Restored string // what was removed and is restored: "old login"; "" for nothing
	Again    string // the command that tries again
}

func (c *Cancelled) Error() string {
	if c.Restored != "" {
		return "sign-in cancelled; " + restoredNote(c.Restored)
	}
	return "sign-in cancelled; nothing was changed"
}

// Message says the same to a person, in one line.
func (c *Cancelled) Message() string {
	then := "Nothing was changed."
	if c.Restored != "" {
		then = ui.Sentence(restoredNote(c.Restored))
	}
	return "Sign-in cancelled. " + then + " Try again: " + c.Again
}

// Is makes a cancelled sign-in count as the end of a context.
func (c *Cancelled) Is(target error) bool { return target == context.Canceled }

// lateError is the error of a sign-in that took too long.
type lateError struct{ limit time.Duration }

func (e lateError) Error() string { return "nobody finished signing in within " + Limit(e.limit) }

// Limit says how long a sign-in may take.
func Limit(d time.Duration) string {
	if d < time.Minute {
		if seconds := int(max(d.Round(time.Second), time.Second) / time.Second); seconds > 1 {
			return fmt.Sprintf("%d seconds", seconds)
		}
		return "1 second"
	}
	return ui.Roughly(d)
}

// What a sign-in that stores no new login leaves as it was.
const (
	oldLogin = "old login"
	oldFile  = "old file" // a damaged one
)

// restoredNote is the note after a sign-in that stored no new login.
func restoredNote(what string) string { return "your " + what + " was restored" }

// late is the error of a sign-in that took too long, with what has become of the old login.
func late(e lateError, restored, again string) error {
	text := e.Error()
	if restored != "" {
		text += "; " + restoredNote(restored)
	}
	return ui.WithHint(fmt.Errorf("%s", text), "try again: "+again)
}
