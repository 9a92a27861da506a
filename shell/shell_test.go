package shell_test

import (
	"errors"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/claude-auth/claude-auth/internal/test/shells"
	"github.com/claude-auth/claude-auth/internal/test/tools"
	"github.com/claude-auth/claude-auth/shell"
)

func run(t *testing.T, s *shell.Shell, script string) string {
	t.Helper()
	tools.Need(t, s.Name)
	command := exec.Command(s.Name, slices.Concat(s.Bare, s.Strict, []string{"-c", script})...)
	command.Env = []string{"HOME=" + t.TempDir(), "PATH=/usr/bin:/bin", "LC_ALL=C.UTF-8"}
	out, err := command.CombinedOutput()
	if err != nil {
		t.Fatalf("%s -c %q: %v: %s", s.Name, script, err, out)
	}
	return string(out)
}

var words = []string{
	"", "a", "a b", "'", "''", "'''a'''", `"`, `\`, `\\`, `\'`, `'\''`, `a\`, "$HOME", "`id`", "$(id)", "!x", "~", "*",
	"?", "[a]", "{a,b}", "#a", "a;b", "a&b", "a|b", "<a>", "(a)", "a\nb", "a\tb", "-n", "--", "=ls", "%1", "é ü 漢",
	"\x01\x7f", "\xff\xfe", "a\r", "^a", "@EXE@", `\n`, `\x41`,
}

// Each shell gives back what was quoted for it.
func TestQuote(t *testing.T) {
	for _, s := range shell.All() {
		t.Run(s.Name, func(t *testing.T) {
			script, want := printWords(t, s)
			if got := run(t, s, script); got != want {
				t.Errorf("got  %q\nwant %q", got, want)
			}
			if _, err := s.Quote("a\x00b"); !errors.Is(err, shell.ErrNUL) {
				t.Errorf("NUL: %v", err)
			}
		})
	}
}

// printWords returns a command that prints all words, each with a NUL behind it, and what that prints.
func printWords(t *testing.T, s *shell.Shell) (script, want string) {
	t.Helper()
	script = "/usr/bin/printf '%s\\0'" // the builtin of some shells knows no \0
	d := shells.Of(t, s)
	for _, word := range words {
		if d.UTF8 && !utf8.ValidString(word) {
			continue
		}
		script += " " + mustQuote(t, s, word)
		want += word + "\x00"
	}
	return script, want
}

// With RC_QUOTES two quotes within quotes mean one quote to zsh.
func TestQuoteWithRCQuotesOfZsh(t *testing.T) {
	s := shell.ByName("zsh")
	script, want := printWords(t, s)
	if got := run(t, s, "setopt rc_quotes\neval "+mustQuote(t, s, script)); got != want {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}

func mustQuote(t *testing.T, s *shell.Shell, word string) string {
	t.Helper()
	quoted, err := s.Quote(word)
	if err != nil {
		t.Fatal(err)
	}
	return quoted
}

func TestByName(t *testing.T) {
	for _, s := range shell.All() {
		for _, name := range []string{s.Name, "/usr/local/bin/" + s.Name, "-" + s.Name} {
			if got := shell.ByName(name); got != s {
				t.Errorf("%q is not %s", name, s.Name)
			}
		}
	}
	for _, name := range []string{"", "/bin/sh", "tcsh", "-"} {
		if s := shell.ByName(name); s != nil {
			t.Errorf("%q is %s", name, s.Name)
		}
	}
}

// A list for people names every shell, in the order of use.
func TestList(t *testing.T) {
	names := shell.Names()
	last := len(names) - 1
	if got, want := shell.List("or"), strings.Join(names[:last], ", ")+" or "+names[last]; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
