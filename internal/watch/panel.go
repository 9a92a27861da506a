package watch

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/claude-auth/claude-auth/internal/runner"
	"github.com/claude-auth/claude-auth/internal/session"
	"github.com/claude-auth/claude-auth/internal/signin"
	"github.com/claude-auth/claude-auth/internal/ui"
	"github.com/claude-auth/claude-auth/internal/vt"
)

// errMoot ends a repair before its panel is shown: the session has gone on while the panel waited for a quiet moment.
var errMoot = errors.New("the session has gone on")

const panelTitle = "claude-auth"

// panel implements recovery.Terminal over a running session. It keeps recovery's notes until it opens. Its methods are
// called from one goroutine.
type panel struct {
	s    *watchedSession
	seen sighting

	terminal *session.Terminal // nil while the panel is closed
	leave    chan struct{}     // closing it gives the session its screen back
	left     chan error
	notes    []string
	noted    int  // how many of the notes have been shown
	ran      bool // the output of a sign-in is on the screen
	tried    bool // a sign-in was tried
	failures int  // how often tellFailed was called
}

// open waits for a quiet moment and takes the screen, unless the panel is open already.
func (p *panel) open(ctx context.Context) error {
	if p.terminal != nil {
		return nil
	}
	if err := p.s.running.Quiet(quietTime, ctx.Done()); err != nil {
		return err
	}
	if now, ok := p.s.lastFailure(); !ok || !now.Time.Equal(p.seen.failure.Time) {
		return errMoot
	}
	opened := make(chan *session.Terminal, 1)
	leave, left := make(chan struct{}), make(chan error, 1)
	go func() { // ends at close, or at once when the session has ended
		left <- p.s.running.Overlay(func(t *session.Terminal) error {
			opened <- t
			<-leave
			return nil
		})
	}()
	select {
	case p.terminal = <-opened:
		p.leave, p.left = leave, left
		return nil
	case err := <-left:
		return err
	}
}

// close gives the session its screen and its keyboard back.
func (p *panel) close() {
	if p.terminal == nil {
		return
	}
	close(p.leave)
	<-p.left
	p.terminal = nil
}

// CanAsk implements recovery.Terminal: a session always has a terminal.
func (p *panel) CanAsk() bool { return true }

// Notef implements recovery.Terminal.
func (p *panel) Notef(format string, args ...any) {
	p.notes = append(p.notes, fmt.Sprintf(format, args...))
	if p.terminal != nil && !p.ran {
		p.show(p.progress())
	}
}

// Write keeps what the user's lifecycle hooks print for the panel, because the screen is the client's.
func (p *panel) Write(text []byte) (int, error) {
	if line := strings.TrimSpace(string(text)); line != "" {
		p.notes = append(p.notes, line)
	}
	return len(text), nil
}

// Ask implements recovery.Terminal with the panel.
func (p *panel) Ask(ctx context.Context, question ui.Question) (bool, error) {
	age := p.s.age(ctx, p.seen)
	if err := p.open(ctx); err != nil {
		return false, err
	}
	view := ui.Panel{Title: panelTitle, Texts: p.takeNotes(), Keys: []ui.PanelKey{
		{Name: "Enter", Does: "sign in again"}, {Name: "d", Does: "details"}, {Name: "Esc", Does: "not now"},
	}}
	if age != "" {
		view.Texts = append(view.Texts, ui.Cell{Text: age})
	}
	view.Texts = append(view.Texts, ui.Cell{
		Text: "What will be done: " + strings.TrimSuffix(question.Text, "?") + ". The session waits, and goes on as it is.",
	})
	for {
		key, err := p.choose(ctx, view, 'd')
		if err != nil || key != 'd' {
			return key == chosenYes, err
		}
		details := ui.Panel{
			Title: panelTitle + ": details", Texts: p.s.details(p.seen), Keys: []ui.PanelKey{{Name: "Esc", Does: "back"}},
		}
		if _, err := p.choose(ctx, details, 'd'); err != nil {
			return false, err
		}
	}
}

// SignIn implements recovery.Terminal: the sign-in has the panel's screen.
func (p *panel) SignIn(ctx context.Context, request signin.Request) (status runner.Status, err error) {
	if err := p.open(ctx); err != nil {
		return runner.Status{}, err
	}
	p.tried = true
	if request.Plain() {
		return p.signInPlainly(ctx, request.Command)
	}
	var result signin.Result
	p.terminal.Lend(ctx, func(ctx context.Context, lent session.Lent) {
		result, err = signin.Run(ctx, request, signin.Screen{
			In: lent.In, Out: lent.Out, Wake: lent.Wake, Redraw: lent.Redraw, Reply: lent.Reply, Clear: true,
		})
	})
	if errors.Is(err, signin.ErrNoScreen) {
		return p.signInPlainly(ctx, request.Command)
	}
	p.notes, p.ran = append(p.notes, result.Said...), result.Through
	return result.Status, err
}

// signInPlainly lets the client talk to the person itself, below the notes.
func (p *panel) signInPlainly(ctx context.Context, command runner.Command) (runner.Status, error) {
	p.show(p.progress())
	p.noted, p.ran = len(p.notes), true
	return p.terminal.Run(ctx, command)
}

// progress is a panel with the notes that have not been shown yet.
func (p *panel) progress() ui.Panel {
	view := ui.Panel{Title: panelTitle}
	for _, note := range p.notes[p.noted:] {
		view.Texts = append(view.Texts, ui.Cell{Text: ui.Sentence(note)})
	}
	return view
}

// takeNotes returns the notes that have not been shown yet, and counts them as shown.
func (p *panel) takeNotes() []ui.Cell {
	texts := p.progress().Texts
	p.noted = len(p.notes)
	return texts
}

func (p *panel) show(view ui.Panel) {
	columns, rows := p.terminal.Size()
	_, _ = p.terminal.Write(p.s.w.Draw(view, columns, rows)) // the next ReadKey reports a terminal that is gone
}

// What choose returns, besides the panel's letter.
const (
	chosenYes = '\r'   // Enter
	chosenNo  = '\x1b' // Esc, Ctrl-C or Ctrl-D
)

// choose shows view until Enter, Esc or letter is pressed. Letter 0 stands for none. Keys that were pressed before do
// not count, and pasted text does not: it was meant for the client.
func (p *panel) choose(ctx context.Context, view ui.Panel, letter rune) (rune, error) {
	p.terminal.DropKeys()
	p.show(view)
	for {
		key, err := p.terminal.ReadKey(ctx)
		if err != nil {
			return 0, err
		}
		switch key.Kind {
		case vt.KeyResize:
			view.Below = false // the terminal has moved its text
			p.show(view)
		case vt.Pasted:
			if view.Note == "" {
				view.Note = ui.PasteIgnored
				p.show(view)
			}
		case vt.KeyEnter:
			return chosenYes, nil
		case vt.KeyEscape:
			return chosenNo, nil
		case vt.KeyCtrl:
			if key.Rune == 'c' || key.Rune == 'd' {
				return chosenNo, nil
			}
		case vt.KeyRune:
			if key.Rune == letter {
				return letter, nil
			}
		}
	}
}

// tellRepaired says that the login works again. It offers to send the message again, unless that is "", and reports
// whether the person wants that.
func (p *panel) tellRepaired(ctx context.Context, how, message string) (bool, error) {
	view := ui.Panel{Title: panelTitle, Texts: []ui.Cell{{Text: ui.Sentence(how), Style: ui.Good}}}
	view.Texts = append(view.Texts, p.takeNotes()...)
	var letter rune
	if message != "" {
		letter = 'r'
		what := "send the message that failed again: “" + oneLine(message, quotedLen) + "”"
		view.Keys = append(view.Keys, ui.PanelKey{Name: "r", Does: what})
	} else {
		next := "The session goes on: send the message that failed again."
		if p.seen.login.Console() {
			next = "This session still uses the old key. Leave it, and go on with: claude --continue"
		}
		view.Texts = append(view.Texts, ui.Cell{Text: next})
	}
	view.Keys = append(view.Keys, ui.PanelKey{Name: "Enter", Does: "back to the session"})
	key, err := p.choose(ctx, view, letter)
	return key == 'r', err
}

// tellFailed says why there is no new login. Where retry is true it offers to try again, and reports whether the person
// wants that.
func (p *panel) tellFailed(ctx context.Context, failure error, retry bool) (again bool, err error) {
	view := ui.Panel{Title: panelTitle, Below: p.ran}
	view.Texts = append(view.Texts, ui.Cell{Text: ui.Sentence(failure.Error()), Style: ui.Bad})
	view.Texts = append(view.Texts, p.takeNotes()...)
	if p.failures++; p.failures > 1 { // the same text again would look as if Enter had done nothing
		view.Texts = append(view.Texts, ui.Cell{Text: fmt.Sprintf("This was attempt %d.", p.failures)})
	}
	if hint := ui.HintOf(failure); hint != "" {
		view.Texts = append(view.Texts, ui.Cell{Text: "Hint: " + hint})
	}
	view.Keys = []ui.PanelKey{{Name: "Enter", Does: "back to the session"}}
	if retry {
		view.Keys = []ui.PanelKey{{Name: "Enter", Does: "try again"}, {Name: "Esc", Does: "back to the session"}}
	}
	p.ran = false
	key, err := p.choose(ctx, view, 0)
	return retry && key == chosenYes, err
}
