package shell

import (
	"fmt"
	"path/filepath"
	"strings"

	"github.com/claude-auth/claude-auth/internal/paths"
)

// plain are the characters that need no quoting in any of the shells, at any place in a word.
const plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./-+,:@"

// quoteAll quotes the words that need it, for a line that a person will read.
func quoteAll(s Shell, words []string) ([]string, error) {
	quoted := make([]string, len(words))
	for i, word := range words {
		if word != "" && strings.Trim(word, plain) == "" {
			quoted[i] = word
			continue
		}
		if strings.ContainsAny(word, "\n\r") {
			return nil, fmt.Errorf("write %q into the startup file of %s: it has a newline", word, s.Name())
		}
		q, err := s.Quote(word)
		if err != nil {
			return nil, fmt.Errorf("write the line for the startup file of %s: %w", s.Name(), err)
		}
		quoted[i] = q
	}
	return quoted, nil
}

// posixLine is Line for bash and zsh. An `if` and not `[ -x … ] && …`: the latter leaves status 1 behind when the program
// is gone, which ends a startup file that runs under `set -e`.
func posixLine(s Shell, exe string, args []string) (string, error) {
	words, err := quoteAll(s, append([]string{exe, "init", s.Name()}, args...))
	if err != nil {
		return "", err
	}
	return `if [ -x ` + words[0] + ` ]; then eval "$(` + strings.Join(words, " ") + `)"; fi`, nil
}

// underHome returns the file called name in the home directory.
func underHome(env paths.Env, name string) (string, error) {
	home := env.Get("HOME")
	if !filepath.IsAbs(home) {
		return "", paths.ErrNoHome
	}
	return filepath.Join(home, name), nil
}

// renderCompletion fills in a completion script.
func renderCompletion(s Shell, script, exe string) (string, error) {
	if !filepath.IsAbs(exe) {
		return "", fmt.Errorf("render the completion for %s: the path of the program is not absolute: %s", s.Name(), exe)
	}
	quoted, err := s.Quote(exe)
	if err != nil {
		return "", fmt.Errorf("render the completion for %s: %w", s.Name(), err)
	}
	return strings.ReplaceAll(script, "'@EXE@'", quoted), nil
}
