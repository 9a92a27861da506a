package guard

import (
	"context"
	"slices"
	"time"

	"github.com/claude-auth/claude-auth/internal/atomicfile"
	"github.com/claude-auth/claude-auth/internal/credentials"
	"github.com/claude-auth/claude-auth/internal/diagnose"
	"github.com/claude-auth/claude-auth/internal/lock"
)

// spareRoom is how much larger than the present file the new one may be, in bytes.
const spareRoom = 4 << 10

const (
	// lockPatience is how long a lock may be held that is not the one of a renewal: a write takes milliseconds.
	lockPatience = 5 * time.Second
	// lockPoll is the time between two looks at a client's lock.
	lockPoll = 50 * time.Millisecond
)

// awaitClient waits while a client, which the guard did not start, renews the login. Its tokens will do.
func (g *Guard) awaitClient(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, longest)
	defer cancel()
	for g.clientRenews() {
		select {
		case <-ctx.Done():
			return
		case <-time.After(lockPoll):
		}
	}
}

// clientRenews reports whether a live process holds the lock of a renewal.
func (g *Guard) clientRenews() bool {
	return slices.ContainsFunc(lock.Client(g.Paths.StorageDir).Holders(), func(h lock.Holder) bool {
		return h.Path == g.refreshLock() && h.Err == nil && !h.Stale
	})
}

// storable reports what would keep new tokens from being stored. The outcome is "" when nothing would.
func (g *Guard) storable(ctx context.Context) Result {
	obstacle := diagnose.AwaitObstacle(ctx, g.Paths, lockPatience)
	switch {
	case obstacle.Held:
		return Result{Outcome: Locked, Cause: obstacle.Cause, Hint: obstacle.Remedy}
	case obstacle.Cause != "":
		return Result{Outcome: NotStorable, Cause: obstacle.Cause, Hint: obstacle.Remedy}
	}
	if _, isFile := g.Store.(*credentials.FileStore); !isFile {
		return Result{}
	}
	// A quota, a full disk of another kind, a file system that fails: only a trial shows those.
	if err := atomicfile.Probe(g.Paths.Credentials, spareRoom); err != nil {
		return Result{
			Outcome: NotStorable, Cause: causeNoFile(err), Hint: hintFindCause,
		}
	}
	return Result{}
}
