package standin

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
	"golang.org/x/term"

	"github.com/claude-auth/claude-auth/internal/claude"
	"github.com/claude-auth/claude-auth/internal/vt"
)

// conversation is a session on a terminal.
type conversation struct {
	*client
	session  *session
	screen   *screen
	decoder  keyDecoder
	in       *input
	cooked   *term.State // the terminal's modes before the session
	line     string      // what is typed
	last     string      // the last prompt, for Up
	failed   string      // the prompt of a message that failed without a login
	leaving  bool        // Ctrl-C or Ctrl-D was pressed once
	asking   bool
	stopAsk  context.CancelFunc
	answers  chan answered
	signIn   *signingIn
	spinning int
	renewal  chan error // of the renewal in the background; nil: none is under way
}

type answered struct {
	got outcome
	err error
}

// spinEvery is how often the client moves its spinner.
const spinEvery = 120 * time.Millisecond

// idleEvery is how often an idle session looks whether its login is due. The client was seen to renew 7.7 s after the
// login was due (2.1.330, 2.1.332).
const idleEvery = time.Second

var spinner = []string{"·", "✢", "✳", "✶", "✻", "✽"}

// interactive is a session on a terminal.
func (c *client) interactive(ctx context.Context, o options) error {
	if !isTerminal(c.Stdin) {
		return errNoPrompt()
	}
	c.interactiveSession = true
	ctx, leave := context.WithCancel(ctx)
	defer leave()
	c.ending = ctx
	s, err := c.openSession(o, "cli")
	if err != nil {
		return err
	}
	removeNote, err := c.noteRunning(s)
	if err != nil {
		return err
	}
	defer removeNote()
	cooked, err := term.MakeRaw(int(c.Stdin.Fd()))
	if err != nil {
		return fmt.Errorf("set up the terminal: %w", err)
	}
	v := &conversation{
		client: c, session: s, cooked: cooked, answers: make(chan answered, 1),
		screen: &screen{out: c.Stdout, dialect: c.dialect},
	}
	defer v.restore()
	if v.in, err = readInput(c.Stdin); err != nil {
		return err
	}
	defer v.in.stop()
	v.screen.open(c.Dir)
	v.recall()
	for _, message := range c.sessionStart(ctx, s, o.source()) {
		v.screen.said = append(v.screen.said, said{"⎿", colorDim, message})
		v.screen.message(said{"⎿", colorDim, message})
	}
	v.screen.frame("", v.status())
	if o.prompt != "" {
		v.send(ctx, o.prompt)
	}
	err = v.loop(ctx)
	v.stop()
	leave()
	v.awaitRenewal()
	v.screen.close()
	v.restore()
	if len(v.screen.said) > 0 && s.path != "" {
		fmt.Fprintf(c.Stdout, "\x1b[2mResume this session with:\x1b[22m\n\x1b[2mclaude --resume %s\x1b[22m\n", s.id)
	}
	return err
}

func (v *conversation) restore() { _ = term.Restore(int(v.Stdin.Fd()), v.cooked) } // a terminal that is gone needs none

// errExit ends the session as the person asked.
var errExit = errors.New("exit")

func (v *conversation) loop(ctx context.Context) error {
	resized := make(chan os.Signal, 1)
	signal.Notify(resized, syscall.SIGWINCH)
	defer signal.Stop(resized)
	ticker := time.NewTicker(spinEvery)
	defer ticker.Stop()
	v.renew(ctx)
	var idle <-chan time.Time
	if v.dialect.renewsMore {
		idler := time.NewTicker(idleEvery)
		defer idler.Stop()
		idle = idler.C
	}
	for v.screen.err == nil {
		var signedIn <-chan error
		if v.signIn != nil {
			signedIn = v.signIn.done
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case chunk, open := <-v.in.chunks:
			if !open {
				return nil // the terminal has gone
			}
			for _, k := range v.decoder.decode(chunk) {
				if err := v.key(ctx, k); err != nil {
					if errors.Is(err, errExit) {
						return nil
					}
					return err
				}
			}
		case answer := <-v.answers:
			if err := v.answered(ctx, answer); err != nil {
				return err
			}
		case err := <-signedIn:
			v.signedIn(err)
		case err := <-v.renewal:
			v.renewal = nil
			if err != nil {
				return err
			}
		case <-idle:
			v.renew(ctx)
		case <-resized:
			v.screen.repaint(v.Dir, v.line, v.status())
		case <-ticker.C:
			if v.asking {
				v.spinning++
				v.redraw()
			}
		}
	}
	return v.screen.err
}

// renew renews a login that is due, in the background: every version at the start of a session (2.1.165, 2.1.330,
// 2.1.332), and the later ones whenever it is idle.
func (v *conversation) renew(ctx context.Context) {
	if v.renewal != nil {
		return
	}
	renewal := make(chan error, 1)
	v.renewal = renewal
	go func() { renewal <- v.renewExpired(ctx) }() // ends with the answer, or with the process; the channel has room
}

// awaitRenewal waits for a renewal that is under way at the end of the session, as long as the version lingers.
func (v *conversation) awaitRenewal() {
	if v.renewal != nil {
		<-v.renewal
	}
	if v.asking {
		<-v.answers
	}
}

func (v *conversation) redraw() { v.screen.redraw(v.line, v.status()) }

func (v *conversation) status() string {
	switch {
	case v.leaving:
		return "Press Ctrl-C again to exit"
	case v.signIn != nil:
		return v.signIn.status()
	case v.asking:
		return spinner[v.spinning%len(spinner)] + " Thinking… (esc to interrupt)"
	case v.failed != "" && v.line == "":
		return "Once fixed, resend your message"
	}
	return "? for shortcuts"
}

func (v *conversation) key(ctx context.Context, k vt.Key) error {
	leaving := v.leaving
	v.leaving = false
	switch k.Kind {
	case vt.KeyRune:
		v.line += string(k.Rune)
	case vt.KeyBackspace:
		if runes := []rune(v.line); len(runes) > 0 {
			v.line = string(runes[:len(runes)-1])
		}
	case vt.KeyUp:
		if v.line == "" {
			v.line = v.last
		}
	case vt.KeyEnter:
		return v.enter(ctx)
	case vt.KeyEscape:
		v.stop()
	case vt.KeyCtrl:
		v.leaving = leaving
		return v.control(k.Rune)
	default: // another key, or the terminal by itself
		v.leaving = leaving
		return nil
	}
	v.redraw()
	return nil
}

// control handles Ctrl and a letter.
func (v *conversation) control(letter rune) error {
	switch letter {
	case 'c', 'd':
		return v.interrupt(letter)
	case 'z':
		v.leaving = false
		return v.suspend()
	case 'l':
		v.leaving = false
		v.screen.repaint(v.Dir, v.line, v.status())
	}
	return nil
}

// interrupt ends the request or sign-in, or empties the line, or, the second time, ends the session.
func (v *conversation) interrupt(letter rune) error {
	switch {
	case v.leaving:
		return errExit
	case v.asking || v.signIn != nil:
		v.stop()
	case v.line != "" && letter == 'c':
		v.line = ""
	default:
		v.leaving = true
	}
	v.redraw()
	return nil
}

// stop ends the current request or sign-in.
func (v *conversation) stop() {
	if v.asking {
		v.stopAsk()
	}
	if v.signIn != nil {
		v.signIn.cancel()
	}
}

// suspend gives the terminal back and stops the process, as Ctrl-Z would without raw mode.
func (v *conversation) suspend() error {
	v.screen.erase()
	v.screen.close()
	v.restore()
	if err := unix.Kill(os.Getpid(), unix.SIGSTOP); err != nil {
		return fmt.Errorf("suspend: %w", err)
	}
	if _, err := term.MakeRaw(int(v.Stdin.Fd())); err != nil {
		return fmt.Errorf("set up the terminal again: %w", err)
	}
	v.screen.write(modesOn)
	v.screen.repaint(v.Dir, v.line, v.status())
	return nil
}

// enter handles the line.
func (v *conversation) enter(ctx context.Context) error {
	line := strings.TrimSpace(v.line)
	if v.signIn != nil {
		v.line = ""
		v.signIn.enter(v, line)
		return nil
	}
	if line == "" || v.asking {
		return nil
	}
	v.line = ""
	switch line {
	case "/exit", "/quit", "exit", "quit":
		v.screen.say(said{"❯", colorPerson, line}, "", v.status())
		return errExit
	case "/login":
		v.beginSignIn(ctx)
	default:
		v.send(ctx, line)
	}
	return nil
}

// send asks for an answer in the background.
func (v *conversation) send(ctx context.Context, prompt string) {
	v.last, v.failed, v.asking = prompt, "", true
	if err := v.session.prompt(prompt); err != nil {
		v.screen.err = err
		return
	}
	v.screen.say(said{"❯", colorPerson, prompt}, v.line, v.status())
	ctx, v.stopAsk = context.WithCancel(ctx)
	go func() { // ends with the answer or with stopAsk; answers has room for it
		got, err := v.ask(ctx, prompt, nil)
		v.answers <- answered{got, err}
	}()
}

func (v *conversation) answered(ctx context.Context, a answered) error {
	v.asking = false
	v.stopAsk()
	if errors.Is(a.err, context.Canceled) && ctx.Err() == nil {
		v.screen.say(said{"⎿", colorDim, "Interrupted · What should Claude do instead?"}, v.line, v.status())
		return nil
	}
	if a.err != nil {
		return a.err
	}
	if _, err := v.session.answer(a.got); err != nil {
		return err
	}
	if f := a.got.failure; f != nil {
		if f.kind == claude.AuthenticationFailed {
			v.failed = v.last
			if err := v.blockJob(f); err != nil {
				return err
			}
		}
		v.screen.say(said{"●", colorFailure, f.interactive}, v.line, v.status())
		v.stopFailure(ctx, v.session, f)
		return nil
	}
	v.screen.say(said{"●", colorModel, string(a.got.text)}, v.line, v.status())
	return nil
}
