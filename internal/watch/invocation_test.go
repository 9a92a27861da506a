package watch

import (
	"slices"
	"strings"
	"testing"

	"github.com/claude-auth/claude-auth/internal/claude"
)

func TestParse(t *testing.T) {
	const text, json, streamJSON = claude.FormatText, claude.FormatJSON, claude.FormatStreamJSON
	for _, test := range []struct {
		args     string
		pipe     bool
		kind     Kind
		format   string
		prompt   string
		resume   string
		session  string
		persists bool
	}{
		{args: "", kind: Interactive, format: text, persists: true},
		{args: "", pipe: true, kind: Print, format: text, persists: true},
		{args: "-p hello", kind: Print, format: text, prompt: "hello", persists: true},
		{args: "hello --print", kind: Print, format: text, prompt: "hello", persists: true},
		{args: "-p --output-format json hello --verbose", kind: Print, format: json, prompt: "hello", persists: true},
		{args: "-p --output-format=stream-json hello", kind: Print, format: streamJSON, prompt: "hello", persists: true},
		{args: "-p --model opus hello", kind: Print, format: text, prompt: "hello", persists: true},
		{args: "-p --allowedTools Bash Edit -- hello", kind: Print, format: text, prompt: "hello", persists: true},
		{args: "-pc hello", kind: Print, format: text, prompt: "hello", persists: true},
		{args: "-r abc hello", kind: Interactive, format: text, prompt: "hello", resume: "abc", persists: true},
		{args: "-rabc", kind: Interactive, format: text, resume: "abc", persists: true},
		{args: "--resume -p", kind: Print, format: text, persists: true},
		{args: "--session-id 1-2 -p x --no-session-persistence", kind: Print, format: text, prompt: "x", session: "1-2"},
		{args: "mcp list", kind: Plain, format: text, prompt: "mcp", persists: true},
		{args: "--model x auth login", kind: Plain, format: text, prompt: "auth", persists: true},
		{args: "--version", kind: Plain, format: text, persists: true},
		{args: "-v", kind: Plain, format: text, persists: true},
		{args: "-p --help", kind: Plain, format: text, persists: true},
		{args: "--append-system-prompt --version", kind: Interactive, format: text, persists: true},
		{args: "-=x", kind: Interactive, format: text, persists: true},
		{args: "-- mcp", kind: Plain, format: text, prompt: "mcp", persists: true},
	} {
		inv := Parse(strings.Fields(test.args), !test.pipe)
		if inv.Kind != test.kind || inv.Format != test.format || inv.Prompt != test.prompt || inv.Resume != test.resume ||
			inv.SessionID != test.session || inv.NoPersistence == test.persists {
			t.Errorf("Parse(%q) = %+v", test.args, inv)
		}
	}
}

func TestTheWorktreeOfTheFirstRun(t *testing.T) {
	for args, want := range map[string]string{
		"-p hi":                       "-p hi",
		"-p --worktree mine hi":       "-p --worktree mine hi",
		"-p --worktree=mine hi":       "-p --worktree=mine hi",
		"-p hi -w":                    "--worktree NAME -p hi",
		"-p hi --worktree":            "--worktree NAME -p hi",
		"-p hi --worktree --verbose":  "--worktree NAME -p hi --verbose",
		"-pw --verbose hi":            "--worktree NAME -p --verbose hi",
		"-p hi -w -- --worktree":      "--worktree NAME -p hi -- --worktree",
		"-p --resume ID -w --model m": "--worktree NAME -p --resume ID --model m",
	} {
		inv := Parse(strings.Fields(args), false)
		if got := inv.In("NAME").Args; !slices.Equal(got, strings.Fields(want)) {
			t.Errorf("%q goes on as %q, want %q", args, got, want)
		}
		if got := inv.In("").Args; !slices.Equal(got, strings.Fields(args)) {
			t.Errorf("%q without a known worktree goes on as %q", args, got)
		}
	}
}

func TestResumed(t *testing.T) {
	for args, want := range map[string]string{
		"":                           "--resume ID",
		"hello":                      "--resume ID",
		"--model opus hello":         "--resume ID --model opus",
		"--continue --model opus":    "--resume ID --model opus",
		"-r old --verbose":           "--resume ID --verbose",
		"--session-id new --verbose": "--resume ID --verbose",
	} {
		if got := Parse(strings.Fields(args), true).Resumed("ID"); !slices.Equal(got, strings.Fields(want)) {
			t.Errorf("Resumed(%q) = %q, want %q", args, got, want)
		}
	}
}

func TestConverses(t *testing.T) {
	const both = "--input-format stream-json --output-format=stream-json"
	for args, want := range map[string]bool{
		both: true, "-p --verbose " + both: true, both + " --unknown mcp": true, both + " hello": true,
		"-p --output-format stream-json": false, "-p --input-format stream-json": false, "": false,
		"mcp serve": false, both + " --version": false,
	} {
		if got := Parse(strings.Fields(args), false).Converses(); got != want {
			t.Errorf("%q: %t", args, got)
		}
	}
	if Parse(strings.Fields(both), true).Converses() {
		t.Error("a session on a terminal is no conversation")
	}
}

func TestBackgroundSessions(t *testing.T) {
	for _, test := range []struct {
		args            []string
		kind            Kind
		attaches        string
		starts, renewal bool
	}{
		{[]string{"attach", "1a2b3c4d"}, Interactive, "1a2b3c4d", false, true},
		{[]string{"attach", "--help"}, Plain, "", false, false},
		{[]string{"attach"}, Plain, "", false, false},
		{[]string{"--bg", "fix it"}, Plain, "", true, true},
		{[]string{"respawn", "1a2b3c4d"}, Plain, "", true, true},
		{[]string{"respawn", "--help"}, Plain, "", false, false},
		{[]string{"-p", "attach"}, Plain, "", false, false},
		{[]string{"logs", "1a2b3c4d"}, Plain, "", false, false},
	} {
		inv := Parse(test.args, true)
		if inv.Kind != test.kind || inv.Attaches != test.attaches || inv.startsBackground() != test.starts ||
			inv.Renews() != test.renewal {
			t.Errorf("%q: %v, attaches %q, starts %v, renews %v", test.args, inv.Kind, inv.Attaches, inv.startsBackground(),
				inv.Renews())
		}
	}
	if inv := Parse([]string{"attach", "1a2b3c4d"}, false); inv.Kind != Plain {
		t.Errorf("attach without a terminal: %v", inv.Kind)
	}
	if got := Parse([]string{"attach", "1a2b3c4d"}, true).Resumed("x"); len(got) != 2 || got[0] != "attach" {
		t.Errorf("resumed: %q", got)
	}
}
