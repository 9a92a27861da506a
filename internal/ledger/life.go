package ledger

import (
	"slices"
	"time"
)

// End says how a login's life ended.
type End string

// The ends.
const (
	Alive      End = ""           // it has not ended, as far as the ledger knows
	EndReject  End = "rejected"   // the service rejected it, or the client emptied its tokens, which means the same
	EndWipe    End = "wiped"      // this program removed it
	EndRemove  End = "signed-out" // something else removed it (`claude auth logout`, an editor)
	EndReplace End = "replaced"   // a new sign-in replaced it
)

// Life is one login from its sign-in to its end. Each renewal gives the login a new LoginID; Login is the last one.
type Life struct {
	File             string
	Login            LoginID
	SignedIn         time.Time // zero when the sign-in was not seen
	FirstSeen        time.Time // never zero
	LastRenewed      time.Time // zero when it was never renewed
	Renewals         int
	Guarded          int         // how many of these this program made, where nothing could interrupt them
	RenewedAt        []time.Time // the renewals that compaction has not merged, oldest first
	RefreshExpiresAt time.Time   // zero when not known
	Ended            time.Time   // zero while it lives
	How              End
	Rejection        *Event // the newest rejection; nil when there is none
	OtherAccount     bool   // the sign-in was with another account than that of the login before
	Cut              *Event // the newest interruption of a renewal of its last tokens; nil when there is none

	blanked   bool // the client has emptied its tokens
	gone      bool // it is no longer in the file
	renewing  bool // a guarded renewal has begun
	landmarks landmarks
}

// relapse is the age below which a rejection says nothing about how long logins last: such a login never worked.
const relapse = time.Minute

// Born returns when the life began: the sign-in, or when the login was first seen.
func (l *Life) Born() time.Time {
	if l.SignedIn.IsZero() {
		return l.FirstSeen
	}
	return l.SignedIn
}

// Age returns how old the login was at its end or, while it lives, at now. When exact is false the sign-in was not
// seen, and it was at least that old. A clock that was set back gives 0.
func (l *Life) Age(now time.Time) (age time.Duration, exact bool) {
	if !l.Ended.IsZero() {
		now = l.Ended
	}
	return max(0, now.Sub(l.Born())), !l.SignedIn.IsZero()
}

// The landmarks of a life.
const (
	begun        = iota
	signedIn     // where the login was seen before the sign-in was reported
	gotTokens    // the event that brought the current tokens
	renewedLast  // the last renewal, which counts for those before it
	turned       // the last event that showed an earlier rejection to be wrong
	restoredLast // the last event that restored it
	restoredFrom // the event that had first brought the tokens that were restored then
	ended
	rejectedLate // the rejection that came after its end
	marked       // the last event that emptied, removed or restored it
	rejectedLast // the newest rejection
	cutLast      // the newest interruption of a renewal of the current tokens
	landmarkCount
)

// landmarks are the events that a life can be replayed from without the others, as indexes of Replay.events; -1 for
// none.
type landmarks [landmarkCount]int

func newLandmarks(begin int) (l landmarks) {
	for i := range l {
		l[i] = -1
	}
	l[begun], l[gotTokens] = begin, begin
	return l
}

func (l *landmarks) has(at int) bool { return slices.Contains(l[:], at) }

// end ends the life. It and mark accept nil, because an event may be about a login that the ledger does not know.
func (l *Life) end(e *Event, how End, at int) {
	if l == nil || l.How != Alive {
		return
	}
	l.Ended, l.How, l.landmarks[ended] = e.Time, how, at
}

func (l *Life) mark(blanked, gone bool, at int) {
	if l != nil {
		l.blanked, l.gone, l.landmarks[marked] = blanked, gone, at
	}
}

// revive lets the life go on. turn is the index of the event that showed that the life had not ended.
func (l *Life) revive(turn int) {
	l.Ended, l.How, l.Rejection = time.Time{}, Alive, nil
	l.blanked, l.gone = false, false
	l.landmarks[turned] = turn
	for _, past := range []int{ended, rejectedLate, marked, rejectedLast} {
		l.landmarks[past] = -1
	}
}

// cut notes that a renewal of the current tokens was interrupted. nil says that none was.
func (l *Life) cut(e *Event, at int) {
	l.Cut, l.landmarks[cutLast] = e, at
	if e == nil {
		l.landmarks[cutLast] = -1
	}
}

func (l *Life) learn(e *Event) {
	if !e.RefreshExpiresAt.IsZero() {
		l.RefreshExpiresAt = e.RefreshExpiresAt
	}
}
