package hooks_test

import (
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/claude-auth/claude-auth/hooks"
	"github.com/claude-auth/claude-auth/shell"
)

// snippet returns the first block of docs/prompts.md that is in the language of s.
func snippet(t *testing.T, s *shell.Shell) string {
	t.Helper()
	text, err := os.ReadFile("../docs/prompts.md")
	if err != nil {
		t.Fatal(err)
	}
	m := regexp.MustCompile("(?s)\n```" + s.Name + "\n(.*?)```\n").FindSubmatch(text)
	if m == nil {
		t.Fatalf("docs/prompts.md has no block ```%[1]s: add a section `## %[1]s` with one, as for the other shells: "+
			"what a user puts into the startup file to load the hook and to show $CLAUDE_AUTH_PROMPT in red", s.Name)
	}
	return string(m[1])
}

// TestSnippets draws a prompt with what docs/prompts.md tells people to put into their startup file.
func TestSnippets(t *testing.T) {
	each(t, func(t *testing.T, s *shell.Shell, w *world) {
		hook := w.hook(s, hooks.Options{})
		w.write(w.path("bin/claude-auth"), "#!/bin/sh\n[ \"$1\" != init ] || exec cat "+hook+"\nexit 1\n", 0o755)
		w.write(w.path("segment"), "claude 2d\n", 0o644)
		m := w.interactive(s, snippet(t, s))
		m.waitFor(`claude 2d`)
		if !regexp.MustCompile(`\x1b\[(0;)?[39]1m[^\x1b]*claude 2d`).MatchString(m.all()) {
			t.Errorf("it is not red: %q", m.all())
		}
		if _, err := os.Stat(filepath.Join(w.home, "asked")); err != nil {
			t.Errorf("the program was not asked: %v", err)
		}
	})
}
