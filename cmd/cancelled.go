package cmd

import (
	"errors"

	"github.com/claude-auth/claude-auth/internal/recovery"
)

// tellCancelled says in one line that a sign-in was cancelled, and what has become of the login. It reports whether err
// is about that.
func (p *program) tellCancelled(err error) bool {
	var cancelled *recovery.Cancelled
	if errors.As(err, &cancelled) {
		p.ui.Say(cancelled.Message())
	}
	return cancelled != nil
}

// failed shows the error of a repair.
func (p *program) failed(err error) {
	if !p.tellCancelled(err) {
		p.ui.Fail(err)
	}
}
