package ledger

import (
	"bytes"
	"testing"

	"github.com/claude-auth/claude-auth/internal/test/seeds"
)

// FuzzLedger: whatever stands in the ledger, it can be replayed and asked, and compacting it keeps lines of it
// only, says nothing new about any login, and comes to an end.
func FuzzLedger(f *testing.F) {
	var whole []byte
	for _, e := range story("/f", 3, 2) {
		text, err := e.encode()
		if err != nil {
			f.Fatal(err)
		}
		whole = append(append(whole, text...), '\n')
	}
	f.Add(whole)
	f.Add(bytes.Repeat(whole, 3))
	f.Add([]byte("{}\n{\"time\":\"2026-01-01T00:00:00Z\"}\n\x00\nnull\n"))
	for _, text := range seeds.Texts(f) {
		if bytes.Contains(text, []byte(`"kind"`)) || bytes.Contains(text, []byte("\n{")) {
			f.Add(text)
		}
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		replay := NewReplay(decodeAll(text))
		lives := replay.Lives()
		for _, event := range replay.events {
			_ = replay.IsRejected(event.Login)
		}
		short := compacted(bytes.Clone(text), len(text)/2)
		again := NewReplay(decodeAll(short))
		if got, want := again.OldestDeath(), replay.OldestDeath(); got != want && len(text) < 1000 {
			t.Fatalf("the oldest death was %v and is %v after compaction of %q", want, got, text)
		}
		if len(again.Lives()) > len(lives) {
			t.Fatalf("%d lives became %d", len(lives), len(again.Lives()))
		}
	})
}
