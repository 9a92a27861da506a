package watch

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"syscall"

	"github.com/claude-auth/claude-auth/internal/runner"
	ptysession "github.com/claude-auth/claude-auth/internal/session"
	"github.com/claude-auth/claude-auth/internal/ui"
	"github.com/claude-auth/claude-auth/internal/vt"
)

// errMoot ends a repair whose panel is not shown any more: the failure has been overtaken while the panel waited for a
// moment of quiet.
var errMoot = errors.New("the session has gone on")

// errCancelled is a sign-in that the person ended.
var errCancelled = errors.New("cancelled with Ctrl-C")

const panelTitle = "claude-auth"

// panel is the person, as recovery meets them over a running session. Until it is open, what recovery tells is kept.
// Its methods are called from one goroutine.
type panel struct {
	running *ptysession.Session
	draw    func(p ui.Panel, columns, rows int) []byte
	wait    func() error // until the panel may be shown
	about   string       // how old the login was, when the diagnosis does not say; or ""
	details func() []ui.Cell

	terminal *ptysession.Terminal // nil while it is not open
	leave    chan struct{}        // closing it gives the session its screen back
	left     chan error
	notes    []string
	noted    int  // how many of the notes have been shown
	ran      bool // a sign-in has left its words on the screen
	tried    bool // there has been one
	failures int  // how many times tellFailed has been on it
}

// open shows the panel, once.
func (p *panel) open() error {
	if p.terminal != nil {
		return nil
	}
	if err := p.wait(); err != nil {
		return err
	}
	opened := make(chan *ptysession.Terminal, 1)
	leave, left := make(chan struct{}), make(chan error, 1)
	go func() { // ends at close, or at once when there is no session any more
		left <- p.running.Overlay(func(t *ptysession.Terminal) error {
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

// CanAsk implements recovery.Terminal: a session has a terminal.
func (p *panel) CanAsk() bool { return true }

// Notef implements recovery.Terminal.
func (p *panel) Notef(format string, args ...any) {
	p.notes = append(p.notes, fmt.Sprintf(format, args...))
	if p.terminal != nil && !p.ran {
		p.show(p.progress())
	}
}

// Write keeps what a lifecycle hook of the user's prints: the screen is the client's.
func (p *panel) Write(text []byte) (int, error) {
	if line := strings.TrimSpace(string(text)); line != "" {
		p.notes = append(p.notes, line)
	}
	return len(text), nil
}

// Ask implements recovery.Terminal: the panel is the question.
func (p *panel) Ask(ctx context.Context, question string) (bool, error) {
	if err := p.open(); err != nil {
		return false, err
	}
	what := p.takeNotes()
	view := ui.Panel{Title: panelTitle, Texts: what, Keys: []ui.PanelKey{
		{Name: "Enter", Does: "sign in again"}, {Name: "d", Does: "details"}, {Name: "Esc", Does: "not now"},
	}}
	if p.about != "" {
		view.Texts = append(view.Texts, ui.Cell{Text: p.about})
	}
	view.Texts = append(view.Texts, ui.Cell{
		Text: "What will be done: " + strings.TrimSuffix(question, "?") + ". The session waits, and goes on as it is.",
	})
	for {
		key, err := p.choose(ctx, view, "d")
		if err != nil {
			return false, err
		}
		switch key {
		case chosenYes:
			return true, nil
		case chosenNo:
			return false, nil
		}
		if err := p.showDetails(ctx); err != nil {
			return false, err
		}
	}
}

func (p *panel) showDetails(ctx context.Context) error {
	view := ui.Panel{Title: panelTitle + ": details", Texts: p.details(), Keys: []ui.PanelKey{{Name: "Esc", Does: "back"}}}
	_, err := p.choose(ctx, view, "d")
	return err
}

// SignIn implements recovery.Terminal: the client talks to the person on the panel's screen, below what it is about.
func (p *panel) SignIn(ctx context.Context, command runner.Command) (runner.Status, error) {
	if err := p.open(); err != nil {
		return runner.Status{}, err
	}
	view := p.progress()
	view.Texts = append(view.Texts, ui.Cell{
		Text: "Waiting for the sign-in: finish it in the browser, or paste the code here.", Style: ui.Bold,
	})
	p.show(view)
	p.noted, p.ran, p.tried = len(p.notes), true, true
	status, err := p.terminal.Run(ctx, command)
	if err == nil && (status.Signal == syscall.SIGINT || status.Code == 128+int(syscall.SIGINT)) {
		err = errCancelled
	}
	return status, err
}

// progress is what recovery has told since the question.
func (p *panel) progress() ui.Panel {
	view := ui.Panel{Title: panelTitle}
	for _, note := range p.notes[p.noted:] {
		view.Texts = append(view.Texts, ui.Cell{Text: ui.Sentence(note)})
	}
	return view
}

// takeNotes returns what has been told and not been taken before.
func (p *panel) takeNotes() []ui.Cell {
	texts := p.progress().Texts
	p.noted = len(p.notes)
	return texts
}

// show draws view.
func (p *panel) show(view ui.Panel) {
	columns, rows := p.terminal.Size()
	_, _ = p.terminal.Write(p.draw(view, columns, rows)) // a terminal that is gone shows at the next key
}

// choice is what was chosen at a panel: chosenYes, chosenNo, or one of its letters.
type choice rune

const (
	chosenYes choice = '\r'   // Enter
	chosenNo  choice = '\x1b' // Esc, Ctrl-C or Ctrl-D
)

// choose shows view until one of its keys is pressed: Enter, Esc, or one of letters.
func (p *panel) choose(ctx context.Context, view ui.Panel, letters string) (choice, error) {
	p.show(view)
	for {
		key, err := p.terminal.ReadKey(ctx)
		if err != nil {
			return 0, err
		}
		switch key.Kind {
		case vt.KeyResize:
			view.Below = false // where it was is not known any more
			p.show(view)
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
				return choice(key.Rune), nil
			}
		}
	}
}

// tellRepaired says that the login works again, and offers to send message again where that is not "". It reports
// whether it is to be sent.
func (p *panel) tellRepaired(ctx context.Context, how, message string) (bool, error) {
	view := ui.Panel{Title: panelTitle, Texts: []ui.Cell{{Text: ui.Sentence(how), Style: ui.Good}}}
	view.Texts = append(view.Texts, p.takeNotes()...)
	letters := ""
	if message != "" {
		letters = "r"
		view.Keys = append(view.Keys, ui.PanelKey{Name: "r", Does: "send the message that failed again: " + quoted(message)})
	} else {
		view.Texts = append(view.Texts, ui.Cell{Text: "The session goes on: send the message that failed again."})
	}
	view.Keys = append(view.Keys, ui.PanelKey{Name: "Enter", Does: "back to the session"})
	key, err := p.choose(ctx, view, letters)
	return key == 'r', err
}

// tellFailed says why there is no new login. It reports whether to try once more, which is not offered where it cannot
// help.
func (p *panel) tellFailed(ctx context.Context, failure error, retry bool) (again bool, err error) {
	view := ui.Panel{Title: panelTitle, Below: p.ran}
	view.Texts = append(view.Texts, ui.Cell{Text: ui.Sentence(failure.Error()), Style: ui.Bad})
	view.Texts = append(view.Texts, p.takeNotes()...)
	if p.failures++; p.failures > 1 { // the same words as before would look as if Enter had done nothing
		view.Texts = append(view.Texts, ui.Cell{Text: fmt.Sprintf("This was attempt %d.", p.failures)})
	}
	if hint := ui.HintOf(failure); hint != "" {
		view.Texts = append(view.Texts, ui.Cell{Text: "Hint: " + hint})
	}
	back := ui.PanelKey{Name: "Esc", Does: "back to the session"}
	if !retry {
		back.Name = "Enter"
		view.Keys = []ui.PanelKey{back}
	} else {
		view.Keys = []ui.PanelKey{{Name: "Enter", Does: "try again"}, back}
	}
	p.ran = false
	key, err := p.choose(ctx, view, "")
	return retry && key == chosenYes, err
}

// quotedLen bounds what is shown of a person's own message, in characters.
const quotedLen = 40

// quoted is a message in one line.
func quoted(message string) string {
	words := []rune(strings.Join(strings.Fields(message), " "))
	if len(words) > quotedLen {
		words = append(words[:quotedLen-1], '…')
	}
	return "“" + string(words) + "”"
}
