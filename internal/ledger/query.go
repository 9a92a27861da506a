package ledger

import (
	"slices"
	"time"
)

// Lives returns every life, the oldest first.
func (r *Replay) Lives() []Life {
	lives := make([]Life, len(r.lives))
	for i, life := range r.lives {
		lives[i] = *life
	}
	return lives
}

// Current returns the newest life in file, which may have ended.
func (r *Replay) Current(file string) (Life, bool) {
	life := r.newest[file]
	if life == nil {
		return Life{}, false
	}
	return *life, true
}

// Events returns the events, oldest first.
func (r *Replay) Events() []Event { return slices.Clone(r.events) }

// IsRejected reports whether the service has rejected this login: the same access token with the same refresh token, or
// with one that the client has emptied since. It is false when the service has accepted the login after that.
func (r *Replay) IsRejected(id LoginID) bool {
	_, rejected := r.Rejection(id)
	return rejected
}

// Rejection returns the newest rejection of a login that IsRejected.
func (r *Replay) Rejection(id LoginID) (e Event, rejected bool) {
	e, _ = r.last(func(e *Event) bool { return (e.Kind == Rejected || e.Kind == Accepted) && e.Login.rejects(id) })
	return e, e.Kind == Rejected
}

// Accepted returns the newest event that says that the service has accepted this login after a rejection.
func (r *Replay) Accepted(id LoginID) (Event, bool) {
	return r.last(func(e *Event) bool { return e.Kind == Accepted && e.Login.rejects(id) })
}

// HasNotified reports whether NotifyOnce has been called for what and this login.
func (r *Replay) HasNotified(what, file string, id LoginID) bool {
	_, has := r.last(func(e *Event) bool {
		return e.Kind == Notified && e.File == file && e.Login == id && e.Detail[detailWhat] == what
	})
	return has
}

// LastRejection returns the newest rejection of any login in file.
func (r *Replay) LastRejection(file string) (Event, bool) {
	return r.last(func(e *Event) bool { return e.Kind == Rejected && e.File == file })
}

// Cut returns the newest interruption of a renewal of this login.
func (r *Replay) Cut(file string, id LoginID) (Event, bool) {
	return r.last(func(e *Event) bool { return e.Kind == RenewalCut && e.File == file && e.Login.rejects(id) })
}

// Stored says between which times some tokens came into a file. Each is zero when the ledger does not know.
type Stored struct {
	After time.Time // the file was still without them
	By    time.Time // they were there
}

// Stored returns when these tokens came into file.
func (r *Replay) Stored(file string, id LoginID) (s Stored) {
	for _, e := range r.events {
		switch {
		case id.IsZero() || e.File != file:
		case e.Login == id && (s.By.IsZero() || e.Time.Before(s.By)):
			s.By = e.Time
		case s.By.IsZero() && e.Kind.tellsContent():
			s.After = e.Time
		}
	}
	return s
}

// LastFailedSignIn returns the newest failed sign-in that was to replace this login.
func (r *Replay) LastFailedSignIn(file string, id LoginID) (Event, bool) {
	return r.last(func(e *Event) bool { return e.Kind == LoginFailed && e.File == file && e.Login == id })
}

// OldestDeath returns the oldest age at which the service rejected a login of this user, 0 when it never did. Lives
// whose sign-in was not seen do not count, because their age is unknown; nor do logins that were rejected within a
// minute of their sign-in, which never worked; nor do Console keys, which have no end.
func (r *Replay) OldestDeath() time.Duration {
	_, age := r.oldestDead()
	return age
}

func (r *Replay) oldestDead() (oldest *Life, age time.Duration) {
	for _, life := range r.lives {
		died, exact := life.Age(life.Ended)
		if life.How == EndReject && exact && !life.Login.Console() && died >= relapse && died > age {
			oldest, age = life, died
		}
	}
	return oldest, age
}

// RenewalFailed reports whether a renewal of this login has failed since then, and why.
func (r *Replay) RenewalFailed(file string, id LoginID, since time.Time) (cause string, failed bool) {
	e, ok := r.last(func(e *Event) bool { return e.Kind == RenewalFailed && e.File == file && e.Login == id })
	return e.Detail[detailCause], ok && !e.Time.Before(millis(since))
}

// RenewerFailed reports whether this client has been found not to renew as the guard expects, since then.
func (r *Replay) RenewerFailed(client string, since time.Time) bool {
	e, ok := r.last(func(e *Event) bool { return e.Kind == RenewerFailed && e.Detail[detailClient] == client })
	return ok && e.Time.After(since)
}

// Declined reports whether a person has said "not now" about this login, and nothing has changed since.
func (r *Replay) Declined(id LoginID) bool { return r.lastAnswer(id) == Declined }

// Silenced reports whether a person does not want to be asked about this login.
func (r *Replay) Silenced(id LoginID) bool { return r.lastAnswer(id) == Silenced }

// lastAnswer returns what a person last answered when asked about this login: Declined or Silenced. It returns another
// kind, or "", when nobody did, when the login has worked since, and when the person has asked for a repair since.
func (r *Replay) lastAnswer(id LoginID) Kind {
	e, _ := r.last(func(e *Event) bool {
		switch e.Kind {
		case Declined, Silenced, AskAgain, Accepted:
			return id.rejects(e.Login) || e.Login.rejects(id)
		}
		return false
	})
	return e.Kind
}

// Standing returns what the ledger knows about a login in file.
func (r *Replay) Standing(file string, id LoginID) Standing {
	s := Standing{Login: id, OldestDeath: r.OldestDeath(), Rejected: r.IsRejected(id)}
	life := r.lifeOf(file, id)
	if life == nil { // 2.1.165 empties only the refresh token of a rejected login
		if newest := r.newest[file]; newest != nil && newest.blanked && newest.Login.rejects(id) {
			life = newest
		}
	}
	if life != nil && !id.IsZero() {
		s.Born, s.BornExact = life.Born(), !life.SignedIn.IsZero()
	}
	return s
}

// lifeOf returns the newest life in file that has had the tokens id.
func (r *Replay) lifeOf(file string, id LoginID) *Life { return r.had[tokens{file, id}].life }

// last returns the newest event that matches.
func (r *Replay) last(match func(*Event) bool) (Event, bool) {
	for i := len(r.events) - 1; i >= 0; i-- {
		if match(&r.events[i]) {
			return r.events[i], true
		}
	}
	return Event{}, false
}
