package hooks

import (
	"slices"
	"strings"

	"github.com/claude-auth/claude-auth/shell"
)

// validName reports whether name can be a function in every shell without quotes, and without replacing something that
// the hook or a shell's syntax needs.
func validName(name string) bool {
	for i, r := range name {
		letter := r == '_' || 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z'
		if !letter && (i == 0 || r != '-' && (r < '0' || r > '9')) {
			return false
		}
	}
	for _, s := range shell.All() {
		if slices.Contains(s.Reserved, name) {
			return false
		}
	}
	return name != "" && !slices.Contains(reserved, name) && !strings.HasPrefix(name, "__claude_auth_")
}

// reserved are the words that every shell, or the hook itself, needs.
var reserved = []string{
	"alias", "break", "builtin", "case", "claude-auth", "command", "continue", "do", "done", "elif", "else", "esac",
	"eval", "exec", "export", "false", "fi", "for", "function", "if", "in", "local", "print", "printf", "read", "return",
	"select", "set", "source", "test", "then", "time", "true", "type", "unset", "until", "while",
}
