package cmd

import (
	"fmt"
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
	if !busy || w.File != "" && w.File != p.paths.Credentials {
		return nil
	}
	return &w
}

// nothingWaits returns an error while a sign-in waits for its code: only a backup has the old login then.
func (p *program) nothingWaits() error {
	w, busy := headless.Find(p.paths.SignInDir())
	if !busy {
		return nil
	}
	err := fmt.Errorf("a sign-in %s; nothing was removed", recovery.Awaits(w, p.now()))
	return statusError{exitLocked, ui.WithHint(err, recovery.FinishWaiting)}
}
