package recovery

import (
	"context"
	"strings"
	"time"

	"github.com/claude-auth/claude-auth/internal/headless"
	"github.com/claude-auth/claude-auth/internal/ledger"
	"github.com/claude-auth/claude-auth/internal/lifecycle"
	"github.com/claude-auth/claude-auth/internal/ui"
)

// FinishWaiting says what helps while a sign-in waits for its code.
const FinishWaiting = "run 'claude-auth login --code' to finish it, or 'claude-auth login --cancel' to end it"

// Awaits says what a sign-in in the background waits for, behind the word "sign-in".
func Awaits(w headless.Waiting, now time.Time) string {
	if w.Until.IsZero() {
		return "waits for its code"
	}
	return "waits for its code until " + Clock(w.Until, now)
}

// Waits says that a sign-in waits for its code, with what helps. It names the credentials file, where that is not file.
func Waits(w headless.Waiting, file string, now time.Time) (says, hint string) {
	if w.IsFor(file) {
		return "a sign-in " + Awaits(w, now), FinishWaiting
	}
	hint = strings.ReplaceAll(FinishWaiting, "'claude-auth ", "'claude-auth --file "+w.File+" ")
	return "a sign-in for " + w.File + " " + Awaits(w, now), hint
}

// waits returns an error while a sign-in in the background waits for its code, unless this process makes it.
func (r *Repairer) waits(reason error) error {
	if r.Detached {
		return nil
	}
	return r.anyWaits(reason)
}

// anyWaits is waits in a process that makes no sign-in.
func (r *Repairer) anyWaits(reason error) error {
	w, busy := headless.Find(r.Paths.SignInDir())
	switch {
	case !busy:
		return nil
	case reason == ErrLocked && !w.IsFor(r.Paths.Credentials): // only the credentials file is in its way
		return nil
	}
	says, hint := Waits(w, r.Paths.Credentials, r.Now())
	return ui.WithHint(&refusal{says, reason}, hint)
}

// CanDetach returns why a sign-in in two steps cannot be made here, or nil.
func (r *Repairer) CanDetach() error {
	if r.InsideClient() {
		return ui.WithHint(&refusal{"you cannot sign in from here", ErrSignInNeeded},
			insideClient("claude-auth login --detach"))
	}
	return r.checkName()
}

// CanSignIn reports whether a person can sign in from here: after a question, or in mode auto in a browser.
func (r *Repairer) CanSignIn(auto bool) bool { return r.canSignIn(auto) }

// SignInTime is how long a sign-in may take.
func (r *Repairer) SignInTime() time.Duration { return r.timeout() }

// rejection is a rejection that was recorded.
type rejection struct {
	login       ledger.LoginID
	rule, where string
	untold      bool // the user's hook has not run for it
}

// TellRejected runs the user's hook for the rejection that was recorded, unless it has run for that login.
func (r *Repairer) TellRejected(ctx context.Context) {
	if r.rejection != nil && r.rejection.untold {
		r.tellRejected(ctx, "")
	}
}

// TellLink runs the user's hook for the rejection that was recorded, with the link at which a person can sign in: for
// each link.
func (r *Repairer) TellLink(ctx context.Context, link string) { r.tellRejected(ctx, link) }

func (r *Repairer) tellRejected(ctx context.Context, link string) {
	facts, login := map[string]string{}, ledger.LoginID{}
	if r.rejection != nil {
		r.rejection.untold = false
		login = r.rejection.login
		facts[lifecycle.FactRule], facts[lifecycle.FactWhere] = r.rejection.rule, r.rejection.where
	}
	if link != "" {
		facts[lifecycle.FactLink] = link
	}
	r.lifecycle(ctx, lifecycle.OnRejected, login, facts)
}
