package watch

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/claude-auth/claude-auth/internal/recovery"
	"github.com/claude-auth/claude-auth/internal/runner"
	"github.com/claude-auth/claude-auth/internal/session"
	"github.com/claude-auth/claude-auth/internal/signin"
	"github.com/claude-auth/claude-auth/internal/ui"
	"github.com/claude-auth/claude-auth/internal/vt"
)

// errMoot ends a repair before its panel is shown: the session has gone on while the panel waited for a quiet moment.
var errMoot = errors.New("the session has gone on")

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
	answer, err := p.Choose(ctx, question)
	return answer == ui.Yes, err
}

// Choose implements recovery.Terminal with the panel.
func (p *panel) Choose(ctx context.Context, question ui.Question) (ui.Answer, error) {
	if err := p.open(ctx); err != nil {
		return ui.No, err
	}
	p.s.w.Repairer.TellWaiting(ctx, &p.s.telling, p.seen.login, question.Fact)
	view, letters := p.questionView(question)
	for {
		key, err := p.choose(ctx, view, letters)
		switch {
		case err != nil:
			return ui.No, err
		case key == chosenYes:
			return ui.Yes, nil
		case key == stopLetter:
			return ui.Stop, nil
		case key != detailsLetter:
			return ui.No, nil
		}
		details := ui.Panel{
			Title: titleDetails, Texts: p.s.details(p.seen), Keys: []ui.PanelKey{{Name: "Esc", Does: doesBack}},
		}
		if _, err := p.choose(ctx, details, string(detailsLetter)); err != nil {
			return ui.No, err
		}
	}
}

// The letters of the panels.
const (
	detailsLetter = 'd'
	stopLetter    = 'x'
	resendLetter  = 'r'
)

// questionView is the panel of a question, with its letters.
func (p *panel) questionView(question ui.Question) (view ui.Panel, letters string) {
	q := question.Panel
	view = ui.Panel{Title: q.Title, Keys: []ui.PanelKey{
		{Name: "Enter", Does: q.Yes}, {Name: string(detailsLetter), Does: doesDetails},
	}}
	letters = string(detailsLetter)
	if question.MayStop {
		view.Keys = append(view.Keys, ui.PanelKey{Name: string(stopLetter), Does: doesStop})
		letters += string(stopLetter)
	}
	view.Keys = append(view.Keys, ui.PanelKey{Name: "Esc", Does: doesNotNow})
	if q.Reason != "" {
		view.Texts = append(view.Texts, ui.Cell{Text: q.Reason})
	}
	view.Texts = append(view.Texts, p.takeNotes()...)
	view.Texts = append(view.Texts, ui.Cell{Text: strings.Join(q.Texts, "\n")})
	return view, letters
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
	view := ui.Panel{Title: titleBusy}
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

// What choose returns, besides the panel's letters.
const (
	chosenYes = '\r'   // Enter
	chosenNo  = '\x1b' // Esc, Ctrl-C or Ctrl-D
)

// choose shows view until Enter, Esc or one of the letters is pressed. Keys that were pressed before do not count, and
// pasted text does not: it was meant for the client.
func (p *panel) choose(ctx context.Context, view ui.Panel, letters string) (rune, error) {
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
			if strings.ContainsRune(letters, key.Rune) {
				return key.Rune, nil
			}
		}
	}
}

// tellRepaired says that the login works again. It offers to send the message again, unless that is "", and reports
// whether the person wants that. how is "" after a sign-in on this panel.
func (p *panel) tellRepaired(ctx context.Context, how, message string) (bool, error) {
	view := repairedView(how)
	view.Texts = append(view.Texts, p.takeNotes()...)
	var letters string
	if message != "" {
		letters = string(resendLetter)
		view.Keys = append(view.Keys, ui.PanelKey{Name: letters, Does: doesResend(message)})
	} else {
		next := saySendAgain
		if p.seen.login.Console() {
			next = sayOldKey
		}
		view.Texts = append(view.Texts, ui.Cell{Text: next})
	}
	view.Keys = append(view.Keys, ui.PanelKey{Name: "Enter", Does: doesToClient})
	key, err := p.choose(ctx, view, letters)
	return key == resendLetter, err
}

// repairedView is the panel of a login that works again: because of a sign-in on this panel, or else how.
func repairedView(how string) ui.Panel {
	if how == "" {
		return ui.Panel{Title: titleRepaired, Texts: []ui.Cell{{Text: saySaved, Style: ui.Good}}}
	}
	return ui.Panel{Title: titleWorks, Texts: []ui.Cell{{Text: ui.Sentence(how), Style: ui.Good}}}
}

// tellFailed says why there is no new login. Where retry is true it offers to try again, and reports whether the person
// wants that.
func (p *panel) tellFailed(ctx context.Context, failure error, retry bool) (again bool, err error) {
	view := ui.Panel{Title: failedTitle(failure), Below: p.ran}
	view.Texts = append(view.Texts, ui.Cell{Text: ui.Sentence(failure.Error()), Style: ui.Bad})
	view.Texts = append(view.Texts, p.takeNotes()...)
	if p.failures++; p.failures > 1 { // the same text again would look as if Enter had done nothing
		view.Texts = append(view.Texts, ui.Cell{Text: sayAttempt(p.failures)})
	}
	if hint := ui.HintOf(failure); hint != "" {
		view.Texts = append(view.Texts, ui.Cell{Text: sayHint(hint)})
	}
	view.Keys = []ui.PanelKey{{Name: "Enter", Does: doesToClient}}
	if retry {
		view.Keys = []ui.PanelKey{{Name: "Enter", Does: doesRetry}, {Name: "Esc", Does: doesToClient}}
	}
	p.ran = false
	key, err := p.choose(ctx, view, "")
	return retry && key == chosenYes, err
}

// failedTitle is the title of the panel that tells of a failure.
func failedTitle(failure error) string {
	switch {
	case errors.Is(failure, recovery.ErrNoHelp):
		return titleNoHelp
	case errors.Is(failure, recovery.ErrLocked):
		return titleLocked
	}
	return titleFailed
}
