package diagnose_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/claude-auth/claude-auth/internal/diagnose"
	"github.com/claude-auth/claude-auth/internal/paths"
)

const key = `{"env":{"ANTHROPIC_API_KEY":"sk-0123456789-0123456789"}}`

var shadowCases = []struct {
	name   string
	files  map[string]string // below the home directory
	env    []string
	launch diagnose.Launch
	want   string // "" for none; HOME stands for the home directory
}{
	{name: "nothing"},
	{name: "a key", env: []string{"ANTHROPIC_API_KEY=k"}, want: "ANTHROPIC_API_KEY in the environment"},
	{name: "an empty key", env: []string{"ANTHROPIC_API_KEY="}},
	{
		name: "a token before a key",
		env:  []string{"ANTHROPIC_API_KEY=k", "ANTHROPIC_AUTH_TOKEN=t"},
		want: "ANTHROPIC_AUTH_TOKEN in the environment",
	},
	{
		name: "a cloud before all",
		env:  []string{"ANTHROPIC_AUTH_TOKEN=t", "CLAUDE_CODE_USE_VERTEX= True "},
		want: "CLAUDE_CODE_USE_VERTEX in the environment",
	},
	{name: "a cloud that is off", env: []string{"CLAUDE_CODE_USE_VERTEX=no"}},
	{
		name:  "the user's settings",
		files: map[string]string{".claude/settings.json": "{\n\n\"env\": {\"A\": 1,\n\"ANTHROPIC_API_KEY\": \"k\"}}"},
		want:  "ANTHROPIC_API_KEY in HOME/.claude/settings.json line 4",
	},
	{
		name:  "the settings' over the environment's",
		files: map[string]string{".claude/settings.json": key},
		env:   []string{"ANTHROPIC_API_KEY=k"},
		want:  "ANTHROPIC_API_KEY in HOME/.claude/settings.json line 1",
	},
	{
		name:  "an empty one in the settings hides",
		files: map[string]string{".claude/settings.json": `{"env":{"ANTHROPIC_API_KEY":""}}`},
		env:   []string{"ANTHROPIC_API_KEY=k"},
	},
	{
		name:  "the project's over the user's",
		files: map[string]string{".claude/settings.json": key, "app/.claude/settings.json": "\n" + key},
		want:  "ANTHROPIC_API_KEY in HOME/app/.claude/settings.json line 2",
	},
	{
		name:  "the local one over the project's",
		files: map[string]string{"app/.claude/settings.json": key, "app/.claude/settings.local.json": "\n" + key},
		want:  "ANTHROPIC_API_KEY in HOME/app/.claude/settings.local.json line 2",
	},
	{
		name:   "the file of --settings over the local one",
		files:  map[string]string{"app/x.json": "\n\n" + key, "app/.claude/settings.local.json": key},
		launch: diagnose.Launch{Settings: "x.json"},
		want:   "ANTHROPIC_API_KEY in HOME/app/x.json line 3",
	},
	{name: "the text of --settings", launch: diagnose.Launch{Settings: key}, want: "ANTHROPIC_API_KEY in --settings"},
	{
		name:   "--setting-sources leaves a file out",
		files:  map[string]string{"app/.claude/settings.local.json": key},
		launch: diagnose.Launch{Sources: []string{"user"}},
	},
	{
		name:  "the env block of .claude.json",
		files: map[string]string{".claude.json": key},
		want:  "ANTHROPIC_API_KEY in HOME/.claude.json line 1",
	},
	{name: "no apiKeyHelper from .claude.json", files: map[string]string{".claude.json": `{"apiKeyHelper":"x"}`}},
	{
		name:  "an apiKeyHelper",
		files: map[string]string{".claude/settings.json": `{"apiKeyHelper":"x"}`},
		want:  "apiKeyHelper in HOME/.claude/settings.json line 1",
	},
	{
		name:  "an apiKeyHelper before an OAuth token",
		files: map[string]string{".claude/settings.json": `{"apiKeyHelper":"x"}`},
		env:   []string{"CLAUDE_CODE_OAUTH_TOKEN=t"},
		want:  "apiKeyHelper in HOME/.claude/settings.json line 1",
	},
	{name: "settings that are no JSON", files: map[string]string{".claude/settings.json": key + ","}},
	{
		name: "the last of two equal keys",
		files: map[string]string{
			".claude/settings.json": "{\"env\":{\"ANTHROPIC_API_KEY\":\"\",\n\"ANTHROPIC_API_KEY\":\"k\"}}",
		},
		want: "ANTHROPIC_API_KEY in HOME/.claude/settings.json line 2",
	},
	{
		name:   "a key in a session, not approved",
		env:    []string{"ANTHROPIC_API_KEY=k"},
		launch: diagnose.Launch{Interactive: true},
	},
	{
		name:   "a key in a session, approved by its end",
		files:  map[string]string{".claude.json": `{"customApiKeyResponses":{"approved":["456789-0123456789ab"]}}`},
		env:    []string{"ANTHROPIC_API_KEY=sk-3456789-0123456789ab"},
		launch: diagnose.Launch{Interactive: true}},
	{
		name:   "a key in a session, approved",
		files:  map[string]string{".claude.json": `{"customApiKeyResponses":{"approved":["3456789-0123456789ab"]}}`},
		env:    []string{"ANTHROPIC_API_KEY=sk-3456789-0123456789ab"},
		launch: diagnose.Launch{Interactive: true}, want: "ANTHROPIC_API_KEY in the environment"},
	{
		name:   "a key in a session, rejected, and a helper",
		files:  map[string]string{".claude/settings.json": `{"apiKeyHelper":"x"}`},
		env:    []string{"ANTHROPIC_API_KEY=k"},
		launch: diagnose.Launch{Interactive: true},
		want:   "apiKeyHelper in HOME/.claude/settings.json line 1",
	},
}

// TestShadow has the precedence as both clients have it: measured on 2.1.165 and 2.1.330, by the token of the request.
func TestShadow(t *testing.T) {
	for _, test := range shadowCases {
		t.Run(test.name, func(t *testing.T) {
			home := t.TempDir()
			for name, text := range test.files {
				path := filepath.Join(home, name)
				if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			p := paths.Paths{
				Home: home, ConfigDir: filepath.Join(home, ".claude"), GlobalConfig: filepath.Join(home, ".claude.json"),
			}
			test.launch.Dir = filepath.Join(home, "app")
			got := ""
			if shadow := test.launch.Shadow(paths.New(test.env), p); shadow != nil {
				got = strings.ReplaceAll(shadow.String(), home, "HOME")
				if strings.Contains(shadow.Remedy(), "sk-") || shadow.Remedy() == "" {
					t.Errorf("remedy %q", shadow.Remedy())
				}
			}
			if got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

// TestSettingsThatAreNoFile holds that a FIFO in the place of the settings keeps nobody waiting.
func TestSettingsThatAreNoFile(t *testing.T) {
	home := t.TempDir()
	if err := unix.Mkfifo(filepath.Join(home, "settings.json"), 0o600); err != nil {
		t.Fatal(err)
	}
	p := paths.Paths{ConfigDir: home, GlobalConfig: filepath.Join(home, "none")}
	if s := (diagnose.Launch{Dir: home}).Shadow(paths.New(nil), p); s != nil {
		t.Errorf("got %v", s)
	}
}
