package shell

import (
	"path/filepath"
	"strings"

	"github.com/claude-auth/claude-auth/hooks"
	"github.com/claude-auth/claude-auth/internal/paths"
)

// Fish is fish 3 and 4.
type Fish struct{}

// Name implements Shell.
func (Fish) Name() string { return "fish" }

// Quote implements Shell. Between single quotes fish takes a backslash before a single quote and before a backslash.
func (Fish) Quote(word string) (string, error) {
	if strings.ContainsRune(word, 0) {
		return "", &UnquotableError{Word: word}
	}
	return "'" + strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(word) + "'", nil
}

// Render implements Shell.
func (s Fish) Render(o Options) (string, error) { return render(s, hooks.Fish(), o) }

// Completion implements Shell.
func (s Fish) Completion(exe string) (string, error) {
	return renderCompletion(s, hooks.FishCompletion(), exe)
}

// StartupFile implements Shell: config.fish, as direnv and zoxide have their users do. A file of its own in conf.d would be
// read before config.fish, and an alias made there would displace the hook.
func (Fish) StartupFile(env paths.Env) (string, error) {
	if dir := env.Get("XDG_CONFIG_HOME"); filepath.IsAbs(dir) {
		return filepath.Join(dir, "fish", "config.fish"), nil
	}
	return underHome(env, filepath.Join(".config", "fish", "config.fish"))
}

// Line implements Shell.
func (s Fish) Line(exe string, args ...string) (string, error) {
	words, err := quoteAll(s, append([]string{exe, "init", "fish"}, args...))
	if err != nil {
		return "", err
	}
	return "test -x " + words[0] + "; and " + strings.Join(words, " ") + " | source", nil
}
