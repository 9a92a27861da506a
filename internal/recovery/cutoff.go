package recovery

import (
	"context"
	"time"

	"github.com/claude-auth/claude-auth/internal/credentials"
	"github.com/claude-auth/claude-auth/internal/flock"
	"github.com/claude-auth/claude-auth/internal/ledger"
)

// reasonLogin is the reason of the backups that sign-ins make.
const reasonLogin = "login"

// CutOff returns the backup of the login that a sign-in had removed when it was cut off: by SIGKILL or a power cut, so
// that it could neither store a new login nor restore the old one. It returns nil when nothing was cut off, when
// another login was seen since, and while a sign-in goes on. Without a login in the snapshot it costs a look at the
// backups, else nothing.
func (r *Repairer) CutOff(s credentials.Snapshot) *credentials.Backup {
	backup := r.cutOff(s)
	if backup == nil {
		return nil
	}
	if _, held := flock.HeldBy(r.Paths.AttemptLock()); held {
		return nil
	}
	return backup
}

// cutOff is CutOff while no sign-in goes on.
func (r *Repairer) cutOff(s credentials.Snapshot) *credentials.Backup {
	if s.Err != nil || !s.Console.IsZero() || r.Backups == nil || s.Doc != nil && s.Doc.HoldsLogin() {
		return nil
	}
	backup, err := r.Backups.Latest(r.Paths.Credentials)
	if err != nil || backup.Reason != reasonLogin || !backup.Verified.IsZero() || !backup.ForModel() {
		return nil
	}
	if backup.IsFollowedBy(s) {
		return backup
	}
	// The client keeps other things in the file. When the file is gone, a person has removed it on purpose.
	if r.Ledger == nil || !s.Exists {
		return nil
	}
	history, err := r.Ledger.Replay()
	if err != nil {
		return nil
	}
	newest, known := history.Current(r.Paths.Credentials)
	if !known || credentials.Fingerprints(newest.Login) != backup.Login {
		return nil
	}
	return backup
}

// FinishCutOff restores the login that a sign-in had removed when it was cut off. When the file has changed since, it
// only says so: claude-auth undo merges.
func (r *Repairer) FinishCutOff(ctx context.Context) {
	if r.cutOff(r.Snapshot(ctx)) == nil {
		return
	}
	now, cancel := context.WithCancel(ctx)
	cancel()
	unlock, err := flock.Acquire(now, r.Paths.AttemptLock(), nil) // without waiting: its holder signs in
	if err != nil {
		return
	}
	defer unlock()
	snapshot := r.Snapshot(ctx)
	backup := r.cutOff(snapshot)
	if backup == nil {
		return
	}
	when := CutOffAt(backup, r.Now())
	if !backup.IsFollowedBy(snapshot) {
		r.Terminal.Notef("a sign-in was cut off %s. To restore the login from before: claude-auth undo", when)
		return
	}
	r.Terminal.Notef("a sign-in was cut off %s", when)
	r.breakStaleLocks()
	err = r.putBack(ctx, backup, ledger.LoginID(backup.Login))
	if r.warn("restore the login", err); err == nil {
		r.Terminal.Notef("%s", restoredNote(oldLogin))
	}
}

// CutOffAt says when the sign-in with that backup was cut off: "at 09:31", or with the date for another day.
func CutOffAt(backup *credentials.Backup, now time.Time) string {
	return "at " + Clock(backup.Time, now)
}

// Clock is the time for people: "09:31", or with the date for another day.
func Clock(t, now time.Time) string {
	t = t.Local()
	if t.Format(time.DateOnly) == now.Local().Format(time.DateOnly) {
		return t.Format("15:04")
	}
	return t.Format("2006-01-02 15:04")
}
