package ledger

import (
	"strconv"
	"time"
)

// Replay is what the events of the ledger say about each login. Their order counts, not their times, because a clock
// can be set back.
type Replay struct {
	events []Event
	of     []*Life     // by event: the life it belongs to, or nil
	guards map[int]int // by renewal: how many guarded renewals it stands for
	lives  []*Life
	newest map[string]*Life  // by file: the newest life there, ended or not
	known  map[string]bool   // files that were seen, with a login or without one
	had    map[tokens]origin // which life has had these tokens, by the newest event that says so
	at     int               // the index of the event that is being entered
}

// origin is the life that has had some tokens, and the index of the event that brought them.
type origin struct {
	life *Life
	at   int
}

// tokens are the two tokens of a login in one file.
type tokens struct {
	file string
	id   LoginID
}

// NewReplay reads events, oldest first.
func NewReplay(events []Event) *Replay {
	r := &Replay{
		events: events, of: make([]*Life, len(events)), guards: map[int]int{},
		newest: map[string]*Life{}, known: map[string]bool{}, had: map[tokens]origin{},
	}
	for r.at = range events {
		r.of[r.at] = r.enter(&events[r.at])
	}
	return r
}

// enter applies one event to the lives and returns the life that it belongs to.
func (r *Replay) enter(e *Event) *Life {
	life := r.newest[e.File]
	if e.Kind.tellsContent() {
		r.known[e.File] = true
	}
	switch e.Kind {
	case Observed:
		return r.observe(life, e)
	case SignedIn:
		return r.signIn(life, e)
	case Renewed:
		return r.renew(life, e)
	case Restored:
		return r.restore(life, e)
	case Blanked:
		life.end(e, EndReject, r.at)
		life.mark(true, false, r.at)
	case Wiped:
		life.end(e, EndWipe, r.at)
		life.mark(false, true, r.at)
	case Removed:
		life.end(e, EndRemove, r.at)
		life.mark(false, true, r.at)
	case Rejected:
		return r.reject(e)
	case Accepted:
		return r.accept(e)
	case RenewalBegun, RenewalFailed, RenewalCut:
		return r.renewal(e)
	default:
		return r.lifeOf(e.File, e.Login)
	}
	return life
}

func (r *Replay) begin(e *Event, signedIn time.Time) *Life {
	r.newest[e.File].end(e, EndReplace, r.at)
	life := &Life{
		File: e.File, Login: e.Login, SignedIn: signedIn, FirstSeen: e.Time, RefreshExpiresAt: e.RefreshExpiresAt,
		landmarks: newLandmarks(r.at),
	}
	r.lives, r.newest[e.File] = append(r.lives, life), life
	r.had[tokens{e.File, e.Login}] = origin{life, r.at}
	return life
}

func (r *Replay) observe(life *Life, e *Event) *Life {
	if e.Login.IsZero() || life != nil && life.Login == e.Login {
		return life
	}
	return r.begin(e, time.Time{})
}

// signIn begins a life. Two processes may report the same sign-in, and one may see the login before the other reports
// the sign-in. That is one life, signed in at the first report.
func (r *Replay) signIn(life *Life, e *Event) *Life {
	if life == nil || life.Login != e.Login || life.How != Alive {
		life = r.begin(e, e.Time)
		life.OtherAccount = e.IsOtherAccount()
		return life
	}
	life.OtherAccount = life.OtherAccount || e.IsOtherAccount()
	if life.SignedIn.IsZero() {
		life.SignedIn = e.Time
		life.landmarks[signedIn] = r.at
	}
	life.learn(e)
	return life
}

// renew gives a life its new tokens. A renewal after a rejection shows that the rejection was wrong (an outage looks
// the same), so the life goes on.
func (r *Replay) renew(life *Life, e *Event) *Life {
	if life == nil {
		life = r.begin(e, time.Time{})
	}
	life.revive(r.at)
	life.Login = e.Login
	life.landmarks[gotTokens], life.landmarks[renewedLast] = r.at, r.at
	r.had[tokens{e.File, e.Login}] = origin{life, r.at}
	life.learn(e)
	life.LastRenewed = e.Time
	life.RenewedAt = append(life.RenewedAt, e.Time)
	life.Renewals += e.stands()
	if guarded := e.guarded(life.renewing); guarded > 0 {
		r.guards[r.at] = guarded
		life.Guarded += guarded
	}
	life.renewing = false
	life.cut(nil, r.at)
	return life
}

// renewal enters what happens to a renewal besides new tokens. It does not end a life: whether the service has taken
// the refresh token shows later.
func (r *Replay) renewal(e *Event) *Life {
	life := r.namedBy(e)
	if life == nil {
		return r.lifeOf(e.File, e.Login)
	}
	life.renewing = e.Kind == RenewalBegun
	if e.Kind == RenewalCut {
		life.cut(e, r.at)
	}
	return life
}

// stands returns how many renewals the event stands for: compaction merges old ones.
func (e *Event) stands() int {
	if merged, err := strconv.Atoi(e.Detail[detailMerged]); err == nil && merged > 1 {
		return merged
	}
	return 1
}

// guarded returns how many guarded renewals the event stands for. begun says that one had begun before it.
func (e *Event) guarded(begun bool) int {
	if merged, err := strconv.Atoi(e.Detail[detailGuarded]); err == nil && merged > 0 {
		return merged
	}
	if begun {
		return 1
	}
	return 0
}

// restore lets the life that had these tokens go on. A rejection stays: the service does not accept a login because it
// was restored. A file without a login may be restored too: no life begins then.
func (r *Replay) restore(current *Life, e *Event) *Life {
	if e.Login.IsZero() {
		current.end(e, EndRemove, r.at)
		current.mark(false, true, r.at)
		return current
	}
	life := r.lifeOf(e.File, e.Login)
	if life == nil {
		return r.begin(e, time.Time{})
	}
	if current != life {
		current.end(e, EndReplace, r.at)
	}
	if life.How != EndReject {
		life.revive(life.landmarks[turned])
	}
	life.mark(false, false, r.at)
	life.Login, life.renewing = e.Login, false
	if life.Cut != nil && life.Cut.Login != e.Login {
		life.cut(nil, r.at)
	}
	life.landmarks[restoredFrom], life.landmarks[restoredLast] = r.had[tokens{e.File, e.Login}].at, r.at
	life.landmarks[gotTokens] = life.landmarks[restoredFrom]
	life.learn(e)
	r.newest[e.File] = life
	return life
}

// reject ends the life whose tokens were rejected. A rejection of tokens that were renewed since does not end it.
func (r *Replay) reject(e *Event) *Life {
	life := r.namedBy(e)
	if life == nil {
		return r.lifeOf(e.File, e.Login)
	}
	life.renewing = false
	life.end(e, EndReject, r.at)
	if life.How == EndWipe || life.How == EndRemove { // reported late
		life.How, life.landmarks[rejectedLate] = EndReject, r.at
	}
	life.Rejection = e
	life.landmarks[rejectedLast] = r.at
	return life
}

func (r *Replay) accept(e *Event) *Life {
	life := r.namedBy(e)
	if life != nil && life.How != Alive && life.How != EndReplace {
		life.revive(r.at)
	}
	return life
}

// namedBy returns the life whose current tokens e names.
func (r *Replay) namedBy(e *Event) *Life {
	for _, id := range []LoginID{e.Login, {Access: e.Login.Access}} {
		if life := r.lifeOf(e.File, id); life != nil && e.Login.rejects(life.Login) {
			return life
		}
	}
	return nil
}
