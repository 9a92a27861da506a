package recovery

import (
	"context"
	"fmt"
	"time"

	"github.com/claude-auth/claude-auth/internal/ui"
)

// Cancelled is the error of a sign-in that the person has cancelled, or that a signal has ended.
type Cancelled struct {
	Restored bool   // the old login was removed, and was restored
	Again    string // the command that tries again
}

func (c *Cancelled) Error() string {
	if c.Restored {
		return "sign-in cancelled; your old login was restored"
	}
	return "sign-in cancelled; nothing was changed"
}

// Message says the same to a person, in one line.
func (c *Cancelled) Message() string {
	then := "Nothing was changed."
	if c.Restored {
		then = "Your old login was restored."
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
	seconds := int(d.Round(time.Second).Seconds())
	switch {
	case seconds == 1:
		return "1 second"
	case d < time.Minute:
		return fmt.Sprintf("%d seconds", seconds)
	}
	return ui.Roughly(d)
}

// restoredNote is the note after a sign-in that stored no new login.
const restoredNote = "your old login was restored"

// late is the error of a sign-in that took too long, with what has become of the old login.
func late(e lateError, restored bool, again string) error {
	text := e.Error()
	if restored {
		text += "; " + restoredNote
	}
	return ui.WithHint(fmt.Errorf("%s", text), "try again: "+again)
}
