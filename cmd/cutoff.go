package cmd

import (
	"time"

	"github.com/claude-auth/claude-auth/internal/credentials"
	"github.com/claude-auth/claude-auth/internal/recovery"
)

// cutOff is a sign-in that was cut off, in the output of --format json: what it had removed is in the backup.
type cutOff struct {
	Time   time.Time `json:"time"`
	Backup string    `json:"backup"`
}

// cutOffOf returns nil when there is none.
func cutOffOf(backup *credentials.Backup) *cutOff {
	if backup == nil {
		return nil
	}
	return &cutOff{backup.Time.UTC(), backup.ID}
}

// wasCutOff is a sign-in that was cut off, for people.
func wasCutOff(backup *credentials.Backup, now time.Time) string {
	return "was cut off " + recovery.CutOffAt(backup, now) + "; the login from before is kept"
}

// restoreCutOff says what helps after a sign-in that was cut off.
const restoreCutOff = "run 'claude-auth undo' to restore the login from before, or 'claude-auth recover' to sign in again"
