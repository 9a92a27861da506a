package shell_test

import (
	"errors"
	"os/exec"
	"slices"
	"testing"

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
			script, want := "printf '%s\\0'", ""
			for _, word := range words {
				quoted, err := s.Quote(word)
				if err != nil {
					t.Fatal(err)
				}
				script += " " + quoted
				want += word + "\x00"
			}
			if got := run(t, s, script); got != want {
				t.Errorf("got  %q\nwant %q", got, want)
			}
			if s.Name == "zsh" {
				if got := run(t, s, "setopt rc_quotes\neval "+mustQuote(t, s, script)); got != want {
					t.Errorf("with rc_quotes got %q", got)
				}
			}
			if _, err := s.Quote("a\x00b"); !errors.Is(err, shell.ErrNUL) {
				t.Errorf("NUL: %v", err)
			}
		})
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
	for name, want := range map[string]string{
		"bash": "bash", "/usr/local/bin/fish": "fish", "-zsh": "zsh", "/bin/sh": "", "": "", "tcsh": "",
	} {
		got := ""
		if s := shell.ByName(name); s != nil {
			got = s.Name
		}
		if got != want {
			t.Errorf("%q: %q, want %q", name, got, want)
		}
	}
}

func TestList(t *testing.T) {
	if got := shell.List("or"); got != "bash, zsh or fish" {
		t.Errorf("got %q", got)
	}
}
