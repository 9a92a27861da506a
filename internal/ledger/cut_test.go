package ledger

import (
	"fmt"
	"path/filepath"
	"slices"
	"testing"
	"time"
)

// An interruption is noted once, whichever process finds it; the next renewal can be interrupted too.
func TestNoteCutOnce(t *testing.T) {
	l := New(filepath.Join(t.TempDir(), "ledger.jsonl"), nil, func() time.Time { return start })
	note := func(began, at time.Duration, by string, want bool) {
		t.Helper()
		if first, err := l.NoteCut("/f", a, Cut{start.Add(began), start.Add(at), by}); err != nil || first != want {
			t.Fatalf("the first to note %v: %v, %v", at, first, err)
		}
	}
	note(0, 5*time.Second, "SIGTERM", true)
	note(0, 4*time.Second, "", false) // the trace of the same one
	note(time.Microsecond, 5*time.Second, "SIGTERM", false)
	note(time.Hour, time.Hour, "", true)
	replay, err := l.Replay()
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, e := range replay.Events() {
		got = append(got, fmt.Sprint(e.Kind, e.Time.Sub(start), e.Detail["by"]))
	}
	if want := []string{"renewal-cut5sSIGTERM", "renewal-cut1h0m0s"}; !slices.Equal(got, want) {
		t.Errorf("the ledger has %q, want %q", got, want)
	}
	if e, ok := replay.Cut("/f", LoginID{Access: a.Access}); !ok || !e.Time.Equal(start.Add(time.Hour)) {
		t.Errorf("the newest interruption is %+v, %v", e, ok)
	}
}
