package watch

import (
	"context"
	"errors"

	"github.com/claude-auth/claude-auth/internal/recovery"
	"github.com/claude-auth/claude-auth/internal/ui"
)

// errOtherAccount is the error of a command that was not started, because its login was replaced by one of another
// account.
var errOtherAccount = ui.WithHint(errors.New("the command was not started: another account is signed in now"),
	"to use this account, run the command again")

// mayStart returns an error when a command is not to start after a repair, because the login belongs to another account
// now. A session sends nothing by itself, so in mode auto it starts.
func (w *Watch) mayStart(ctx context.Context, outcome recovery.Outcome) error {
	if w.Invocation.Kind == Interactive && w.Auto {
		return nil
	}
	yes, err := w.Repairer.MayGoOn(ctx, outcome, w.Auto, askStart)
	if err == nil && !yes {
		err = errOtherAccount
	}
	return err
}

// mayRepeat reports whether a command whose output was held back is to be repeated after a repair.
func (w *Watch) mayRepeat(ctx context.Context, outcome recovery.Outcome) bool {
	yes, err := w.Repairer.MayGoOn(ctx, outcome, w.Auto, askRepeat)
	if !yes {
		if err != nil && ctx.Err() == nil {
			w.Fail(err)
		}
		w.note(noteNotRepeated)
	}
	return yes && err == nil
}

// tellOther says on the panel that the session goes on with another account, before the panel offers to send anything
// again. It reports whether the person wants to see more of the panel.
func (s *watchedSession) tellOther(
	ctx context.Context, p *panel, how string, outcome recovery.Outcome,
) (more bool, err error) {
	if outcome.Other.IsZero() {
		return true, nil
	}
	s.owner = outcome.Other
	view := repairedView(how)
	for _, note := range p.takeNotes() {
		note.Style = ui.Warn
		view.Texts = append(view.Texts, note)
	}
	view.Texts = append(view.Texts, ui.Cell{Text: sayNotSent})
	view.Keys = []ui.PanelKey{{Name: "Enter", Does: doesGoOn}, {Name: "Esc", Does: doesToClient}}
	key, err := p.choose(ctx, view, "")
	return key == chosenYes, err
}

// mayResume reports whether a session is to be resumed after a repair.
func (w *Watch) mayResume(ctx context.Context, outcome recovery.Outcome, id string) bool {
	yes, err := w.Repairer.MayGoOn(ctx, outcome, w.Auto, askResume)
	if !yes {
		if err != nil && ctx.Err() == nil {
			w.Fail(err)
		}
		w.note(noteNotResumed(w.resumeCommand(id)))
	}
	return yes && err == nil
}
