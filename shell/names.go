package shell

import "slices"

// reserved lists the words that one of the shells, or the hook itself, would not be the same without.
func reserved(name string) bool {
	return slices.Contains([]string{
		"alias", "and", "begin", "break", "builtin", "case", "command", "continue", "coproc", "declare", "do", "done", "elif",
		"else", "emulate", "end", "esac", "eval", "exec", "export", "false", "fi", "for", "foreach", "function", "functions",
		"if", "in", "local", "math", "nocorrect", "not", "or", "path", "print", "printf", "read", "repeat", "return",
		"select", "set", "source", "status", "string", "switch", "test", "then", "time", "true", "type", "typeset",
		"unset", "until", "whence", "while",
	}, name)
}
