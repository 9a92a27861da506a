package shell

import (
	"strings"

	"github.com/claude-auth/claude-auth/hooks"
	"github.com/claude-auth/claude-auth/internal/paths"
)

// Bash is GNU bash, from 3.2 (macOS) on.
type Bash struct{}

// Name implements Shell.
func (Bash) Name() string { return "bash" }

// Quote implements Shell.
func (Bash) Quote(word string) (string, error) { return quoteSingle(word) }

// Render implements Shell.
func (s Bash) Render(o Options) (string, error) { return render(s, hooks.Bash(), o) }

// Completion implements Shell.
func (s Bash) Completion(exe string) (string, error) {
	return renderCompletion(s, hooks.BashCompletion(), exe)
}

// StartupFile implements Shell: ~/.bashrc. A login shell reads ~/.bash_profile instead, which by long custom reads ~/.bashrc;
// see LoginFile for the machines where it does not.
func (Bash) StartupFile(env paths.Env) (string, error) { return underHome(env, ".bashrc") }

// Line implements Shell.
func (s Bash) Line(exe string, args ...string) (string, error) { return posixLine(s, exe, args) }

// quoteSingle quotes for a shell in which nothing is special between single quotes but the single quote. A carriage return
// or newline stays literal, which both bash and zsh take.
func quoteSingle(word string) (string, error) {
	if strings.ContainsRune(word, 0) {
		return "", &UnquotableError{Word: word}
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'", nil
}
