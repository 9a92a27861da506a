package hooks

import (
	"fmt"
	"strings"

	"github.com/claude-auth/claude-auth/shell"
)

// plain are the characters that need no quotes in any shell, at any place in a word.
const plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./-+,:@"

// Line returns the one line, without its newline, that loads the hook and is silent when the program at exe is gone.
// args are further arguments of `claude-auth init`.
func Line(s *shell.Shell, exe string, args ...string) (string, error) {
	words := append([]string{exe, "init", s.Name}, args...)
	for i, word := range words {
		if word != "" && strings.Trim(word, plain) == "" {
			continue // a person will read the line
		}
		if strings.ContainsAny(word, "\n\r") {
			return "", fmt.Errorf("write %q into the startup file of %s: it has a newline", word, s.Name)
		}
		quoted, err := s.Quote(word)
		if err != nil {
			return "", fmt.Errorf("write the line for the startup file of %s: %w", s.Name, err)
		}
		words[i] = quoted
	}
	return fmt.Sprintf(s.IfPresent, words[0], fmt.Sprintf(s.Eval, strings.Join(words, " "))), nil
}
