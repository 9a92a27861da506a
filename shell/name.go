package shell

import (
	"slices"
	"strings"
)

// validName reports whether name can be a function in bash, zsh and fish without quoting and without taking the place of
// something that the hook or the shell's syntax needs.
func validName(name string) bool {
	for i, r := range name {
		letter := r == '_' || 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z'
		if !letter && (i == 0 || r != '-' && (r < '0' || r > '9')) {
			return false
		}
	}
	return name != "" && !slices.Contains(taken, name) && !strings.HasPrefix(name, "__claude_auth_")
}

// taken are the words that one of the shells, or the hook itself, would not be the same without.
var taken = []string{
	"alias", "and", "begin", "break", "builtin", "case", "claude-auth", "command", "continue", "coproc", "declare", "do",
	"done", "elif", "else", "emulate", "end", "esac", "eval", "exec", "export", "false", "fi", "for", "foreach", "function",
	"functions", "if", "in", "local", "math", "nocorrect", "not", "or", "path", "print", "printf", "read", "repeat",
	"return", "select", "set", "source", "status", "string", "switch", "test", "then", "time", "true", "type", "typeset",
	"unset", "until", "whence", "while",
}
