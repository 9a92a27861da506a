package standin

import (
	"context"
	"strings"

	"github.com/claude-auth/claude-auth/internal/claude"
)

// signingIn is /login inside a session.
type signingIn struct {
	cancel   context.CancelFunc
	codes    chan string
	links    chan string
	done     <-chan error
	finished bool // it succeeded, and waits for Enter
	ctx      context.Context
}

func (s *signingIn) status() string {
	if s.finished {
		return "Login successful. Press Enter to continue…"
	}
	return "Opening browser to sign in with your Claude account… (esc to cancel)"
}

// beginSignIn starts a sign-in in the background.
func (v *conversation) beginSignIn(ctx context.Context) {
	inner, cancel := context.WithCancel(ctx)
	done := make(chan error, 1)
	v.signIn = &signingIn{cancel: cancel, codes: make(chan string, 1), links: make(chan string, 1), done: done, ctx: ctx}
	codes, links := v.signIn.codes, v.signIn.links
	v.screen.say(said{"❯", colorPerson, "/login"}, v.line, v.status())
	go func() { // ends with the grant or with cancel; done has room for it
		done <- v.grant(inner, v.forcedMethod() == claude.ForcedConsole, codes, func(link string) { links <- link })
	}()
	select {
	case link := <-links:
		v.screen.say(said{"⎿", colorDim, "Browser didn't open? Use the url below to sign in\n" + link}, v.line, v.status())
	case <-inner.Done():
	}
}

// signedIn shows how the sign-in ended.
func (v *conversation) signedIn(err error) {
	v.signIn.cancel()
	if err == nil {
		v.signIn.finished, v.signIn.done = true, nil
		v.redraw()
		return
	}
	v.signIn = nil
	v.screen.say(said{"⎿", colorDim, "Login interrupted"}, v.line, v.status())
}

// enter handles a line typed during the sign-in: a code, or an empty line after it has succeeded. 2.1.330 then sends
// the failed message again.
func (s *signingIn) enter(v *conversation, line string) {
	if !s.finished {
		if code, _, whole := strings.Cut(line, "#"); whole && code != "" {
			select {
			case s.codes <- code:
			default: // one is being tried already
			}
		}
		v.redraw()
		return
	}
	v.signIn = nil
	again := v.failed
	v.screen.say(said{"⎿", colorDim, "Login successful"}, v.line, v.status())
	if again != "" && v.dialect.storedFacts {
		v.send(s.ctx, again)
	}
}
