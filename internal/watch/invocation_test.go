package watch

import (
	"slices"
	"strings"
	"testing"
)

func TestParse(t *testing.T) {
	for _, test := range []struct {
		args     string
		pipe     bool
		kind     Kind
		format   Format
		prompt   string
		resume   string
		session  string
		verbose  bool
		persists bool
	}{
		{args: "", kind: Interactive, format: Text, persists: true},
		{args: "", pipe: true, kind: Print, format: Text, persists: true},
		{args: "-p hello", kind: Print, format: Text, prompt: "hello", persists: true},
		{args: "hello --print", kind: Print, format: Text, prompt: "hello", persists: true},
		{
			args: "-p --output-format json hello --verbose", kind: Print, format: JSON, prompt: "hello",
			verbose: true, persists: true,
		},
		{args: "-p --output-format=stream-json hello", kind: Print, format: StreamJSON, prompt: "hello", persists: true},
		{args: "-p --model opus hello", kind: Print, format: Text, prompt: "hello", persists: true},
		{args: "-p --allowedTools Bash Edit -- hello", kind: Print, format: Text, prompt: "hello", persists: true},
		{args: "-pc hello", kind: Print, format: Text, prompt: "hello", persists: true},
		{args: "-r abc hello", kind: Interactive, format: Text, prompt: "hello", resume: "abc", persists: true},
		{args: "-rabc", kind: Interactive, format: Text, resume: "abc", persists: true},
		{args: "--resume -p", kind: Print, format: Text, persists: true},
		{args: "--session-id 1-2 -p x --no-session-persistence", kind: Print, format: Text, prompt: "x", session: "1-2"},
		{args: "mcp list", kind: Plain, format: Text, prompt: "mcp", persists: true},
		{args: "--model x auth login", kind: Plain, format: Text, prompt: "auth", persists: true},
		{args: "--version", kind: Plain, format: Text, persists: true},
		{args: "-v", kind: Plain, format: Text, persists: true},
		{args: "-p --help", kind: Plain, format: Text, persists: true},
		{args: "--append-system-prompt --version", kind: Interactive, format: Text, persists: true},
		{args: "-=x", kind: Interactive, format: Text, persists: true},
		{args: "-- mcp", kind: Plain, format: Text, prompt: "mcp", persists: true},
	} {
		inv := Parse(strings.Fields(test.args), !test.pipe)
		if inv.Kind != test.kind || inv.Format != test.format || inv.Prompt != test.prompt || inv.Resume != test.resume ||
			inv.SessionID != test.session || inv.Verbose != test.verbose || inv.NoPersistence == test.persists {
			t.Errorf("Parse(%q) = %+v", test.args, inv)
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
