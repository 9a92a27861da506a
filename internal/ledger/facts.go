package ledger

import "time"

// Facts is what recovery wants to know about one login before it does anything.
type Facts struct {
	SignedIn    time.Time // zero when the sign-in was not seen
	FirstSeen   time.Time // zero when the ledger does not know the login
	Rejected    bool      // the service has refused this very login
	Rejection   Event     // the newest rejection of it; zero when there is none
	Declined    time.Time // when a person last said no to a recovery of it; zero when nobody did
	Attempted   time.Time // when a recovery of it was last begun; zero when none was
	LoginFailed Event     // the newest sign-in in its place that failed; zero when there is none
	OldestDeath time.Duration
}

// About gathers the facts about one login in file.
func (b *Book) About(file string, id LoginID) Facts {
	f := Facts{OldestDeath: b.OldestDeath()}
	if id.IsZero() {
		return f
	}
	if life := b.lifeOf(file, id); life != nil {
		f.SignedIn, f.FirstSeen = life.SignedIn, life.FirstSeen
	}
	f.Rejection, f.Rejected = b.RejectionOf(id)
	f.Declined = b.lastTime(Declined, id)
	f.Attempted = b.lastTime(Attempted, id)
	f.LoginFailed, _ = b.last(func(e *Event) bool { return e.Kind == LoginFailed && e.Login == id })
	return f
}

// DiedWithin reports whether the login was refused within d of its sign-in: one more sign-in would end the same way.
func (f Facts) DiedWithin(d time.Duration) bool {
	return f.Rejected && !f.SignedIn.IsZero() && f.Rejection.Time.Sub(f.SignedIn) < d
}

func (b *Book) lastTime(kind Kind, id LoginID) time.Time {
	e, _ := b.last(func(e *Event) bool { return e.Kind == kind && e.Login == id })
	return e.Time
}

// NotifyOnce reports whether what is to be done now for this login, and notes that it is done: true for the first
// caller, false for every other one, however many processes ask at once. When it cannot be noted it is not to be done
// either: once too few is better than once for every prompt.
func (l *Ledger) NotifyOnce(what, file string, id LoginID) (first bool, err error) {
	w, err := l.open()
	if err != nil {
		return false, err
	}
	defer w.close()
	_, done := w.book().last(func(e *Event) bool {
		return e.Kind == Notified && e.Login == id && e.File == file && e.Detail[DetailWhat] == what
	})
	if done {
		return false, nil
	}
	err = w.append(Event{Kind: Notified, File: file, Login: id, Detail: map[string]string{DetailWhat: what}})
	return err == nil, err
}
