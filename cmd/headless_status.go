package cmd

import (
	"time"

	"github.com/claude-auth/claude-auth/internal/headless"
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
