//go:build linux

package renewals

import (
	"fmt"
	"syscall"
	"testing"
	"time"

	"github.com/claude-auth/claude-auth/internal/test/realclient"
)

// way is a way of ending a command.
type way struct {
	name   string
	before string // what stands before the command line
	end    func(s *shell, p *process) error
	mute   bool // no shell is left that could show the status
}

var ways = []way{
	{name: "Ctrl-C", end: func(s *shell, _ *process) error { return s.Send("\x03") }},
	{name: "SIGTERM", end: func(_ *shell, p *process) error { return p.signal(syscall.SIGTERM) }},
	{name: "SIGHUP", end: func(_ *shell, p *process) error { return p.signal(syscall.SIGHUP) }},
	{name: "terminal closed", end: func(s *shell, _ *process) error { return s.Hangup() }, mute: true},
	{name: "timeout", before: "timeout %.1f "},
	{name: "kill -9", end: func(_ *shell, p *process) error { return p.signal(syscall.SIGKILL) }},
}

var commands = []string{"-p hi", "mcp list"}

// after is when a command is ended, at the earliest: not before it has sent its refresh token.
const after = 1500 * time.Millisecond

// TestEndedCommands: a command that is ended while its login is being renewed ends at once, as the client alone does;
// the renewal goes on and is stored. The client alone loses the login.
func TestEndedCommands(t *testing.T) {
	if testing.Short() {
		t.Skip("not with -short")
	}
	waits := []time.Duration{4 * time.Second}
	if full {
		waits = append(waits, 20*time.Second)
	}
	for v, version := range realclient.Watched() {
		for _, wait := range waits {
			for w, way := range ways {
				for c, words := range commands {
					if !every() && (v+w+c)%2 != 0 {
						continue
					}
					t.Run(fmt.Sprintf("%s/%v/%s/%s", version, wait, way.name, words), func(t *testing.T) {
						t.Parallel()
						cut{version, wait, way, words}.run(t)
					})
				}
			}
		}
	}
}

// cut is one command that is ended in the middle of a renewal.
type cut struct {
	version string
	wait    time.Duration // of the token endpoint
	way     way
	words   string
}

func (c cut) run(t *testing.T) {
	// Side by side: both are ended in the same way, on the same machine, at the same time.
	alone := make(chan ended, 1)
	t.Run("both", func(t *testing.T) {
		t.Run("alone", func(t *testing.T) {
			t.Parallel()
			alone <- c.alone(t)
		})
		t.Run("guarded", func(t *testing.T) {
			t.Parallel()
			guarded := c.guarded(t)
			usual := <-alone
			if usual.status != guarded.status {
				t.Errorf("status %d, and the client alone ends with %d", guarded.status, usual.status)
			}
		})
	})
}

// ended is how a command ended.
type ended struct {
	status int           // -1: no shell was left to show it
	took   time.Duration // from the signal
	cut    bool          // while the token endpoint was waiting
}

func (c cut) guarded(t *testing.T) ended {
	p := newPlace(t, c.version, -time.Minute, c.wait)
	s := p.startShell(t, true)
	e := c.end(t, p, s, "")
	t.Logf("ended %v after the signal with status %d", e.took, e.status)
	results.add(c.way.name, e.took)
	if !e.cut {
		t.Errorf("it did not end before the token endpoint had answered, but after %v", e.took)
	}
	eventually(t, "new tokens in the file", func() bool { return p.saved(t).access != p.first.Access })
	s.leave(t)
	p.quiet(t)
	if !p.good(t) {
		t.Error("the login is lost")
	}
	if n := p.renewals(t); n != 1 {
		t.Errorf("%d renewals were sent, want 1", n)
	}
	if now := p.saved(t); now.mcp != mcp {
		t.Errorf("the MCP logins have changed:\n%s\nwant\n%s", now.mcp, mcp)
	}
	return e
}

// alone ends the client alone, which must lose the login. A command that was ended before it had sent its refresh
// token, by a timeout on a slow machine, is tried again.
func (c cut) alone(t *testing.T) ended {
	for limit := after; ; limit *= 2 {
		p := newPlace(t, c.version, -time.Minute, c.wait+limit-after)
		s := p.startShell(t, false)
		e := c.endAfter(t, p, s, "alone", limit)
		t.Logf("alone: ended %v after the signal with status %d", e.took, e.status)
		s.leave(t)
		p.quiet(t)
		if p.renewals(t) == 0 && c.way.end == nil && limit < 64*after {
			continue
		}
		if p.good(t) {
			t.Error("the client alone keeps its login: this test proves nothing")
		}
		return e
	}
}

func (c cut) end(t *testing.T, p *place, s *shell, what string) ended {
	return c.endAfter(t, p, s, what, after)
}

// endAfter starts the command and ends it.
func (c cut) endAfter(t *testing.T, p *place, s *shell, what string, limit time.Duration) ended {
	t.Helper()
	line := "claude " + c.words
	if c.way.before != "" {
		line = fmt.Sprintf(c.way.before, limit.Seconds())
		if what == "" {
			line += "claude-auth run -- " + c.words
		} else {
			line += "claude " + c.words
		}
	}
	command := s.run(t, line)
	from := command.started.Add(limit)
	if c.way.end != nil {
		eventually(t, "a renewal", func() bool { return p.renewals(t) > 0 || command.ended() })
		time.Sleep(time.Until(from))
		if command.ended() {
			t.Fatalf("%s ended before it could be ended: %s", line, s.Output())
		}
		from = time.Now()
		must(t, c.way.end(s, command))
	}
	command.wait(t)
	e := ended{status: -1, took: time.Since(from)}
	e.cut = p.saved(t).access == p.first.Access
	if !c.way.mute {
		e.status = s.status(t)
	}
	return e
}
