package ledger

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

var start = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

func encodeAll(t *testing.T, events []Event) []byte {
	t.Helper()
	var text []byte
	for _, e := range events {
		raw, err := e.encode()
		if err != nil {
			t.Fatal(err)
		}
		text = append(text, raw...)
	}
	return text
}

// story makes up the lives of the logins in one file: signed in, renewed a few hundred times, every other time by this
// program, interrupted at last, rejected again and again by runs that meet it, wiped.
func story(file string, lives, renewals int) []Event {
	at := start
	var events []Event
	add := func(kind Kind, id LoginID, detail map[string]string) {
		at = at.Add(time.Hour)
		events = append(events, Event{Time: at, Kind: kind, File: file, Login: id, Detail: detail})
	}
	for n := range lives {
		id := LoginID{Access: fmt.Sprintf("a%d", n), Refresh: fmt.Sprintf("r%d", n)}
		add(SignedIn, id, nil)
		for i := range renewals + n {
			if i%2 == 0 {
				add(RenewalBegun, id, map[string]string{"by": "run"})
			}
			id.Access = fmt.Sprintf("a%d.%d", n, i)
			add(Renewed, id, nil)
		}
		if n == lives-1 {
			break
		}
		add(RenewalBegun, id, nil)
		add(RenewalCut, id, map[string]string{"by": "SIGTERM"})
		for range 5 {
			add(Rejected, id, map[string]string{"rule": "401"})
		}
		add(Attempted, id, nil)
		add(Wiped, id, nil)
	}
	return events
}

// outline is what a compaction must not change of a life.
type outline struct {
	File      string
	Login     LoginID
	SignedIn  time.Time
	Renewals  int
	Guarded   int
	Last      time.Time
	Ended     time.Time
	How       End
	Rejection string
	Cut       string
}

func outlines(b *Replay) []outline {
	var list []outline
	for _, l := range b.Lives() {
		o := outline{
			File: l.File, Login: l.Login, SignedIn: l.SignedIn, Renewals: l.Renewals,
			Guarded: l.Guarded, Last: l.LastRenewed, Ended: l.Ended, How: l.How,
		}
		if l.Rejection != nil {
			o.Rejection = l.Rejection.Time.String()
		}
		if l.Cut != nil {
			o.Cut = l.Cut.Time.String() + l.Cut.Detail["by"]
		}
		list = append(list, o)
	}
	return list
}

func TestCompactionMergesRenewalsFirst(t *testing.T) {
	text := encodeAll(t, story("/f", 6, 300))
	before := NewReplay(decodeAll(text))
	small := compacted(text, len(text)/8)
	after := NewReplay(decodeAll(small))
	if len(small) > len(text)/8 {
		t.Errorf("%d bytes of %d are left", len(small), len(text))
	}
	if !slices.Equal(outlines(before), outlines(after)) {
		t.Errorf("the lives have changed:\nbefore %+v\nafter  %+v", outlines(before), outlines(after))
	}
	last := after.Lives()[5]
	if len(last.RenewedAt) < recentRenewals || last.Renewals != 305 || last.Guarded != 153 {
		t.Errorf("the newest life tells %d renewals apart of %d", len(last.RenewedAt), last.Renewals)
	}
	again := compacted(small, len(small)/2)
	b := NewReplay(decodeAll(again))
	if last := b.Lives()[len(b.Lives())-1]; last.Renewals != 305 || last.Guarded != 153 {
		t.Errorf("a second compaction has lost count: %+v", outlines(b))
	}
}

// Guarded renewals write two lines where others write one. Compaction removes the first line of each before anything
// else, so that the ledger remembers no less than without them.
func TestCompactionRemovesBeginningsFirst(t *testing.T) {
	events := story("/f", 3, 300)
	plain := slices.DeleteFunc(slices.Clone(events), func(e Event) bool { return e.Kind == RenewalBegun })
	text, before := encodeAll(t, events), NewReplay(events)
	small := compacted(text, len(encodeAll(t, plain)))
	after := NewReplay(decodeAll(small))
	if !slices.Equal(outlines(before), outlines(after)) {
		t.Errorf("the lives have changed:\nbefore %+v\nafter  %+v", outlines(before), outlines(after))
	}
	for i, life := range after.Lives() {
		if was := before.Lives()[i]; len(life.RenewedAt) < len(was.RenewedAt) {
			t.Errorf("life %d tells %d renewals apart, was %d", i, len(life.RenewedAt), len(was.RenewedAt))
		}
	}
	if begun := bytes.Count(small, []byte(RenewalBegun)); begun > 0 {
		t.Errorf("%d beginnings are left", begun)
	}
}

// What the guard has found out about each client is kept, and only its newest line.
func TestCompactionKeepsWhatFailedOfTheRenewer(t *testing.T) {
	events := story("/f", 4, 50)
	for i := range 20 {
		client := map[string]string{"client": fmt.Sprint("2.1.", i%2)}
		events = append(events, Event{Time: start, Kind: RenewerFailed, File: fmt.Sprint("/", i), Detail: client})
	}
	text := encodeAll(t, append(events, story("/f", 1, 5)...))
	small := compacted(text, len(text)/6)
	for _, client := range []string{"2.1.0", "2.1.1"} {
		if bytes.Count(small, []byte(client)) != 1 {
			t.Errorf("what is known of client %s:\n%s", client, small)
		}
	}
}

func TestCompactionKeepsWhatIsVital(t *testing.T) {
	events := story("/f", 40, 3)
	deaths := NewReplay(events).OldestDeath()
	id := LoginID{Access: "other", Refresh: "other"}
	events = append(events,
		Event{Time: start, Kind: SignedIn, File: "/g", Login: id},
		Event{Time: start, Kind: Rejected, File: "/g", Login: id})
	text := encodeAll(t, events)
	b := NewReplay(decodeAll(compacted(text, 1)))
	if got := b.OldestDeath(); got != deaths {
		t.Errorf("oldest death %v, was %v", got, deaths)
	}
	if !b.IsRejected(id) {
		t.Error("the newest rejection is lost")
	}
	if life, ok := b.Current("/f"); !ok || life.Login.Access != "a39.41" || life.Renewals != 42 || life.SignedIn.IsZero() {
		t.Errorf("the login in /f is now %+v", life)
	}
	for _, life := range b.Lives() {
		if life.SignedIn.IsZero() {
			t.Errorf("a life has lost its beginning: %+v", life)
		}
	}
}

func TestCompactionKeepsUnknownKinds(t *testing.T) {
	strange := `{"time":"2027-01-01T00:00:00Z","kind":"blessed","file":"/f","grace":{"deep":[1,2]}}` + "\n"
	future := `{"time":"2027-01-01T00:00:00Z","kind":"renewed","access":"z","refresh":"z","file":"/f","future":[1]}` + "\n"
	text := append(encodeAll(t, story("/f", 4, 200)), strange+future...)
	small := compacted(text, 8000)
	for _, want := range []string{strange, `"future":[1]`} {
		if !bytes.Contains(small, []byte(want)) {
			t.Errorf("%s is lost", want)
		}
	}
}

func TestTheLedgerIsBounded(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ledger.jsonl")
	l := New(path, nil, time.Now)
	var events []Event
	for i := range 12 {
		events = append(events, story(fmt.Sprintf("/home/u/%d/.credentials.json", i), 3, 300)...)
	}
	largest := int64(0)
	for chunk := range slices.Chunk(events, 500) {
		if err := l.Append(chunk...); err != nil {
			t.Fatal(err)
		}
		info, err := os.Stat(path)
		if err != nil || info.Mode().Perm() != 0o600 {
			t.Fatalf("%v, %v", info, err)
		}
		largest = max(largest, info.Size())
	}
	if largest < maxSize/2 || largest > maxSize {
		t.Errorf("the ledger has grown to %d bytes", largest)
	}
	replay, err := l.Replay()
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(outlines(NewReplay(events)), outlines(replay)) {
		t.Error("the lives have changed")
	}
	if left, _ := filepath.Glob(path + ".*"); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

// lastRejection is the newest rejection in any file.
func (r *Replay) lastRejection() (Event, bool) {
	return r.last(func(e *Event) bool { return e.Kind == Rejected })
}

var someKinds = []Kind{
	Observed, SignedIn, Renewed, Rejected, Accepted, Blanked, Removed, Wiped, Restored, LoginFailed, Declined,
	Silenced, AskAgain, Attempted, Notified, RenewalBegun, RenewalFailed, RenewalCut, RenewerFailed, "new-kind",
}

// anything is events in no sensible order.
func anything(r *rand.Rand) []Event {
	var events []Event
	for i := range r.IntN(200) {
		events = append(events, Event{
			Time: start.Add(time.Duration(i) * time.Minute), Kind: someKinds[r.IntN(len(someKinds))],
			File:  strings.Repeat("/f", r.IntN(3)),
			Login: LoginID{Access: strings.Repeat("a", r.IntN(4)), Refresh: strings.Repeat("r", r.IntN(3))},
		})
	}
	return events
}

// plausible is what happens: new tokens come with a sign-in or a renewal, only what is there is removed, and an undo
// restores the tokens that were removed last. (Older tokens of a login that are restored over newer ones may be told
// more shortly after a compaction.)
func plausible(r *rand.Rand) []Event {
	var events []Event
	now, gone := map[string]LoginID{}, map[string]bool{}
	for i := range r.IntN(300) {
		e := Event{
			Time: start.Add(time.Duration(i) * time.Minute), Kind: someKinds[r.IntN(len(someKinds))],
			File: []string{"/f", "/g", "/h"}[r.IntN(3)],
		}
		switch e.Kind {
		case Observed:
			if _, met := now[e.File]; met {
				continue
			}
			fallthrough
		case SignedIn, Renewed:
			now[e.File] = LoginID{Access: fmt.Sprint("a", i), Refresh: fmt.Sprint("r", i)}
		}
		switch e.Kind {
		case Blanked, Removed, Wiped:
			if gone[e.File] {
				continue
			}
			gone[e.File] = e.Kind != Blanked
		case SignedIn, Renewed, Restored:
			gone[e.File] = false
		}
		e.Login = now[e.File]
		events = append(events, e)
	}
	return events
}

func TestCompactionOfAnything(t *testing.T) {
	for seed := range uint64(500) {
		r := rand.New(rand.NewPCG(seed, 1))
		text := encodeAll(t, anything(r))
		before := NewReplay(decodeAll(text))
		small := compacted(text, r.IntN(len(text)+1))
		if len(small) > len(text)+64*len(before.Lives()) {
			t.Fatalf("seed %d: %d bytes became %d", seed, len(text), len(small))
		}
		want, had := before.lastRejection()
		got, has := NewReplay(decodeAll(small)).lastRejection()
		if had != has || !want.Time.Equal(got.Time) {
			t.Fatalf("seed %d: the newest rejection was %+v, is %+v", seed, want, got)
		}
	}
}

func TestCompactionKeepsTheStoredLogins(t *testing.T) {
	for seed := range uint64(500) {
		r := rand.New(rand.NewPCG(seed, 2))
		text := encodeAll(t, plausible(r))
		before := NewReplay(decodeAll(text))
		small := compacted(text, r.IntN(len(text)+1))
		after := NewReplay(decodeAll(small))
		if before.OldestDeath() != after.OldestDeath() {
			t.Fatalf("seed %d: the oldest death was %v, is %v\n%s\n->\n%s",
				seed, before.OldestDeath(), after.OldestDeath(), text, small)
		}
		for file := range before.newest {
			was, _ := before.Current(file)
			is, ok := after.Current(file)
			if !ok || was.Login != is.Login || was.How != is.How ||
				!was.Ended.Equal(is.Ended) || !was.SignedIn.Equal(is.SignedIn) ||
				was.Renewals != is.Renewals || was.Guarded != is.Guarded || !sameTime(was.Cut, is.Cut) ||
				before.IsRejected(was.Login) != after.IsRejected(is.Login) {
				t.Fatalf("seed %d, %q: the login was\n%+v, is\n%+v\n%s\n->\n%s", seed, file, was, is, text, small)
			}
		}
	}
}

func sameTime(a, b *Event) bool {
	if a == nil || b == nil {
		return a == b
	}
	return a.Time.Equal(b.Time)
}

func BenchmarkReplay(b *testing.B) {
	var text []byte
	for _, e := range story("/f", 100, 960) {
		raw, _ := e.encode()
		text = append(text, raw...)
	}
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		NewReplay(decodeAll(text))
	}
}
