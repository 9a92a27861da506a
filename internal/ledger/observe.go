package ledger

import (
	"time"

	"github.com/claude-auth/claude-auth/internal/secret"
)

// Observation is what a credentials file holds now. Both tokens empty is no login, or an emptied one.
type Observation struct {
	File             string
	Access           secret.Secret
	Refresh          secret.Secret
	RefreshExpiresAt time.Time // refreshTokenExpiresAt (client 2.1.330); zero when the file has none
	Emptied          bool      // the client has emptied the refresh token, or both tokens (they are there and "")
}

// Standing is what the ledger knows about a login.
type Standing struct {
	Login       LoginID
	Rejected    bool
	Born        time.Time     // the sign-in, or the first sight when the sign-in was not seen; zero when there is no login
	BornExact   bool          // Born is the sign-in
	OldestDeath time.Duration // of any login of this user; 0 when none was rejected
}

// Age is how old the login is at now, 0 when there is none; exact is false when it is at least that old.
func (s Standing) Age(now time.Time) (age time.Duration, exact bool) {
	if s.Born.IsZero() {
		return 0, false
	}
	return max(0, now.Sub(s.Born)), s.BornExact
}

// Observe notes what a credentials file holds, and says what the ledger knows about it. It is made for every
// `status`: nothing is locked, written, or read but a small file as long as nothing has changed.
//
// A change that nobody reported is told apart so. A new login is a sign-in when the one before had gone, was emptied or
// rejected, or ended earlier than the new one: 2.1.330 never moves refreshTokenExpiresAt later on a refresh, only a
// sign-in does. Otherwise it is a renewal. A login that was there before and is back was restored.
//
// The standing is right as far as the ledger could be read, also when err says that the change could not be noted.
func (l *Ledger) Observe(o Observation) (Standing, error) {
	if s, ok := l.standing(o.File, l.Identify(o.Access, o.Refresh)); ok {
		return s, nil
	}
	s, _, err := l.note(o)
	return s, err
}

// ObserveReplay is Observe for callers that have more to ask: it also returns the replay of the ledger, nil when the
// ledger could not be read.
func (l *Ledger) ObserveReplay(o Observation) (Standing, *Replay, error) {
	s, ok := l.standing(o.File, l.Identify(o.Access, o.Refresh))
	if !ok {
		return l.note(o)
	}
	r, err := l.Replay()
	return s, r, err
}

// note takes the turn of a writer, adds to the ledger what an observation has changed, and keeps the answer for the
// next.
func (l *Ledger) note(o Observation) (Standing, *Replay, error) {
	id := l.Identify(o.Access, o.Refresh)
	w, err := l.open()
	if err != nil {
		r, readErr := l.Replay()
		if readErr != nil {
			return Standing{Login: id}, nil, readErr
		}
		return r.Standing(o.File, id), r, err
	}
	defer w.close()
	r := w.replay()
	if e, changed := r.derive(o, id); changed {
		e.Time = l.now()
		if err := w.append(e); err != nil {
			return r.Standing(o.File, id), r, err
		}
		r = w.replay()
	}
	s := r.Standing(o.File, id)
	return s, r, w.remember(r, o.File, s)
}

// derive says which event has brought the file to what it holds now.
func (r *Replay) derive(o Observation, id LoginID) (Event, bool) {
	e := Event{File: o.File, Login: id, RefreshExpiresAt: o.RefreshExpiresAt}
	e.Kind = r.change(o, id)
	switch e.Kind {
	case Blanked, Removed:
		e.Login, e.RefreshExpiresAt = r.newest[o.File].Login, time.Time{}
	}
	return e, e.Kind != ""
}

func (r *Replay) change(o Observation, id LoginID) Kind {
	life := r.newest[o.File]
	switch {
	case life == nil && id.IsZero() && !r.known[o.File]:
		return Observed // that there is none: what comes next has been signed in
	case life == nil && id.IsZero():
		return ""
	case life == nil && r.known[o.File]:
		return SignedIn
	case life == nil:
		return Observed
	case id.IsZero():
		return life.vanished(o.Emptied)
	case id == life.Login && !life.gone && !life.blanked:
		return ""
	case o.Emptied && life.Login.rejects(id) && !life.gone:
		return life.vanished(true)
	case r.lifeOf(o.File, id) != nil:
		return Restored
	}
	return life.followed(o.RefreshExpiresAt)
}

// vanished says what has happened to a life whose tokens are no longer there.
func (l *Life) vanished(emptied bool) Kind {
	switch {
	case l.gone, emptied && l.blanked:
		return ""
	case emptied:
		return Blanked
	}
	return Removed
}

// followed says how other tokens have come into the place of a life: expires is when the new ones end.
func (l *Life) followed(expires time.Time) Kind {
	same := !expires.IsZero() && millis(expires).Equal(millis(l.RefreshExpiresAt))
	later := !expires.IsZero() && !l.RefreshExpiresAt.IsZero() && millis(expires).After(millis(l.RefreshExpiresAt))
	switch {
	case later, l.gone, l.blanked:
		return SignedIn
	case l.How != Alive && !same:
		return SignedIn
	}
	return Renewed
}
