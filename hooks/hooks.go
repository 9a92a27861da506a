// Package hooks contains the scripts that a shell sources, hooks and completions, and puts the line that loads a hook
// into a startup file.
//
// Each script is a shell file that an editor and shellcheck understand: claude-auth.SHELL is a hook, completion.SHELL a
// completion. In them '@EXE@' is replaced by the program's path, quoted for the shell, and in a hook
// __claude_auth_cmd__ by the function's name.
package hooks

import (
	"embed"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/claude-auth/claude-auth/shell"
)

//go:embed claude-auth.* completion.*
var scripts embed.FS

// Options say what hook to render.
type Options struct {
	Exe      string // absolute path of the program
	Cmd      string // name of the function; "" means claude
	NoCmd    bool   // leave the function out
	NoPrompt bool   // leave CLAUDE_AUTH_PROMPT out
}

// DefaultCmd is the name of the function unless another is asked for: the client's own.
const DefaultCmd = "claude"

// ErrName says that a word can't be the name of a function in every shell.
var ErrName = errors.New("cannot name a shell function: letters, digits, `_` and `-`, " +
	"not beginning with a digit or `-`, and no word of the shell's own")

// Render returns the hook for a shell. The error wraps ErrName when the function can't have its name.
func Render(s *shell.Shell, o Options) (string, error) {
	if o.Cmd == "" {
		o.Cmd = DefaultCmd
	}
	if !validName(o.Cmd) {
		return "", fmt.Errorf("%q %w", o.Cmd, ErrName)
	}
	script, err := fill("claude-auth."+s.Name, s, o.Exe)
	if err != nil {
		return "", err
	}
	script = sections(script, map[string]bool{"cmd": !o.NoCmd, "no-cmd": o.NoCmd, "prompt": !o.NoPrompt})
	return strings.ReplaceAll(script, "__claude_auth_cmd__", o.Cmd), nil
}

// Completion returns the completion script for a shell, which calls the program at exe.
func Completion(s *shell.Shell, exe string) (string, error) {
	return fill("completion."+s.Name, s, exe)
}

// fill returns a script with the program's path in it.
func fill(name string, s *shell.Shell, exe string) (string, error) {
	script, err := scripts.ReadFile(name)
	if err != nil {
		return "", fmt.Errorf("read the script for %s: %w", s.Name, err)
	}
	if !filepath.IsAbs(exe) {
		return "", fmt.Errorf("render %s: the path of the program is not absolute: %s", name, exe)
	}
	quoted, err := s.Quote(exe)
	if err != nil {
		return "", fmt.Errorf("render %s: %w", name, err)
	}
	return strings.ReplaceAll(string(script), "'@EXE@'", quoted), nil
}

// sections returns script with only the sections that keep names as true. A section begins with a line `# begin NAME`
// and ends with `# end NAME`, and may be inside another. These lines are removed.
func sections(script string, keep map[string]bool) string {
	var out strings.Builder
	hidden := 0 // how many sections around a line are left out
	for line := range strings.Lines(script) {
		text := strings.TrimSpace(line)
		if name, ok := strings.CutPrefix(text, "# begin "); ok {
			if !keep[name] {
				hidden++
			}
		} else if name, ok := strings.CutPrefix(text, "# end "); ok {
			if !keep[name] {
				hidden--
			}
		} else if hidden == 0 {
			out.WriteString(line)
		}
	}
	return out.String()
}

// validName reports whether name can be a function in every shell, without quotes and without replacing something that
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
