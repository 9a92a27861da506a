package ledger_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/claude-auth/claude-auth/internal/ledger"
	"github.com/claude-auth/claude-auth/internal/secret"
)

// clock is a clock that moves when it is told to.
type clock struct{ at time.Time }

func (c *clock) now() time.Time { return c.at }

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// saw is what a file holds: a login by the names of its tokens.
func saw(access, refresh string, expires time.Time) ledger.Observation {
	return ledger.Observation{
		File: "/f", Access: secret.New(access), Refresh: secret.New(refresh), RefreshExpiresAt: expires,
	}
}

// usesKey is a file beside which the client uses the key of a Console sign-in.
func usesKey(key string) ledger.Observation {
	return ledger.Observation{File: "/f", Key: secret.New(key)}
}

func emptied(o ledger.Observation) ledger.Observation {
	o.Emptied = true
	return o
}

var (
	never time.Time
	june  = noon.AddDate(0, 3, 0)
	july  = noon.AddDate(0, 4, 0)
)

// reported is an event that a command has reported.
func reported(kind ledger.Kind, access, refresh string) ledger.Event {
	id := ledger.New("", key, nil).Identify(secret.New(access), secret.New(refresh))
	return ledger.Event{Kind: kind, File: "/f", Login: id}
}

// changes are what a file comes to hold, step by step, beside what commands have reported; and what the ledger makes of
// it.
var changes = map[string]struct {
	steps []any
	kinds string
}{
	"the first sight of a login is no sign-in": {[]any{saw("a", "r", never), saw("a", "r", never)}, "observed"},
	"into an empty place comes a sign-in": {
		[]any{saw("", "", never), saw("", "", never), saw("a", "r", never)},
		"observed signed-in",
	},
	"a Console key after a login may have been there before": {
		[]any{saw("a", "r", never), usesKey("k"), usesKey("k")}, "observed observed",
	},
	"another Console key comes from a sign-in": {[]any{usesKey("k"), usesKey("l")}, "observed signed-in"},
	"a login after a Console key too":          {[]any{usesKey("k"), saw("a", "r", never)}, "observed signed-in"},
	"a Console key in an empty place too":      {[]any{saw("", "", never), usesKey("k")}, "observed signed-in"},
	"other tokens are a renewal": {
		[]any{saw("a", "r", never), saw("b", "r", never), saw("c", "s", never)},
		"observed renewed renewed",
	},
	"with the same end too":              {[]any{saw("a", "r", june), saw("b", "s", june)}, "observed renewed"},
	"and with an earlier one":            {[]any{saw("a", "r", july), saw("b", "s", june)}, "observed renewed"},
	"and with an end for the first time": {[]any{saw("a", "r", never), saw("b", "s", june)}, "observed renewed"},
	"a later end is a sign-in":           {[]any{saw("a", "r", june), saw("b", "s", july)}, "observed signed-in"},
	"after a rejection, a sign-in": {
		[]any{saw("a", "r", never), reported(ledger.Rejected, "a", "r"), saw("b", "s", never)},
		"observed rejected signed-in",
	},
	"after a rejection that was an outage, a renewal": {
		[]any{saw("a", "r", june), reported(ledger.Rejected, "a", "r"), saw("b", "s", june)},
		"observed rejected renewed",
	},
	"2.1.330 empties both tokens": {
		[]any{saw("a", "r", june), emptied(saw("", "", june)), emptied(saw("", "", june)), saw("b", "s", june)},
		"observed blanked signed-in",
	},
	"2.1.165 empties the refresh token": {
		[]any{saw("a", "r", never), emptied(saw("a", "", never)), emptied(saw("a", "", never)), saw("b", "s", never)},
		"observed blanked signed-in",
	},
	"logout": {
		[]any{saw("a", "r", never), saw("", "", never), saw("", "", never), saw("b", "s", never)},
		"observed removed signed-in",
	},
	"a wipe is no logout": {
		[]any{saw("a", "r", never), reported(ledger.Wiped, "a", "r"), saw("", "", never), saw("b", "s", never)},
		"observed wiped signed-in",
	},
	"a wiped login put back": {
		[]any{saw("a", "r", never), reported(ledger.Wiped, "a", "r"), saw("a", "r", never), saw("a", "r", never)},
		"observed wiped restored",
	},
	"older tokens put back": {
		[]any{saw("a", "r", never), saw("b", "s", never), saw("a", "r", never)},
		"observed renewed restored",
	},
	"emptied tokens put back": {
		[]any{saw("a", "r", never), emptied(saw("", "", never)), saw("a", "r", never)},
		"observed blanked restored",
	},
	"a sign-in reported already": {
		[]any{saw("a", "r", never), reported(ledger.SignedIn, "b", "s"), saw("b", "s", never)},
		"observed signed-in",
	},
	"a setup token was never emptied": {[]any{saw("a", "", never), saw("a", "", never)}, "observed"},
}

// TestObserve tells how each change that nobody reported is understood.
func TestObserve(t *testing.T) {
	for name, c := range changes {
		t.Run(name, func(t *testing.T) {
			at := &clock{noon}
			l := ledger.New(filepath.Join(t.TempDir(), "ledger.jsonl"), key, at.now)
			for i, step := range c.steps {
				at.at = at.at.Add(time.Hour)
				switch step := step.(type) {
				case ledger.Observation:
					s, err := l.Observe(step)
					if err != nil {
						t.Fatal(err)
					}
					again, err := l.Observe(step)
					if err != nil || again != s {
						t.Errorf("step %d: %+v the first time, %+v the second (%v)", i, s, again, err)
					}
				case ledger.Event:
					if err := l.Append(step); err != nil {
						t.Fatal(err)
					}
				}
			}
			events, err := events(l)
			if err != nil {
				t.Fatal(err)
			}
			var kinds []string
			for _, e := range events {
				kinds = append(kinds, string(e.Kind))
			}
			if got := strings.Join(kinds, " "); got != c.kinds {
				t.Errorf("the ledger says %s, want %s", got, c.kinds)
			}
		})
	}
}

func TestStanding(t *testing.T) {
	at := &clock{noon}
	l := ledger.New(filepath.Join(t.TempDir(), "ledger.jsonl"), key, at.now)
	observe := func(o ledger.Observation) ledger.Standing {
		t.Helper()
		s, err := l.Observe(o)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	observe(saw("", "", time.Time{}))
	if s := observe(saw("a", "r", time.Time{})); s.Rejected || !s.BornExact || !s.Born.Equal(noon) || s.OldestDeath != 0 {
		t.Errorf("after the sign-in: %+v", s)
	}
	at.at = noon.Add(50 * time.Hour)
	renewed := observe(saw("b", "s", time.Time{}))
	if age, exact := renewed.Age(at.at); age != 50*time.Hour || !exact {
		t.Errorf("a renewal made the login %v old, exact %v", age, exact)
	}
	at.at = noon.Add(90 * time.Hour)
	if err := l.Append(ledger.Event{Kind: ledger.Rejected, File: "/f", Login: renewed.Login}); err != nil {
		t.Fatal(err)
	}
	if s := observe(saw("b", "s", time.Time{})); !s.Rejected || s.OldestDeath != 90*time.Hour {
		t.Errorf("after the rejection: %+v", s)
	}
	if s := observe(emptied(saw("b", "", time.Time{}))); !s.Rejected || s.Born.IsZero() {
		t.Errorf("with the refresh token emptied: %+v", s)
	}
	at.at = noon.Add(100 * time.Hour)
	if s := observe(saw("c", "t", time.Time{})); s.Rejected || !s.Born.Equal(at.at) || s.OldestDeath != 90*time.Hour {
		t.Errorf("after the next sign-in: %+v", s)
	}
	if s := observe(saw("b", "s", time.Time{})); !s.Rejected {
		t.Errorf("the refused login put back: %+v", s)
	}
}

// TestObserveWritesOnlyChanges holds the cost of a status that finds nothing new: no byte is written, and nothing is
// locked.
func TestObserveWritesOnlyChanges(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "ledger.jsonl")
	l := open(path)
	if _, err := l.Observe(saw("a", "r", time.Time{})); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(filepath.Join(dir, "ledger.lock")); err != nil {
		t.Fatal(err)
	}
	before, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	for range 3 {
		if _, err := l.Observe(saw("a", "r", time.Time{})); err != nil {
			t.Fatal(err)
		}
	}
	after, err := os.Stat(path)
	if err != nil || after.Size() != before.Size() || !after.ModTime().Equal(before.ModTime()) {
		t.Errorf("the ledger was written: %v, %v", after, err)
	}
	if _, err := os.Stat(filepath.Join(dir, "ledger.lock")); err == nil {
		t.Error("the ledger was locked")
	}
}

func TestObserveInAReadOnlyHome(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "ledger.jsonl")
	o := saw("a", "r", time.Time{})
	id := open(path).Identify(o.Access, o.Refresh)
	for _, kind := range []ledger.Kind{ledger.SignedIn, ledger.Rejected} {
		if err := open(path).Append(ledger.Event{Kind: kind, File: "/f", Login: id}); err != nil {
			t.Fatal(err)
		}
	}
	// A directory in the place of the lock stops root too, whom no mode stops.
	if err := os.Remove(filepath.Join(dir, "ledger.lock")); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(filepath.Join(dir, "ledger.lock"), 0o700); err != nil {
		t.Fatal(err)
	}
	s, err := open(path).Observe(o)
	if err == nil || !s.Rejected {
		t.Errorf("standing %+v, error %v; want a rejected login and an error", s, err)
	}
}

// A Console key has no end, so the age at which one was revoked says nothing about logins.
func TestOldestDeathOfAKey(t *testing.T) {
	c := &clock{noon}
	l := ledger.New(filepath.Join(t.TempDir(), "ledger.jsonl"), key, c.now)
	id := l.IdentifyKey(secret.New("k"))
	if err := l.Append(ledger.Event{Kind: ledger.SignedIn, File: "/f", Login: id}); err != nil {
		t.Fatal(err)
	}
	c.at = june
	if err := l.Append(ledger.Event{Kind: ledger.Rejected, File: "/f", Login: id}); err != nil {
		t.Fatal(err)
	}
	r, err := l.Replay()
	if err != nil || !r.IsRejected(id) || r.OldestDeath() != 0 {
		t.Errorf("%v, oldest %v, %v", r.IsRejected(id), r.OldestDeath(), err)
	}
}
