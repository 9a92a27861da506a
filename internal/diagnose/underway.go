package diagnose

import (
	"github.com/claude-auth/claude-auth/internal/flock"
	"github.com/claude-auth/claude-auth/internal/lock"
	"github.com/claude-auth/claude-auth/internal/paths"
)

// Work is what another process is doing to the login at this moment.
type Work struct {
	What string // WorkSignIn, WorkRenewal, or "" for nothing
	By   string // the process, for people
}

// The kinds of work.
const (
	WorkSignIn  = "sign-in"
	WorkRenewal = "renewal"
)

// FindWork finds out whether another process signs in or renews the login. It does not wait.
func FindWork(p paths.Paths) Work {
	if holder, busy := flock.HeldBy(p.AttemptLock()); busy {
		return Work{WorkSignIn, holder.String()}
	}
	if holder, busy := flock.HeldBy(p.RenewLock()); busy {
		return Work{WorkRenewal, holder.String()}
	}
	if renewal, ok := lock.Client(p.StorageDir).Renewal(); ok && !renewal.Over {
		return Work{WorkRenewal, "Claude Code, since " + renewal.Began.Local().Format("15:04:05")}
	}
	return Work{}
}
