//go:build linux

package renewals

import (
	"fmt"
	"regexp"
	"testing"
	"time"

	"github.com/claude-auth/claude-auth/internal/test/harness"
	"github.com/claude-auth/claude-auth/internal/test/realclient"
)

// leaving is a way of leaving a session.
type leaving struct {
	name string
	do   func(t *testing.T, s *shell)
	mute bool // no shell is left that could show the status
}

// keys types keys one after the other, as a person does: what comes in one piece may count as pasted.
func keys(keys ...string) func(t *testing.T, s *shell) {
	return func(t *testing.T, s *shell) {
		for i, key := range keys {
			if i > 0 {
				time.Sleep(300 * time.Millisecond) // between two keys; nothing is waited for
			}
			must(t, s.Send(key))
		}
	}
}

var leavings = []leaving{
	{"terminal closed", func(t *testing.T, s *shell) { must(t, s.Hangup()) }, true},
	{"Ctrl-C", keys("\x03", "\x03", "\x03"), false}, // the first may only end a request
	{"Ctrl-D", keys("\x04", "\x04"), false},
	{"exit", keys("/exit", "\r"), false},
}

// moment is when a session is left: the token endpoint is waiting with its answer.
type moment struct {
	name    string
	life    time.Duration // that the access token has at the start of the session
	env     string
	message bool // a message is sent whose access token the service rejects
	before  bool // the session has not started yet: nothing of it is on the screen
	ours    bool // the client alone does not renew then
}

var moments = []moment{
	{name: "due at the start", life: -time.Minute, before: true},
	{name: "the client renews at its start", life: -time.Minute, env: "CLAUDE_AUTH_GUARD=off"},
	{name: "the client renews after a 401", life: 6 * time.Hour, message: true},
	{name: "the guard renews meanwhile", life: 10*time.Minute + 5*time.Second, ours: true},
}

// TestLeftSessions: a session that is left while its login is being renewed keeps it, whichever process renews it.
// The client alone loses it.
func TestLeftSessions(t *testing.T) {
	if testing.Short() {
		t.Skip("not with -short")
	}
	for v, version := range realclient.Watched() {
		for m, moment := range moments {
			for l, leaving := range leavings {
				if !full && (m != l || !every() && v != m%2) {
					continue
				}
				t.Run(fmt.Sprintf("%s/%s/%s", version, moment.name, leaving.name), func(t *testing.T) {
					t.Parallel()
					c := leave{version, moment, leaving}
					t.Run("both", func(t *testing.T) {
						if !moment.ours {
							t.Run("alone", func(t *testing.T) {
								t.Parallel()
								c.alone(t)
							})
						}
						t.Run("guarded", func(t *testing.T) {
							t.Parallel()
							c.guarded(t)
						})
					})
				})
			}
		}
	}
}

// leave is one session that is left in the middle of a renewal.
type leave struct {
	version string
	moment  moment
	leaving leaving
}

const (
	// firstWait is how long the token endpoint waits at the first attempt: long enough for the client to draw its screen.
	firstWait = 8 * time.Second
	// lastWait bounds that on a slow machine. The client gives up after 30 s.
	lastWait = 28 * time.Second
	// margin is how long before the answer of the token endpoint a session must be left, so that the client alone does
	// not get it: it waits for it a little (2 s, 2.1.330).
	margin = 3 * time.Second
)

// inTime starts a session and calls leave, at the worst moment. On a slow machine it takes more than one attempt: when
// leave returns false, the token endpoint had answered before the session was left.
func (c leave) inTime(t *testing.T, guarded bool, leave func(p *place, s *shell, session *process) bool) {
	t.Helper()
	for wait := firstWait; ; wait = min(2*wait, lastWait) {
		p := newPlace(t, c.version, c.moment.life, wait)
		if c.moment.env != "" {
			p.env = append(p.env, c.moment.env)
		}
		s := p.startShell(t, guarded)
		session := c.begin(t, p, s, guarded)
		sent := p.sent(t)
		if len(sent) == 0 {
			t.Fatalf("no renewal was sent; on the terminal there was: %q", harness.Plain(s.Output()))
		}
		early := time.Until(sent[0].Time.Add(wait)) > margin
		if early && leave(p, s, session) {
			return
		}
		s.leave(t)
		p.quiet(t)
		if wait == lastWait {
			t.Skip("this machine is too slow: the token endpoint has answered before the session was left")
		}
	}
}

// drawn is what the client shows when it takes input: one of the hints below its input line.
var drawn = regexp.MustCompile(`\? for shortcuts|shift\+tab to cycle|/effort`)

// begin starts a session and brings it to the moment when a renewal was sent.
func (c leave) begin(t *testing.T, p *place, s *shell, guarded bool) *process {
	t.Helper()
	session := s.run(t, "claude")
	if c.moment.message {
		c.draw(t, s)
		must(t, p.service.Refuse(p.first.Access))
		keys("hi", "\r")(t, s)
	}
	eventually(t, "a renewal", func() bool { return p.renewals(t) > 0 || session.ended() })
	if !c.moment.before || !guarded {
		c.draw(t, s)
	}
	return session
}

func (c leave) draw(t *testing.T, s *shell) {
	t.Helper()
	eventually(t, "the client's screen", func() bool { return drawn.MatchString(harness.Plain(s.Output())) })
}

func (c leave) guarded(t *testing.T) {
	c.inTime(t, true, func(p *place, s *shell, session *process) bool {
		left := time.Now()
		c.leaving.do(t, s)
		took := make(chan time.Duration, 1)
		go func() { // ends with the session
			<-session.over()
			took <- time.Since(left)
		}()
		eventually(t, "new tokens in the file", func() bool { return p.saved(t).access != p.first.Access })
		if !c.leaving.mute && !c.moment.before { // what is typed before the session may be lost
			c.again(t, s, session)
			t.Logf("status %d", s.status(t))
		}
		s.leave(t)
		results.add("session, "+c.moment.name+", "+c.leaving.name, <-took)
		p.renewedOnce(t)
		return true
	})
}

// again waits for the end of a session, and presses the keys again when it does not come: keys that were held back
// during the renewal arrive together, and three Ctrl-C in one piece may only end a request (2.1.165).
func (c leave) again(t *testing.T, s *shell, session *process) {
	t.Helper()
	over := session.over()
	for range 5 {
		select {
		case <-over:
			return
		case <-time.After(5 * time.Second):
			c.leaving.do(t, s)
		}
	}
	session.wait(t)
}

// alone leaves a session of the client alone, which must lose the login.
func (c leave) alone(t *testing.T) {
	c.inTime(t, false, func(p *place, s *shell, session *process) bool {
		left := time.Now()
		c.leaving.do(t, s)
		session.wait(t)
		answered := p.saved(t).access != p.first.Access
		t.Logf("alone: ended after %v, answered before: %v", time.Since(left), answered)
		if answered {
			return false
		}
		s.leave(t)
		p.quiet(t)
		if p.good(t) {
			t.Error("the client alone keeps its login: this test proves nothing")
		}
		return true
	})
}
