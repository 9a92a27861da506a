package cmd

import (
	"strings"
	"testing"

	"github.com/claude-auth/claude-auth/internal/test/seeds"
)

func TestUnquote(t *testing.T) {
	for word, want := range map[string]string{
		``: ``, `a`: `a`, `a\|b`: `a|b`, `'a b'`: `a b`, `"a b"`: `a b`, `'a\b'`: `a\b`, `"a\b"`: `a\b`,
		`"a\"b"`: `a"b`, `"a\$b"`: `a$b`,
		`'open`: `open`, `"open`: `open`, `a'b'c"d"`: `abcd`, `it\'s`: `it's`, `'it'\''s'`: `it's`,
		`end\`: `end\`, `$(x)`: `$(x)`,
		"`x`": "`x`", `~/x`: `~/x`, `a\\.b`: `a\.b`, `''`: ``,
	} {
		if got := unquote(word); got != want {
			t.Errorf("unquote(%s) = %s, want %s", word, got, want)
		}
	}
}

// Whatever the words are, the answer is one that the scripts can read: a directive, and candidates without control
// characters.
func FuzzComplete(f *testing.F) {
	for _, words := range []string{
		"", "get\x00", "run\x00--\x00-p", "--file\x00/nowhere\x00get\x00a.", "backups\x00restore\x002", "help\x00e",
		"set\x00a\x00-\x00", "--file=", "-", "--", "get\x00--rev",
	} {
		f.Add(words)
	}
	for _, name := range []string{"get", "set", "unset", "status", "run", "backups", "help"} {
		for _, args := range seeds.Arguments(f, name) {
			f.Add(strings.Join(append([]string{name}, args...), "\x00"))
		}
	}
	p := testProgram()
	f.Fuzz(func(t *testing.T, text string) {
		words := unquoteAll(strings.Split(text, "\x00"))
		a := p.complete(words)
		lines := strings.Split(strings.TrimSuffix(a.text(), "\n"), "\n")
		if !strings.HasPrefix(lines[0], ":") || len(lines) > maxCandidates+1 {
			t.Fatalf("%q: %d lines, the first is %q", words, len(lines), lines[0])
		}
		current := words[len(words)-1]
		for _, line := range lines[1:] {
			value, about, _ := strings.Cut(line, "\t")
			if !strings.HasPrefix(value, current) || hasControl(value) || hasControl(about) {
				t.Errorf("%q: the candidate %q", words, line)
			}
		}
	})
}
