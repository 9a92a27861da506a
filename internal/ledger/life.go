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
	EndRefuse  End = "rejected"   // the service rejected it, or the client emptied its tokens, which is the same
	EndWipe    End = "wiped"      // this program removed it
	EndRemove  End = "signed-out" // it went without this program (`claude auth logout`, or by hand)
	EndReplace End = "replaced"   // a new sign-in took its place
)

// Life is one login from its sign-in to its end. The client renews a login's tokens again and again, so one login has
// had many LoginIDs; Login is the last.
type Life struct {
	File             string
	Login            LoginID
	SignedIn         time.Time // zero when the sign-in was not seen
	FirstSeen        time.Time // never zero
	LastRenewed      time.Time // zero when it was never renewed
	Renewals         int
	RenewedAt        []time.Time // the renewals that the ledger still tells apart, oldest first
	RefreshExpiresAt time.Time   // zero when not known
	Ended            time.Time   // zero while it lives
	How              End
	Rejection        *Event // the newest rejection of it; nil when there is none

	blanked   bool // the client has emptied its tokens
	gone      bool // it is no longer in the file
	landmarks landmarks
}

// relapse is the age below which a rejection says nothing about how long logins live: the login never worked.
const relapse = time.Minute

// Born is when the life began: the sign-in, or the first sight of it.
func (l *Life) Born() time.Time {
	if l.SignedIn.IsZero() {
		return l.FirstSeen
	}
	return l.SignedIn
}

// Age is how old the login was at its end or, while it lives, at now. exact is false when the sign-in was not seen:
// then it was at least that old. A clock that was set back gives 0.
func (l *Life) Age(now time.Time) (age time.Duration, exact bool) {
	if !l.Ended.IsZero() {
		now = l.Ended
	}
	return max(0, now.Sub(l.Born())), !l.SignedIn.IsZero()
}

// A landmark is an event in a life, by its place in the replay.
type landmark int

const (
	begun        landmark = iota
	signedIn              // when that is not begun
	gotTokens             // the event that brought the tokens it has now
	renewedLast           // the last renewal, which counts for those before it
	turned                // the last one that showed a rejection to have been wrong
	restoredLast          // the last one that put it back into its place
	restoredFrom          // the event that had brought the tokens that were put back then
	ended
	rejectedLate // the rejection that came after its end
	marked       // the last one that emptied or removed it
	rejectedLast // the newest rejection
	landmarkCount
)

// landmarks are the events that alone would tell the same life; none is -1.
type landmarks [landmarkCount]int

func newLandmarks(begin int) (l landmarks) {
	for i := range l {
		l[i] = -1
	}
	l[begun], l[gotTokens] = begin, begin
	return l
}

func (l *landmarks) has(at int) bool { return slices.Contains(l[:], at) }

// end and mark may be called on no life at all: an event can come before the first word of its login.
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

// revive lets the life go on; turn is the event that shows that an earlier end was none.
func (l *Life) revive(turn int) {
	l.Ended, l.How, l.Rejection = time.Time{}, Alive, nil
	l.blanked, l.gone = false, false
	l.landmarks[turned] = turn
	for _, past := range []landmark{ended, rejectedLate, marked, rejectedLast} {
		l.landmarks[past] = -1
	}
}

func (l *Life) learn(e *Event) {
	if !e.RefreshExpiresAt.IsZero() {
		l.RefreshExpiresAt = e.RefreshExpiresAt
	}
}
