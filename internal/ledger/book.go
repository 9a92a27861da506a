package ledger

import (
	"slices"
	"strconv"
	"time"
)

// Book is what the ledger says about each login, in the order in which it was written. The order counts and not the
// times: a clock can be set back.
type Book struct {
	events []Event
	of     []*Life // by event: the life it belongs to, or nil
	lives  []*Life
	newest map[string]*Life // by file: the newest life there, ended or not
	known  map[string]bool  // files whose place was seen, with a login or empty
	had    map[tokens]maker // where these tokens came from, by the newest word of it
	at     int              // the event that is being entered
}

// maker is the life that has had some tokens, and the event that brought them.
type maker struct {
	life *Life
	line int
}

// tokens are the two tokens of a login in one file.
type tokens struct {
	file string
	id   LoginID
}

// NewBook reads events, oldest first.
func NewBook(events []Event) *Book {
	b := &Book{
		events: events, of: make([]*Life, len(events)),
		newest: map[string]*Life{}, known: map[string]bool{}, had: map[tokens]maker{},
	}
	for b.at = range events {
		b.of[b.at] = b.enter(&events[b.at])
	}
	return b
}

// enter works one event into the lives and returns the one it belongs to.
func (b *Book) enter(e *Event) *Life {
	life := b.newest[e.File]
	switch e.Kind {
	case Observed, SignedIn, Renewed, Restored, Removed, Blanked, Wiped:
		b.known[e.File] = true
	}
	switch e.Kind {
	case Observed:
		return b.observe(life, e)
	case SignedIn:
		return b.signIn(life, e)
	case Renewed:
		return b.renew(life, e)
	case Restored:
		return b.restore(life, e)
	case Blanked:
		life.end(e, EndRefuse, b.at)
		life.mark(true, false, b.at)
	case Wiped:
		life.end(e, EndWipe, b.at)
		life.mark(false, true, b.at)
	case Removed:
		life.end(e, EndRemove, b.at)
		life.mark(false, true, b.at)
	case Rejected:
		return b.reject(e)
	case Accepted:
		return b.accept(e)
	default:
		return b.lifeOf(e.File, e.Login)
	}
	return life
}

func (b *Book) begin(e *Event, signedIn time.Time) *Life {
	b.newest[e.File].end(e, EndReplace, b.at)
	life := &Life{
		File: e.File, Login: e.Login, SignedIn: signedIn, FirstSeen: e.Time, RefreshExpiresAt: e.RefreshExpiresAt,
		spine: newSpine(b.at),
	}
	b.lives, b.newest[e.File] = append(b.lives, life), life
	b.had[tokens{e.File, e.Login}] = maker{life, b.at}
	return life
}

func (b *Book) observe(life *Life, e *Event) *Life {
	if e.Login.IsZero() || life != nil && life.Login == e.Login {
		return life
	}
	return b.begin(e, time.Time{})
}

// signIn begins a life. Two processes may report one sign-in, and one of them may have met the login before the other
// reported how it came: that is one life, signed in at the first word of it.
func (b *Book) signIn(life *Life, e *Event) *Life {
	if life == nil || life.Login != e.Login || life.How != Alive {
		return b.begin(e, e.Time)
	}
	if life.SignedIn.IsZero() {
		life.SignedIn = e.Time
		life.spine.signIn = b.at
	}
	life.learn(e)
	return life
}

// renew moves a life to its new tokens. A renewal after a rejection says that the rejection was wrong (an outage looks
// the same from outside), so the life goes on.
func (b *Book) renew(life *Life, e *Event) *Life {
	if life == nil {
		life = b.begin(e, time.Time{})
	}
	life.revive(b.at)
	life.Login = e.Login
	life.spine.tokens, life.spine.renewed = b.at, b.at
	b.had[tokens{e.File, e.Login}] = maker{life, b.at}
	life.learn(e)
	life.LastRenewed = e.Time
	life.RenewedAt = append(life.RenewedAt, e.Time)
	life.Renewals += e.stands()
	return life
}

// stands is how many renewals the event stands for: compaction merges old ones.
func (e *Event) stands() int {
	if merged, err := strconv.Atoi(e.Detail[DetailMerged]); err == nil && merged > 1 {
		return merged
	}
	return 1
}

// restore lets the life that had these tokens go on. A rejection stays what it was: putting a refused login back does
// not make the service take it.
func (b *Book) restore(current *Life, e *Event) *Life {
	life := b.lifeOf(e.File, e.Login)
	if life == nil {
		return b.begin(e, time.Time{})
	}
	if current != life {
		current.end(e, EndReplace, b.at)
	}
	if life.How != EndRefuse {
		life.revive(life.spine.turn)
	}
	life.mark(false, false, b.at)
	life.Login = e.Login
	life.spine.source, life.spine.restored = b.had[tokens{e.File, e.Login}].line, b.at
	life.spine.tokens = life.spine.source
	life.learn(e)
	b.newest[e.File] = life
	return life
}

// reject ends the life whose tokens were refused. A refusal of tokens that were renewed since is no end.
func (b *Book) reject(e *Event) *Life {
	life := b.refused(e)
	if life == nil {
		return b.lifeOf(e.File, e.Login)
	}
	life.end(e, EndRefuse, b.at)
	if life.How == EndWipe || life.How == EndRemove { // word of it has come late
		life.How, life.spine.refused = EndRefuse, b.at
	}
	life.Rejection = e
	life.spine.rejection = b.at
	return life
}

func (b *Book) accept(e *Event) *Life {
	life := b.refused(e)
	if life != nil && life.How != Alive && life.How != EndReplace {
		life.revive(b.at)
	}
	return life
}

// refused returns the life whose tokens e names as those it has now; in any file when e names none.
func (b *Book) refused(e *Event) *Life {
	if e.File == "" {
		for _, life := range slices.Backward(b.lives) {
			if e.Login.refuses(life.Login) {
				return life
			}
		}
		return nil
	}
	for _, id := range []LoginID{e.Login, {Access: e.Login.Access}} {
		if life := b.lifeOf(e.File, id); life != nil && e.Login.refuses(life.Login) {
			return life
		}
	}
	return nil
}

// lifeOf returns the newest life in file that has had the tokens id.
func (b *Book) lifeOf(file string, id LoginID) *Life { return b.had[tokens{file, id}].life }

// Lives returns every life, the oldest first.
func (b *Book) Lives() []Life {
	lives := make([]Life, len(b.lives))
	for i, life := range b.lives {
		lives[i] = *life
	}
	return lives
}

// Current returns the newest life in file, which may have ended.
func (b *Book) Current(file string) (Life, bool) {
	life := b.newest[file]
	if life == nil {
		return Life{}, false
	}
	return *life, true
}

// Events returns the events, oldest first.
func (b *Book) Events() []Event { return slices.Clone(b.events) }

// IsRejected reports whether the service has refused this very login since it was stored.
func (b *Book) IsRejected(id LoginID) bool {
	_, rejected := b.RejectionOf(id)
	return rejected
}

// RejectionOf returns the newest rejection of this very login: of the same access token with the same refresh token, or
// with one that the client has emptied since. It is false when the service has taken the login again after that.
func (b *Book) RejectionOf(id LoginID) (Event, bool) {
	e, ok := b.last(func(e *Event) bool { return (e.Kind == Rejected || e.Kind == Accepted) && e.Login.refuses(id) })
	if !ok || e.Kind != Rejected {
		return Event{}, false
	}
	return e, true
}

// LastRejection returns the newest rejection of any login in file, or anywhere when file is "".
func (b *Book) LastRejection(file string) (Event, bool) {
	return b.last(func(e *Event) bool { return e.Kind == Rejected && (file == "" || e.File == file) })
}

func (b *Book) last(match func(*Event) bool) (Event, bool) {
	for i := len(b.events) - 1; i >= 0; i-- {
		if match(&b.events[i]) {
			return b.events[i], true
		}
	}
	return Event{}, false
}

// OldestDeath returns the oldest age at which the service refused a login of this user, 0 when it never did. Lives whose
// sign-in was not seen do not count, their age is not known; nor do logins that were refused within a minute of
// their sign-in, which never worked.
func (b *Book) OldestDeath() time.Duration {
	if life := b.oldestDead(); life != nil {
		age, _ := life.Age(life.Ended)
		return age
	}
	return 0
}

func (b *Book) oldestDead() *Life {
	var oldest *Life
	longest := relapse - 1
	for _, life := range b.lives {
		if life.How != EndRefuse {
			continue
		}
		if age, exact := life.Age(life.Ended); exact && age > longest {
			oldest, longest = life, age
		}
	}
	return oldest
}
