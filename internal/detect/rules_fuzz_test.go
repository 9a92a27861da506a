package detect

import (
	"bytes"
	"testing"

	"github.com/claude-auth/claude-auth/internal/test/seeds"
)

// FuzzParseRules: whatever stands in the user's rules, the good lines make a set that a scanner can work with.
func FuzzParseRules(f *testing.F) {
	f.Add([]byte("# comment\nMy gateway says no… => rejected\nx => outage\n"))
	f.Add([]byte("=>\n => rejected\n\x1b[2J => rejected\nPlease run /login => no-login\n"))
	for _, text := range seeds.Texts(f) {
		if bytes.Contains(text, []byte("=>")) {
			f.Add(text)
		}
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		added, err := parseRules(text, "rules")
		if err == nil && len(added) == 0 && bytes.Contains(text, []byte("=>")) && !bytes.Contains(text, []byte("#")) {
			t.Fatalf("nothing was read from %q, and nothing said", text)
		}
		rules, err := newRules(append(builtin(), added...))
		if err != nil {
			return // twice the same phrase, say
		}
		s := NewScanner(rules)
		s.Scan(text, func(Finding) {})
		s.Scan([]byte("\nPlease run /login · API Error: 401 Invalid authentication credentials\n"), func(Finding) {})
	})
}
