package ledger

import (
	"time"

	"github.com/claude-auth/claude-auth/internal/secret"
)

// Observation is what a credentials file holds now. Both tokens are empty where there is no login, or an emptied one,
// and where the client uses the key of a Console sign-in instead.
type Observation struct {
	File             string
	Access           secret.Secret
	Refresh          secret.Secret
	RefreshExpiresAt time.Time     // refreshTokenExpiresAt (client 2.1.330); zero when the file has none
	Key              secret.Secret // the key of a Console sign-in, where the client uses that
	Emptied          bool          // the client has set the refresh token, or both tokens, to ""
}

func (l *Ledger) identify(o Observation) LoginID {
	if !o.Key.IsZero() {
		return l.IdentifyKey(o.Key)
	}
	return l.Identify(o.Access, o.Refresh)
}

// Standing is what the ledger knows about a login.
type Standing struct {
	Login       LoginID
	Rejected    bool
	Born        time.Time     // the sign-in, or when the login was first seen; zero when there is no login
	BornExact   bool          // Born is the sign-in
	OldestDeath time.Duration // the oldest age at which any login was rejected; 0 when none was
}

// Age returns how old the login is at now, 0 when there is none. When exact is false it is at least that old.
func (s Standing) Age(now time.Time) (age time.Duration, exact bool) {
	if s.Born.IsZero() {
		return 0, false
	}
	return max(0, now.Sub(s.Born)), s.BornExact
}

// Observe notes what a credentials file holds, and returns what the ledger knows about it. Every `status` calls it: as
// long as nothing has changed, it reads one small file and locks and writes nothing.
//
// When the file holds other tokens than before, Observe works out why. They come from a sign-in when the login before
// was removed, emptied or rejected, or expires earlier: a sign-in moves refreshTokenExpiresAt later, a renewal never
// does (2.1.330). Otherwise they come from a renewal. Tokens that were there before were restored.
//
// When the ledger could be read but not written, the standing is right although there is an error.
func (l *Ledger) Observe(o Observation) (Standing, error) {
	if s, ok := l.cached(o.File, l.identify(o)); ok {
		return s, nil
	}
	s, _, err := l.note(o)
	return s, err
}

// ObserveReplay is Observe for callers with further questions. It also returns the replay of the ledger, nil when the
// ledger could not be read.
func (l *Ledger) ObserveReplay(o Observation) (Standing, *Replay, error) {
	s, ok := l.cached(o.File, l.identify(o))
	if !ok {
		return l.note(o)
	}
	r, err := l.Replay()
	return s, r, err
}

// note adds to the ledger what has changed since the last observation, and keeps the standing for the next one.
func (l *Ledger) note(o Observation) (Standing, *Replay, error) {
	id := l.identify(o)
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

// derive returns the event that explains what the file holds now, if it has changed.
func (r *Replay) derive(o Observation, id LoginID) (e Event, changed bool) {
	e = Event{Kind: r.change(o, id), File: o.File, Login: id, RefreshExpiresAt: o.RefreshExpiresAt}
	if e.Kind == Blanked || e.Kind == Removed {
		e.Login, e.RefreshExpiresAt = r.newest[o.File].Login, time.Time{}
	}
	return e, e.Kind != ""
}

// change returns "" when nothing has changed.
func (r *Replay) change(o Observation, id LoginID) Kind {
	life := r.newest[o.File]
	switch {
	case life == nil && id.IsZero() && !r.known[o.File]:
		return Observed // no login: a login that comes next comes from a sign-in
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
	case id.Console() && !life.Login.Console():
		return Observed // the key may have been there before the client began to use it
	case life.Login.Console():
		return SignedIn // a key is never renewed
	}
	return life.followed(o.RefreshExpiresAt)
}

// vanished returns what happened to a life whose tokens are no longer there.
func (l *Life) vanished(emptied bool) Kind {
	switch {
	case l.gone, emptied && l.blanked:
		return ""
	case emptied:
		return Blanked
	}
	return Removed
}

// followed returns how new tokens, which expire at expires, have replaced those of the life.
func (l *Life) followed(expires time.Time) Kind {
	before, expires := millis(l.RefreshExpiresAt), millis(expires)
	later := !before.IsZero() && expires.After(before)
	same := !expires.IsZero() && expires.Equal(before)
	if later || l.gone || l.blanked || l.How != Alive && !same {
		return SignedIn
	}
	return Renewed
}
