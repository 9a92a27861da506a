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
		return "run '" + claude.Program + " " + claude.Respawn + " " + c.Job + "' to give it this login"
	case c.Kind == Session && c.SessionID != "":
		return "leave it, and run '" + claude.Program + " " + claude.ResumeFlag + " " + c.SessionID +
			"' to give it this login"
	case c.Kind == Daemon:
		return "run '" + claude.StopDaemon + "' when no background session is at work"
	}
	return "restart it to give it this login"
}

// Text is the kind for people.
func (k Kind) Text() string {
	switch k {
	case Background:
		return "background session"
	case Print:
		return claude.Program + " -p"
	case Editor:
		return "VS Code's session"
	case Program:
		return "a program's session"
	case Daemon:
		return "background service"
	case Serve:
		return "mcp serve"
	case Remote:
		return "remote control"
	}
	return string(k)
}

// Name names the client for people: "session (pid 4312)".
func (c Client) Name() string { return fmt.Sprintf("%s (pid %d)", c.Kind.Text(), c.PID) }

// Place is Name with the directory, where that is known.
func (c Client) Place() string {
	if c.Dir == "" {
		return c.Name()
	}
	return fmt.Sprintf("%s in %s (pid %d)", c.Kind.Text(), c.Dir, c.PID)
}
