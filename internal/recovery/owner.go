package recovery

import (
	"context"
	"time"

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
	now := r.ownerWithName(ctx, before)
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

// namePatience is how long the account's name may come after its login. It takes the client 50 ms (2.1.332).
const namePatience = 2 * time.Second

// ownerWithName returns whose login is saved now. A client that signs in stores the login first and the account's name
// after it (2.1.332; 2.1.163 and 2.1.165 the other way round), so it waits for the name of another account than before.
func (r *Repairer) ownerWithName(ctx context.Context, before credentials.Owner) (now credentials.Owner) {
	const pause = 20 * time.Millisecond
	patience, stop := context.WithTimeout(ctx, namePatience)
	defer stop()
	for {
		now = r.OwnerOf(r.Snapshot(context.WithoutCancel(ctx)))
		if now.Email != "" || !now.IsOther(before) {
			return now
		}
		select {
		case <-patience.Done():
			return now
		case <-time.After(pause):
		}
	}
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
