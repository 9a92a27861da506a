package hooks_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/claude-auth/claude-auth/shell"
)

// snippet returns the first block of docs/prompts.md that is in the language of s.
func snippet(t *testing.T, s sh) string {
	t.Helper()
	text, err := os.ReadFile("../docs/prompts.md")
	if err != nil {
		t.Fatal(err)
	}
	m := regexp.MustCompile("(?s)\n```" + s.Name() + "\n(.*?)```\n").FindSubmatch(text)
	if m == nil {
		t.Fatalf("docs/prompts.md has no snippet for %s", s.Name())
	}
	return string(m[1])
}

// TestSnippets draws a prompt with what docs/prompts.md tells people to put into their startup file.
func TestSnippets(t *testing.T) {
	each(t, func(t *testing.T, s sh, w *world) {
		hook := w.hook(s, shell.Options{})
		w.write(w.path("bin/claude-auth"), "#!/bin/sh\n[ \"$1\" != init ] || exec cat "+hook+"\nexit 1\n", 0o755)
		w.write(w.path("segment"), "claude 2d\n", 0o644)
		var command *exec.Cmd
		switch s.Name() {
		case "bash":
			w.write(w.path(".bashrc"), snippet(t, s), 0o644)
			command = exec.Command("bash", "--noprofile", "-i")
		case "zsh":
			w.write(w.path(".zshrc"), snippet(t, s), 0o644)
			command = exec.Command("zsh", "-o", "no_global_rcs", "-i")
		case "fish":
			w.write(w.path(".local/share/fish/generated_completions/none"), "", 0o644) // else fish reads all manual pages first
			w.write(w.path(".config/fish/config.fish"), snippet(t, s), 0o644)
			command = exec.Command("fish", "--private", "-i")
		}
		m := w.terminal(command)
		m.waitFor(`claude 2d`)
		if !strings.Contains(m.all(), "\x1b[31mclaude 2d") && !strings.Contains(m.all(), "\x1b[91mclaude 2d") {
			t.Errorf("it is not red: %q", m.all())
		}
		if _, err := os.Stat(filepath.Join(w.home, "asked")); err != nil {
			t.Errorf("the program was not asked: %v", err)
		}
	})
}
