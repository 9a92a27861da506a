package ledger

import (
	"reflect"
	"testing"
	"time"

	"github.com/claude-auth/claude-auth/internal/cache"
	"github.com/claude-auth/claude-auth/internal/test/seeds"
)

var seenSample = seen{
	Ledger: cache.Stamp{Inode: 7, Size: 8, Changed: 9},
	Entries: []seenEntry{
		{"/a b/\nc", Standing{LoginID{"aa", "bb"}, true, time.UnixMilli(11).UTC(), true, 10 * time.Second}},
		{"/d", Standing{BornExact: true, Born: time.UnixMilli(1).UTC()}},
		{"/e", Standing{Rejected: true, Login: LoginID{Access: "cc"}}}, {"/f", Standing{}},
	},
}

// TestSeenIsStrict cuts the file at every byte: what is read is refused, or says the same as its own text does.
func TestSeenIsStrict(t *testing.T) {
	whole := string(seenSample.encode())
	if got, ok := decodeSeen(whole); !ok || !reflect.DeepEqual(got, seenSample) {
		t.Errorf("got %+v, %v\nwant %+v", got, ok, seenSample)
	}
	for cut := range len(whole) {
		if got, ok := decodeSeen(whole[:cut]); ok && string(got.encode()) != whole[:cut] {
			t.Errorf("the first %d bytes were taken for %+v", cut, got)
		}
	}
	for _, text := range []string{
		"", "\n", "claude-auth-seen 1\n00 0 0 0 0\n",
		"18\nclaude-auth-seen 1", "18\nclaude-auth-seen 2", "18\nclaude-auth-seen 3",
	} {
		if got, ok := decodeSeen(text); ok {
			t.Errorf("%q was taken for %+v", text, got)
		}
	}
}

func FuzzSeen(f *testing.F) {
	f.Add(string(seenSample.encode()))
	for _, text := range seeds.Texts(f) {
		f.Add(string(text))
	}
	f.Fuzz(func(t *testing.T, text string) {
		got, ok := decodeSeen(text)
		if !ok {
			return
		}
		if again, ok := decodeSeen(string(got.encode())); !ok || !reflect.DeepEqual(got, again) {
			t.Errorf("%q was taken for %+v, which writes itself as %q", text, got, got.encode())
		}
	})
}
