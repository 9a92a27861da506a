package shell

import (
	"path/filepath"

	"github.com/claude-auth/claude-auth/hooks"
	"github.com/claude-auth/claude-auth/internal/paths"
)

// Zsh is zsh 5.
type Zsh struct{}

// Name implements Shell.
func (Zsh) Name() string { return "zsh" }

// Quote implements Shell. The form holds with RC_QUOTES set too: no two single quotes ever meet inside a quoted part.
func (Zsh) Quote(word string) (string, error) { return quoteSingle(word) }

// Render implements Shell.
func (s Zsh) Render(o Options) (string, error) { return render(s, hooks.Zsh(), o) }

// Completion implements Shell.
func (s Zsh) Completion(exe string) (string, error) {
	return renderCompletion(s, hooks.ZshCompletion(), exe)
}

// StartupFile implements Shell: .zshrc in $ZDOTDIR, else in the home directory.
func (Zsh) StartupFile(env paths.Env) (string, error) {
	if dir := env.Get("ZDOTDIR"); filepath.IsAbs(dir) {
		return filepath.Join(dir, ".zshrc"), nil
	}
	return underHome(env, ".zshrc")
}

// Line implements Shell.
func (s Zsh) Line(exe string, args ...string) (string, error) { return posixLine(s, exe, args) }
