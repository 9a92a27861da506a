package hooks_test

import (
	"cmp"
	"errors"
	"io/fs"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/claude-auth/claude-auth/hooks"
	"github.com/claude-auth/claude-auth/internal/test/shells"
	"github.com/claude-auth/claude-auth/shell"
)

// pretendCompletion answers __complete with $HOME/candidates, and keeps the words it was given.
const pretendCompletion = `#!/bin/sh
if [ "$1" = __complete ]; then
  for word; do printf '[%s]' "$word"; done >"$HOME/words"
  cat "$HOME/candidates"
  exit
fi
printf 'called:'
for word; do printf ' [%s]' "$word"; done
printf '.\n'
`

// completing starts s with its line editor and the completion loaded.
func (w *world) completing(s *shell.Shell) *terminal {
	w.t.Helper()
	w.write(w.exe, pretendCompletion, 0o755)
	w.write(w.path("bin/claude-auth"), pretendCompletion, 0o755)
	text, err := hooks.Completion(s, w.exe)
	if err != nil {
		w.t.Fatal(err)
	}
	w.write(w.path("completion"), text, 0o644)
	load := loadAtStart(s, w.path("completion"))
	d := shells.Of(w.t, s)
	return w.interactive(s, cmp.Or(d.Editing, d.Preamble)+load+d.ClientCompletion)
}

// eachCompleting runs a test in every shell that can complete.
func eachCompleting(t *testing.T, test func(t *testing.T, s *shell.Shell, w *world)) {
	each(t, func(t *testing.T, s *shell.Shell, w *world) {
		if s.Completion == "" {
			t.Skip(s.Name + " has no programmable completion")
		}
		test(t, s, w)
	})
}

// otherQuotes matches what is typed otherwise in a shell whose language is not like that of sh: quotes, and what
// follows a word that a completion has put in quotes.
var otherQuotes = regexp.MustCompile("['\"\\\\]|\\.\t\\.")

func TestCompletion(t *testing.T) {
	odd := `mcpOAuth.srv|a b:c"d'e$(touch pwned)` + "`f`;&\\"
	tests := []struct{ typed, candidates, called, words string }{
		{"sta\t", ":none\nstatus\tthe state of the login\n", "[status]", "[sta]"},
		{"status --format=js\t", ":none\n--format=json\tfor programs\n", "[status] [--format=json]", "[status][--format=js]"},
		{"status --format=\t", ":none\n--format=json\n", "[status] [--format=json]", "[status][--format=]"},
		{"get mcpO\t", ":none\n" + odd + "\tkey\n", "[get] [" + odd + "]", "[get][mcpO]"},
		{"get a:b\t", ":none\na:bc:d\n", "[get] [a:bc:d]", "[get][a:b]"},
		{"get a\\:b\t", ":none\na:bc\n", "[get] [a:bc]", ""},
		{"get a:\t", ":none\na:bc\n", "[get] [a:bc]", "[get][a:]"},
		{"get \"a b\t\n", ":none\na b c\n", "[get] [a b c]", ""},
		{"--fi\tx", ":nospace\n--file=\n", "[--file=x]", "[--fi]"},
		{"detect fil\t", ":files\n", "[detect] [file in here]", "[detect][fil]"},
		{"detect -x fil\t", ":files unknown\nother\n", "[detect] [-x] [file in here]", "[detect][-x][fil]"},
		{"undo \t", ":none\n2026-11-23\tsigned in again\n", "[undo] [2026-11-23]", "[undo][]"},
		{"undo 'x y' \t", ":none\nz\n", "[undo] [x y] [z]", ""},
		{"show \t", ":none\n", "[show]", "[show][]"}, // no file names where none belong
		{"show \t", "", "[show]", "[show][]"},
	}
	eachCompleting(t, func(t *testing.T, s *shell.Shell, w *world) {
		w.write(w.path("file in here"), "", 0o644)
		term := w.completing(s)
		term.waitFor(`\[ready\]`)
		for _, test := range tests {
			if shells.Of(t, s).Foreign && otherQuotes.MatchString(test.typed) {
				continue
			}
			w.write(w.path("candidates"), test.candidates, 0o644)
			term.send("claude-auth " + test.typed + "\n")
			if got := term.waitFor(`(?s)called:[^\n]*\n`); !strings.Contains(got, "called: "+test.called+".") {
				t.Errorf("%q with %q: %s", test.typed, test.candidates, got)
			}
			words, err := os.ReadFile(w.path("words"))
			if err != nil {
				t.Fatal(err)
			}
			if want := "[__complete][" + s.Name + "]" + test.words; test.words != "" && string(words) != want {
				t.Errorf("%q: the words were %s, want %s", test.typed, words, want)
			}
		}
	})
}

// What is typed is data: TAB runs none of it. (zsh's own expand-or-complete, its usual TAB, expands a word of any
// command before a completion is asked; so TAB is complete-word here.)
func TestCompletionEvaluatesNothing(t *testing.T) {
	eachCompleting(t, func(t *testing.T, s *shell.Shell, w *world) {
		w.write(w.path("candidates"), ":none\nend\n", 0o644)
		term := w.completing(s)
		term.waitFor(`\[ready\]`)
		for _, typed := range []string{
			"$(touch pwned)", "`touch pwned`", "a[$(touch pwned)]", "(touch pwned)", `"$(touch pwned)`,
			"${x:-$(touch pwned)}", "get 'a' $(touch pwned) ",
		} {
			if err := os.Remove(w.path("words")); err != nil && !errors.Is(err, fs.ErrNotExist) {
				t.Fatal(err)
			}
			term.send("claude-auth " + typed + "\t\x15")
			term.send("claude-auth status\n")
			term.waitFor(`called: \[status\]\.`)
			if _, err := os.Stat(w.path("pwned")); err == nil {
				t.Fatalf("%q was evaluated", typed)
			}
		}
	})
}

// After `run --` and `foo` the line is another program's, with a completion of its own.
func TestCompletionHandsOver(t *testing.T) {
	eachCompleting(t, func(t *testing.T, s *shell.Shell, w *world) {
		if shells.Of(t, s).ClientCompletion == "" {
			t.Skip("a completion can't hand the line over: file names are offered")
		}
		term := w.completing(s)
		term.waitFor(`\[ready\]`)
		w.write(w.path("candidates"), ":client 3\n", 0o644)
		term.send("claude-auth run -- -p --mo\t\n")
		has(t, term.waitFor(`called:[^\n]*\n`), "[run] [--] [-p] [--model].")
		w.write(w.path("candidates"), ":exec claude 2\n", 0o644)
		term.send("claude-auth foo --mo\t\n")
		has(t, term.waitFor(`called:[^\n]*\n`), "[foo] [--model].")
	})
}

func TestCompletionIsSilentWithoutTheProgram(t *testing.T) {
	eachCompleting(t, func(t *testing.T, s *shell.Shell, w *world) {
		w.write(w.path("candidates"), ":none\n", 0o644)
		term := w.completing(s)
		term.waitFor(`\[ready\]`)
		if err := os.Remove(w.exe); err != nil {
			t.Fatal(err)
		}
		term.send("claude-auth sta\t\n")
		said := term.waitFor(`called: \[sta\]\.`)
		lacks(t, strings.ReplaceAll(said, cmp.Or(shells.Of(t, s).NoCandidates, "\x00"), ""), "rror")
	})
}

// The options of a completion must not be those of the hook: both may be loaded, in any order.
func TestCompletionBesideTheHook(t *testing.T) {
	eachCompleting(t, func(t *testing.T, s *shell.Shell, w *world) {
		completion, err := hooks.Completion(s, w.exe)
		if err != nil {
			t.Fatal(err)
		}
		w.write(w.path("completion"), completion, 0o644)
		load := load(s, w.path("completion")) + load(s, w.hook(s, hooks.Options{}))
		w.want(s, load+load+"claude a\n", "claude-auth [run] [--] [a]\n", 0)
	})
}
