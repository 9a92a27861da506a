package diagnose

import (
	"context"
	"fmt"
	"time"

	"github.com/claude-auth/claude-auth/internal/flock"
	"github.com/claude-auth/claude-auth/internal/lock"
	"github.com/claude-auth/claude-auth/internal/ui"
)

// patience is how long the doctor waits for a lock that a client may hold for one request.
const patience = 5 * time.Second

func (d *Doctor) locks(ctx context.Context) Finding {
	held := AwaitObstacle(ctx, d.Paths, patience).Held
	set := lock.Client(d.Paths.StorageDir)
	breakUntouched := func() error { return d.breakUntouched(ctx, set) }
	for _, holder := range set.Holders() {
		switch {
		case holder.Err != nil:
			return wrong(fmt.Sprintf("%s is in the place of a lock, and is not one", holder.Path), "no lock",
				run("mv", holder.Path, holder.Path+".old"))
		case holder.Ahead > 0 && !holder.Stale:
			return wrong(wrongTime(holder), "the right time", fixTime).fixedBy(breakUntouched)
		case holder.Ahead > 0:
			return wrong(wrongTime(holder)+", and no process holds it", "no lock", removal(holder)).fixedBy(breakUntouched)
		case holder.Stale:
			return wrong(fmt.Sprintf("%s was left behind %s ago by a process that has ended", holder.Path,
				ui.Roughly(d.Now.Sub(holder.Since))),
				"no lock", removal(holder)).fixedBy(func() error { _, err := set.BreakStale(); return err })
		case held:
			return wrong(fmt.Sprintf("%s is held by %s", holder.Path, owner(holder)),
				"no lock that is held for longer than a moment",
				"wait, or end that process: until then no new login can be stored")
		}
	}
	if holder, busy := flock.HeldBy(d.Paths.AttemptLock()); busy {
		return busyWith("is signing in through claude-auth", holder)
	}
	if holder, busy := flock.HeldBy(d.Paths.RenewLock()); busy {
		return busyWith("is renewing the login", holder)
	}
	return fine("none is held or left behind")
}

// removal says how to remove a lock that nobody holds.
func removal(holder lock.Holder) string {
	return "run 'claude-auth doctor --fix', or 'rmdir " + inShell(holder.Path) + "'"
}

// breakUntouched removes the locks that nobody holds, also those with a time in the future.
func (d *Doctor) breakUntouched(ctx context.Context, set lock.Set) error {
	if _, err := set.BreakStale(); err != nil {
		return err
	}
	for _, holder := range set.Holders() {
		if holder.Watch() > 0 && d.Watching != nil {
			d.Watching(holder.Path, holder.Watch())
		}
	}
	_, err := set.BreakUntouched(ctx)
	return err
}

// busyWith tells of a process of this program that is at work. One that is stopped does not get on.
func busyWith(what string, holder flock.Holder) Finding {
	if holder.Stopped {
		return wrong(holder.String()+" "+what, "a process that is running", holder.Remedy())
	}
	return note("", "%s %s", holder, what)
}
