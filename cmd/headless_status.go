package cmd

import (
	"errors"
	"time"

	"github.com/claude-auth/claude-auth/internal/headless"
	"github.com/claude-auth/claude-auth/internal/recovery"
	"github.com/claude-auth/claude-auth/internal/ui"
)

// waiting is a sign-in that waits for its code, in the output of --format json.
type waiting struct {
	Link    string    `json:"link,omitempty"`
	UntilAt time.Time `json:"until_at,omitzero"`
	File    string    `json:"file,omitempty"`
}

// waitingOf returns nil when there is none.
func waitingOf(w *headless.Waiting) *waiting {
	if w == nil {
		return nil
	}
	return &waiting{w.Link, w.Until.UTC(), w.File}
}

// waitingSignIn returns the sign-in for this credentials file that waits for its code, and nil when none does.
func (p *program) waitingSignIn() *headless.Waiting {
	w, busy := headless.Find(p.paths.SignInDir())
	if !busy || !w.IsFor(p.paths.Credentials) {
		return nil
	}
	return &w
}

// nothingWaits returns an error while a sign-in waits for its code, for any credentials file: only a backup has the old
// login then.
func (p *program) nothingWaits() error {
	w, busy := headless.Find(p.paths.SignInDir())
	if !busy {
		return nil
	}
	return p.inTheWay(w)
}

// noneForAnother returns an error while a sign-in for another credentials file waits for its code: only one can wait.
func (p *program) noneForAnother() error {
	if w, busy := headless.Find(p.paths.SignInDir()); busy && !w.IsFor(p.paths.Credentials) {
		return p.inTheWay(w)
	}
	return nil
}

// inTheWay is the error for a sign-in that waits.
func (p *program) inTheWay(w headless.Waiting) error {
	says, hint := recovery.Waits(w, p.paths.Credentials, p.now())
	return statusError{exitLocked, ui.WithHint(errors.New(says+"; nothing was changed"), hint)}
}
