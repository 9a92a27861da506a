package hooks_test

import (
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/claude-auth/claude-auth/cmd"
	"github.com/claude-auth/claude-auth/internal/credentials"
	"github.com/claude-auth/claude-auth/internal/test/shells"
	"github.com/claude-auth/claude-auth/shell"
)

// The program itself is this test binary under its name.
func TestMain(m *testing.M) {
	if filepath.Base(os.Args[0]) == "claude-auth" {
		os.Exit(cmd.Main(os.Args))
	}
	os.Exit(m.Run())
}

// useProgram puts the real program where the completion asks for its answers. What is on PATH still prints its
// arguments: that is how the completed line is seen.
func (w *world) useProgram() {
	w.t.Helper()
	self, err := os.Executable()
	if err != nil {
		w.t.Fatal(err)
	}
	if err := os.Remove(w.exe); err != nil {
		w.t.Fatal(err)
	}
	if os.Link(self, w.exe) == nil {
		return
	}
	from, err := os.Open(self) // another file system
	if err != nil {
		w.t.Fatal(err)
	}
	defer from.Close()
	to, err := os.OpenFile(w.exe, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o755)
	if err != nil {
		w.t.Fatal(err)
	}
	if _, err = io.Copy(to, from); err != nil {
		w.t.Fatal(err)
	}
	if err := to.Close(); err != nil {
		w.t.Fatal(err)
	}
}

// program runs the real program and returns what it printed.
func (w *world) program(args ...string) string {
	w.t.Helper()
	command := exec.Command(w.exe, args...)
	command.Env, command.Dir = w.env, w.home
	out, err := command.CombinedOutput()
	if err != nil {
		w.t.Fatalf("claude-auth %s: %v: %s", strings.Join(args, " "), err, out)
	}
	return string(out)
}

// oddKey tries the quoting of every shell, and would be seen to have been evaluated.
const oddKey = "odd|k:1 $(touch pwned)`touch pwned`;&'\"\\"

const tabDocument = `{"claudeAiOauth":{"accessToken":"sk-ant-oat01-FIXTUREtab",` +
	`"refreshToken":"sk-ant-ort01-FIXTUREtab","expiresAt":1999999999999,"subscriptionType":"fixtureplan"},` +
	`"odd|k:1 $(touch pwned)` + "`touch pwned`" + `;&'\"\\":1,` +
	`"mcpOAuth":{"notes|0a":{"accessToken":"FIXTURE-mcp","onlyOne":"fixturevalue"}}}`

// TestTab drives each completion in its real shell by a real TAB, with the real program behind it.
func TestTab(t *testing.T) {
	eachCompleting(t, func(t *testing.T, s *shell.Shell, w *world) {
		file := w.path(".claude/.credentials.json")
		term := w.completing(s)
		w.useProgram()
		w.write(file, tabDocument, 0o600)
		w.write(w.path("bin/claude-auth-zebra"), "#!/bin/sh\n", 0o755)
		w.write(w.path("a recording"), "", 0o644)
		w.program("wipe")
		w.program("undo")
		list, err := credentials.OpenBackups(w.path(".local/state/claude-auth/backups")).List()
		if err != nil || len(list) != 1 {
			t.Fatalf("%d backups, %v", len(list), err)
		}
		term.waitFor(`\[ready\]`)
		for _, test := range tabs(list[0].ID) {
			if shells.Of(t, s).Foreign && otherQuotes.MatchString(test.typed) {
				continue
			}
			term.send("claude-auth " + test.typed + "\n")
			if got := term.waitFor(`(?s)called:[^\n]*\n`); !strings.Contains(got, "called: "+test.called+".") {
				t.Errorf("%q: %s", test.typed, got)
			}
		}
		listsKeysOnly(t, s, term)
		for _, typed := range []string{
			"get $(touch pwned)", "get `touch pwned`", `get "$(touch pwned)`, "--file $(touch pwned) get ",
		} {
			term.send("claude-auth " + typed + "\t\x15")
			term.send("claude-auth end\n")
			term.waitFor(`called: \[end\]\.`)
		}
		if _, err := os.Stat(w.path("pwned")); err == nil {
			t.Error("something that was typed, or stood in the document, was evaluated")
		}
		if text, err := os.ReadFile(file); err != nil || string(text) != tabDocument {
			t.Errorf("the document has changed: %v", err)
		}
	})
}

// tab is what is typed after the program's name, and the arguments that the program then gets.
type tab struct{ typed, called string }

// tabs are completions over tabDocument, with one backup, whose id is given.
func tabs(backup string) []tab {
	odd := credentials.Path{{Name: oddKey}}.String()
	return []tab{
		{"hist\t", "[history]"},
		{"zeb\t", "[zebra]"}, // an external subcommand
		{"wipe --dr\t", "[wipe] [--dry-run]"},
		{"get --rev\t x", "[get] [--reveal] [x]"},
		{"status --no-c\t", "[status] [--no-color]"}, // a global flag
		{"status --format po\t", "[status] [--format] [porcelain]"},
		{"status --format=po\t", "[status] [--format=porcelain]"},
		{"run --mode au\t", "[run] [--mode] [auto]"},
		{"help rej\t", "[help] [rejected]"}, // a state
		{"help exit\t", "[help] [exit-codes]"},
		{"get claudeAiOauth.exp\t", "[get] [claudeAiOauth.expiresAt]"},
		{"unset claudeAiOauth.sub\t", "[unset] [claudeAiOauth.subscriptionType]"},
		{"set claudeAiOauth.acc\t \t", "[set] [claudeAiOauth.accessToken] [-]"},
		{"get 'claudeAiOauth.exp\t", "[get] [claudeAiOauth.expiresAt]"},
		{"get \"claudeAiOauth.exp\t", "[get] [claudeAiOauth.expiresAt]"},
		{
			"--file '.claude/.credentials.json' get claudeAiOauth.exp\t",
			"[--file] [.claude/.credentials.json] [get] [claudeAiOauth.expiresAt]",
		},
		{"get odd\t", "[get] [" + odd + "]"},
		{"get mcpOAuth.\t.only\t", `[get] [mcpOAuth.notes\|0a.onlyOne]`},
		{"backups rest\t2\t", "[backups] [restore] [" + backup + "]"},
		{"completion fi\t", "[completion] [fish]"},
		{"init z\t", "[init] [zsh]"},
		{"detect a\\ rec\t", "[detect] [a recording]"},
		{
			"--file .claude/.cred\t get claudeAiOauth.exp\t",
			"[--file] [.claude/.credentials.json] [get] [claudeAiOauth.expiresAt]",
		},
		{"get nothinglikethis\t", "[get] [nothinglikethis]"},
	}
}

// listsKeysOnly checks that a list of candidates shows no value of the document.
func listsKeysOnly(t *testing.T, s *shell.Shell, term *terminal) {
	t.Helper()
	from := len(term.all())
	term.send("claude-auth get claudeAiOauth." + shells.Of(t, s).ListKeys)
	term.waitFor(`subscriptionType`)
	term.send("\n")
	term.waitFor(`called:[^\n]*\n`)
	for _, value := range []string{"FIXTURE", "fixtureplan", "1999999999999"} {
		lacks(t, term.all()[from:], value)
	}
}
