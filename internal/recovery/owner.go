package recovery

import (
	"context"

	"github.com/claude-auth/claude-auth/internal/credentials"
	"github.com/claude-auth/claude-auth/internal/ui"
)

// OwnerOf returns whose login the snapshot has, as far as the client's files tell.
func (r *Repairer) OwnerOf(s credentials.Snapshot) credentials.Owner {
	return s.Owner(r.Paths.GlobalConfig)
}

// SayOther says when the login that is saved now belongs to another account than before, or to another organisation,
// and returns whose it is. It returns the zero Owner when it is the same, or when either is not known.
func (r *Repairer) SayOther(ctx context.Context, before credentials.Owner) credentials.Owner {
	now := r.OwnerOf(r.Snapshot(context.WithoutCancel(ctx)))
	if !now.IsOther(before) {
		return credentials.Owner{}
	}
	what := "account"
	if now.Account != "" && now.Account == before.Account {
		what = "organisation"
	}
	r.Terminal.Notef("you are signed in with another %s now: %s (before: %s)", what, now, before)
	return now
}

// MayGoOn reports whether what failed may go on after a repair. It asks the person when the login belongs to another
// account now. Without a person, and in mode auto, that is a no.
func (r *Repairer) MayGoOn(ctx context.Context, out Outcome, auto bool, question string) (bool, error) {
	if out.Other.IsZero() {
		return true, nil
	}
	if auto || !r.canAsk() {
		return false, nil
	}
	return r.Terminal.Ask(ctx, ui.Question{Text: question})
}
