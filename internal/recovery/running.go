package recovery

import (
	"time"

	"github.com/claude-auth/claude-auth/internal/claude"
	"github.com/claude-auth/claude-auth/internal/credentials"
	"github.com/claude-auth/claude-auth/internal/ledger"
	"github.com/claude-auth/claude-auth/internal/paths"
	"github.com/claude-auth/claude-auth/internal/running"
	"github.com/claude-auth/claude-auth/internal/transcript"
)

// Older returns the clients that began before the sign-in that made the saved login, and have not been seen with it: no
// answer has come in their sessions since. It is nil when that sign-in was not seen, and for a file that --file or the
// environment names: the clients use another one.
//
// It looks at every process of the user, so a prompt must not call it.
func (r *Repairer) Older(s credentials.Snapshot, standing ledger.Standing) []running.Client {
	if !standing.BornExact || s.Err != nil || r.Paths.FileNamed || r.Env.Get(paths.EnvFile) != "" {
		return nil
	}
	stored := standing.Born // or later, where the sign-in was seen only afterwards; a keychain may not know its time
	if !s.ModTime.IsZero() && s.ModTime.Before(stored) && s.Console.IsZero() {
		stored = s.ModTime
	}
	var older []running.Client
	for _, client := range running.Find(r.Paths, stored) {
		// An answer with a Console key may have come with the key from before.
		if !claude.Notices(!s.Console.IsZero()) || !r.hasAnswered(client.SessionID, stored) {
			older = append(older, client)
		}
	}
	return older
}

// hasAnswered reports whether the model has answered in a session since then.
func (r *Repairer) hasAnswered(sessionID string, since time.Time) bool {
	path, err := transcript.Locate(r.Paths.ConfigDir, sessionID)
	if err != nil {
		return false // it has had no message, or has no session
	}
	answered, err := transcript.LastAnswer(path, since)
	return err == nil && !answered.IsZero()
}
