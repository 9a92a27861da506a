package guard

import (
	"context"
	"fmt"

	"github.com/claude-auth/claude-auth/internal/atomicfile"
	"github.com/claude-auth/claude-auth/internal/credentials"
	"github.com/claude-auth/claude-auth/internal/diagnose"
)

// spareRoom is how much larger than the present file the new one may be, in bytes.
const spareRoom = 4 << 10

// storable reports what would keep new tokens from being stored. The outcome is "" when nothing would.
func (g *Guard) storable(ctx context.Context) Result {
	obstacle := diagnose.AwaitObstacle(ctx, g.Paths, credentials.LockWait)
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
			Outcome: NotStorable, Cause: fmt.Sprintf("a new file cannot be written: %v", err),
			Hint: "run 'claude-auth doctor' to see what stands in the way",
		}
	}
	return Result{}
}
