package diagnose_test

import (
	"testing"
	"time"

	"github.com/claude-auth/claude-auth/internal/credentials"
	"github.com/claude-auth/claude-auth/internal/diagnose"
	"github.com/claude-auth/claude-auth/internal/ledger"
)

func TestStoredAt(t *testing.T) {
	second := time.Date(2026, 11, 27, 13, 57, 17, 0, time.UTC)
	early, late := second.Add(200*time.Millisecond), second.Add(700*time.Millisecond)
	for name, test := range map[string]struct {
		modified time.Time
		known    ledger.Stored
		want     time.Time
	}{
		"nothing is known":                   {},
		"only the file":                      {modified: late, want: late},
		"only the ledger":                    {known: ledger.Stored{By: late}, want: late},
		"a file that was edited later":       {late, ledger.Stored{By: early}, early},
		"a ledger that saw it late":          {early, ledger.Stored{By: late}, early},
		"an item in the second of the wipe":  {second, ledger.Stored{After: early, By: late}, early},
		"an item of a later second":          {second, ledger.Stored{After: second.Add(-time.Second), By: late}, second},
		"no time of the item, after a wipe":  {known: ledger.Stored{After: early}, want: early},
		"a wipe before the file was written": {late, ledger.Stored{After: early}, late},
	} {
		t.Run(name, func(t *testing.T) {
			got := diagnose.StoredAt(credentials.Snapshot{ModTime: test.modified}, test.known)
			if !got.Equal(test.want) {
				t.Errorf("%v, want %v", got, test.want)
			}
		})
	}
}
