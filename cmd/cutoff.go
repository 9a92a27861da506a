package cmd

import (
	"time"

	"github.com/claude-auth/claude-auth/internal/credentials"
	"github.com/claude-auth/claude-auth/internal/recovery"
)

// cutOff is a sign-in that was cut off, in the output of --format json. The backup has what the sign-in had removed.
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
	return "was cut off " + recovery.CutOffAt(backup, now) + "; your old login is kept"
}

// tellCutOff tells of a sign-in that was cut off, if there is one, beside what a command says.
func (p *program) tellCutOff(snapshot credentials.Snapshot) {
	if backup := p.listener(nil).CutOff(snapshot); backup != nil {
		p.ui.Notef("a sign-in %s", wasCutOff(backup, p.now()))
		p.ui.Hintf("%s", restoreCutOff)
	}
}

// restoreCutOff says what helps after a sign-in that was cut off.
const restoreCutOff = "run 'claude-auth undo' to restore your old login, " +
	"or 'claude-auth recover' to sign in again"
