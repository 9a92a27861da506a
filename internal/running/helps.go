package running

import (
	"fmt"

	"github.com/claude-auth/claude-auth/internal/claude"
)

// Helps says what a client needs to use a login that was saved after its start.
type Helps string

// What a client needs.
const (
	Nothing Helps = "nothing" // it uses the login in its next request
	Restart Helps = "restart"
	Unknown Helps = "unknown" // nobody has measured that
)

// Needs returns what the client needs to use the saved login, or the key of a Console sign-in.
func (c Client) Needs(console bool) Helps {
	switch {
	case c.Kind == Remote:
		return Unknown
	case claude.Notices(console):
		return Nothing
	}
	return Restart
}

// Advice says that for people, in the middle of a sentence.
func (c Client) Advice(console bool) string {
	switch c.Needs(console) {
	case Nothing:
		if c.Kind == Session || c.Kind == Background || c.Kind == Editor {
			return "uses this login from its next message"
		}
		return "uses this login from its next request"
	case Unknown:
		return "restart it if it says that you have to sign in"
	}
	switch {
	case c.Kind == Background && c.Job != "":
		return "run 'claude " + claude.Respawn + " " + c.Job + "' to give it this login"
	case c.Kind == Session && c.SessionID != "":
		return "leave it, and run 'claude --resume " + c.SessionID + "' to give it this login"
	case c.Kind == Daemon:
		return "run 'claude daemon stop --any' when no background session is at work"
	}
	return "restart it to give it this login"
}

// Name names the client for people: "session (pid 4312)".
func (c Client) Name() string { return fmt.Sprintf("%s (pid %d)", c.Kind, c.PID) }

// Place is Name with the directory, where that is known.
func (c Client) Place() string {
	if c.Dir == "" {
		return c.Name()
	}
	return fmt.Sprintf("%s in %s (pid %d)", c.Kind, c.Dir, c.PID)
}
