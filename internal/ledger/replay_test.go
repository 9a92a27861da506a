package ledger

import (
	"testing"
	"time"
)

// tell makes events of a story in short: each a step of one hour.
func tell(steps ...Event) []Event {
	for i := range steps {
		steps[i].Time = start.Add(time.Duration(i) * time.Hour)
		if steps[i].File == "" {
			steps[i].File = "/f"
		}
	}
	return steps
}

var (
	a = LoginID{Access: "a", Refresh: "ra"}
	b = LoginID{Access: "b", Refresh: "rb"}
)

// of is an event of that kind.
func (k Kind) of(id LoginID) Event { return Event{Kind: k, Login: id} }

var stories = map[string]struct {
	events []Event
	how    []End
	age    time.Duration // of the first life
}{
	"rejected, then wiped, ended by the rejection": {
		tell(SignedIn.of(a), Rejected.of(a), Wiped.of(a)), []End{EndReject}, time.Hour,
	},
	"a rejection of older tokens ends nothing": {tell(SignedIn.of(a), Renewed.of(b), Rejected.of(a)), []End{Alive}, 0},
	"a rejection in another file ends nothing": {
		tell(SignedIn.of(a), Event{Kind: Rejected, Login: a, File: "/g"}), []End{Alive}, 0,
	},
	"renewed after a rejection: it lives":  {tell(SignedIn.of(a), Rejected.of(a), Renewed.of(b)), []End{Alive}, 0},
	"accepted after a rejection: it lives": {tell(SignedIn.of(a), Rejected.of(a), Accepted.of(a)), []End{Alive}, 0},
	"emptied": {
		tell(SignedIn.of(a), Renewed.of(b), Blanked.of(b)), []End{EndReject}, 2 * time.Hour,
	},
	"wiped and restored": {tell(SignedIn.of(a), Wiped.of(a), Restored.of(a)), []End{Alive}, 0},
	"rejected, wiped and restored: still rejected": {
		tell(SignedIn.of(a), Rejected.of(a), Wiped.of(a), Restored.of(a)), []End{EndReject}, time.Hour,
	},
	"wiped twice, and an empty file restored: one life": {
		tell(SignedIn.of(a), Wiped.of(a), Wiped.of(LoginID{}), Restored.of(LoginID{}), Removed.of(LoginID{})), []End{EndWipe},
		time.Hour,
	},
	"an empty file restored, then the login": {
		tell(SignedIn.of(a), Wiped.of(a), Restored.of(LoginID{}), Restored.of(a)), []End{Alive}, 0,
	},
	"replaced":               {tell(SignedIn.of(a), SignedIn.of(b)), []End{EndReplace, Alive}, time.Hour},
	"one sign-in told twice": {tell(SignedIn.of(a), SignedIn.of(a)), []End{Alive}, 0},
	"met first, told how it came afterwards": {
		tell(Observed.of(a), SignedIn.of(a), Removed.of(a)), []End{EndRemove}, time.Hour,
	},
	"words about a login nobody has met": {tell(Rejected.of(a), Wiped.of(a), Declined.of(a)), nil, 0},
}

func TestLives(t *testing.T) {
	for name, c := range stories {
		t.Run(name, func(t *testing.T) {
			lives := NewReplay(c.events).Lives()
			if len(lives) != len(c.how) {
				t.Fatalf("%d lives, want %d: %+v", len(lives), len(c.how), lives)
			}
			for i, life := range lives {
				if life.How != c.how[i] || life.Ended.IsZero() != (life.How == Alive) {
					t.Errorf("life %d ended %q at %v, want %q", i, life.How, life.Ended, c.how[i])
				}
			}
			if c.age > 0 {
				if age, exact := lives[0].Age(start.AddDate(1, 0, 0)); age != c.age || !exact {
					t.Errorf("it lived %v (exact %v), want %v", age, exact, c.age)
				}
			}
		})
	}
}

func TestInterruptedRenewals(t *testing.T) {
	c := LoginID{Access: "c", Refresh: "rc"}
	for name, story := range map[string]struct {
		events  []Event
		cut     int // the index of the event that the last life has, -1 for none
		guarded int
	}{
		"none":                      {tell(SignedIn.of(a), Renewed.of(b)), -1, 0},
		"guarded":                   {tell(SignedIn.of(a), RenewalBegun.of(a), Renewed.of(b)), -1, 1},
		"guarded, then the client":  {tell(SignedIn.of(a), RenewalBegun.of(a), Renewed.of(b), Renewed.of(c)), -1, 1},
		"failed, then the client":   {tell(SignedIn.of(a), RenewalBegun.of(a), RenewalFailed.of(a), Renewed.of(b)), -1, 0},
		"interrupted":               {tell(SignedIn.of(a), RenewalBegun.of(a), RenewalCut.of(a)), 2, 0},
		"twice":                     {tell(SignedIn.of(a), RenewalCut.of(a), RenewalCut.of(a)), 2, 0},
		"and rejected":              {tell(SignedIn.of(a), RenewalCut.of(a), Rejected.of(a)), 1, 0},
		"found after the rejection": {tell(SignedIn.of(a), Rejected.of(a), RenewalCut.of(a)), 2, 0},
		"and renewed all the same":  {tell(SignedIn.of(a), RenewalCut.of(a), Renewed.of(b)), -1, 0},
		"of older tokens":           {tell(SignedIn.of(a), Renewed.of(b), RenewalCut.of(a)), -1, 0},
		"and signed in":             {tell(SignedIn.of(a), RenewalCut.of(a), SignedIn.of(b)), -1, 0},
		"wiped and restored":        {tell(SignedIn.of(a), RenewalCut.of(a), Wiped.of(a), Restored.of(a)), 1, 0},
		"older tokens restored": {
			tell(SignedIn.of(a), Renewed.of(b), RenewalCut.of(b), Wiped.of(b), Restored.of(a)), -1, 0,
		},
		"in another file": {tell(SignedIn.of(a), Event{Kind: RenewalCut, Login: a, File: "/g"}), -1, 0},
	} {
		t.Run(name, func(t *testing.T) {
			lives := NewReplay(story.events).Lives()
			life := lives[len(lives)-1]
			switch {
			case story.cut < 0 && life.Cut != nil:
				t.Errorf("it was interrupted at %v, want never", life.Cut.Time)
			case story.cut >= 0 && (life.Cut == nil || !life.Cut.Time.Equal(story.events[story.cut].Time)):
				t.Errorf("its interruption is %+v, want %+v", life.Cut, story.events[story.cut])
			}
			if life.Guarded != story.guarded {
				t.Errorf("%d renewals were guarded, want %d", life.Guarded, story.guarded)
			}
		})
	}
}

func TestRejections(t *testing.T) {
	halfEmpty := LoginID{Access: "a"}
	for name, c := range map[string]struct {
		events []Event
		id     LoginID
		want   bool
	}{
		"never":                           {nil, a, false},
		"this very login":                 {tell(Event{Kind: Rejected, Login: a}), a, true},
		"its refresh token emptied since": {tell(Event{Kind: Rejected, Login: a}), halfEmpty, true},
		"another refresh token":           {tell(Event{Kind: Rejected, Login: a}), LoginID{Access: "a", Refresh: "x"}, false},
		"another access token": {
			tell(Event{Kind: Rejected, Login: a}), LoginID{Access: "x", Refresh: "ra"}, false,
		},
		"one without a refresh token": {tell(Event{Kind: Rejected, Login: halfEmpty}), a, false},
		"another one since":           {tell(Event{Kind: Rejected, Login: a}, Event{Kind: Rejected, Login: b}), a, true},
		"accepted since":              {tell(Event{Kind: Rejected, Login: a}, Event{Kind: Accepted, Login: a}), a, false},
		"no login at all":             {tell(Event{Kind: Rejected}), LoginID{}, false},
	} {
		if got := NewReplay(c.events).IsRejected(c.id); got != c.want {
			t.Errorf("%s: rejected %v, want %v", name, got, c.want)
		}
	}
}

func TestOldestDeath(t *testing.T) {
	minutes := func(n int, e Event) Event {
		e.Time, e.File = start.Add(time.Duration(n)*time.Minute), "/f"
		return e
	}
	for name, c := range map[string]struct {
		events []Event
		want   time.Duration
	}{
		"none died": {tell(Event{Kind: SignedIn, Login: a}, Event{Kind: Wiped, Login: a}), 0},
		"the oldest of two": {[]Event{
			minutes(0, Event{Kind: SignedIn, Login: a}), minutes(90, Event{Kind: Rejected, Login: a}),
			minutes(100, Event{Kind: SignedIn, Login: b}), minutes(120, Event{Kind: Blanked, Login: b}),
		}, 90 * time.Minute},
		"of unknown age": {tell(Event{Kind: Observed, Login: a}, Event{Kind: Rejected, Login: a}), 0},
		"a login that never worked": {
			[]Event{
				minutes(0, Event{Kind: SignedIn, Login: a}),
				{Time: start.Add(59 * time.Second), Kind: Rejected, File: "/f", Login: a},
			},
			0,
		},
		"with the clock set back since": {
			[]Event{minutes(90, Event{Kind: SignedIn, Login: a}), minutes(0, Event{Kind: Rejected, Login: a})}, 0,
		},
	} {
		if got := NewReplay(c.events).OldestDeath(); got != c.want {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}

func TestStanding(t *testing.T) {
	replay := NewReplay([]Event{
		{Time: start, Kind: SignedIn, File: "/f", Login: a},
		{Time: start.Add(30 * time.Second), Kind: Rejected, File: "/f", Login: a, Detail: map[string]string{"rule": "401"}},
		{Time: start.Add(40 * time.Second), Kind: Attempted, File: "/f", Login: a},
		{
			Time: start.Add(50 * time.Second), Kind: LoginFailed, File: "/f", Login: a,
			Detail: map[string]string{"cause": "timeout"},
		},
		{Time: start.Add(60 * time.Second), Kind: Declined, File: "/f", Login: a},
	})
	if s := replay.Standing("/f", a); !s.Rejected || !s.Born.Equal(start) || !s.BornExact {
		t.Errorf("Standing = %+v", s)
	}
	if !replay.Declined(a) {
		t.Error("not declined")
	}
	if e, ok := replay.LastRejection("/f"); !ok || e.Detail["rule"] != "401" {
		t.Errorf("the last rejection is %+v", e)
	}
	if e, ok := replay.LastFailedSignIn("/f", a); !ok || e.Detail["cause"] != "timeout" {
		t.Errorf("the last failed sign-in is %+v", e)
	}
	if s := replay.Standing("/f", b); s.Rejected || !s.Born.IsZero() || replay.Declined(b) {
		t.Errorf("the standing of a login nobody knows = %+v", s)
	}
}

func TestStored(t *testing.T) {
	other := Event{Kind: Wiped, Login: b, File: "/g"}
	for name, test := range map[string]struct {
		events    []Event
		after, by int // the events that say so, -1 for none
	}{
		"nothing is known":            {nil, -1, -1},
		"of another login":            {tell(Observed.of(b)), 0, -1},
		"the first login":             {tell(Observed.of(a)), -1, 0},
		"after a wiped one":           {tell(SignedIn.of(b), Wiped.of(b), SignedIn.of(a), Rejected.of(a)), 1, 2},
		"attempts tell nothing":       {tell(Wiped.of(b), Attempted.of(b), LoginFailed.of(b), SignedIn.of(a)), 0, 3},
		"nor does another file":       {tell(Wiped.of(b), other, SignedIn.of(a)), 0, 2},
		"one that has come back":      {tell(Wiped.of(b), SignedIn.of(a), Removed.of(a), Restored.of(a)), 0, 1},
		"a renewal brings new tokens": {tell(SignedIn.of(b), RenewalBegun.of(b), Renewed.of(a)), 0, 2},
	} {
		t.Run(name, func(t *testing.T) {
			at := func(i int) time.Time {
				if i < 0 {
					return time.Time{}
				}
				return test.events[i].Time
			}
			want := Stored{After: at(test.after), By: at(test.by)}
			if got := NewReplay(test.events).Stored("/f", a); got != want {
				t.Errorf("%+v, want %+v", got, want)
			}
		})
	}
}

func TestWhatAPersonAnswered(t *testing.T) {
	emptied := LoginID{Access: a.Access} // what 2.1.165 leaves of a rejected login
	for name, test := range map[string]struct {
		events             []Event
		declined, silenced bool
	}{
		"nothing":            {nil, false, false},
		"not now":            {[]Event{Declined.of(a)}, true, false},
		"not now, twice":     {[]Event{Declined.of(a), Declined.of(a)}, true, false},
		"don't ask again":    {[]Event{Declined.of(a), Silenced.of(a)}, false, true},
		"asked for a repair": {[]Event{Silenced.of(a), AskAgain.of(a)}, false, false},
		"it worked since":    {[]Event{Silenced.of(a), Accepted.of(a)}, false, false},
		"of another login":   {[]Event{Silenced.of(b), Declined.of(b)}, false, false},
		"before it emptied":  {[]Event{Silenced.of(emptied)}, false, true},
	} {
		t.Run(name, func(t *testing.T) {
			replay := NewReplay(test.events)
			if replay.Declined(a) != test.declined || replay.Silenced(a) != test.silenced {
				t.Errorf("declined %v, silenced %v", replay.Declined(a), replay.Silenced(a))
			}
		})
	}
	if !NewReplay([]Event{Silenced.of(a)}).Silenced(emptied) {
		t.Error("a login counts as another one once the client has emptied it")
	}
}
