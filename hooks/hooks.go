// Package hooks holds what a shell sources, the hooks and the completions, and puts a hook's line into a startup file.
//
// Each script is a file of real shell that an editor and shellcheck understand: claude-auth.SHELL is a hook,
// completion.SHELL a completion. In them '@EXE@' stands for the program's path, and in a hook __claude_auth_cmd__ for
// the function's name. Everything that goes into a script is quoted for its shell, the path of the program too.
package hooks

import (
	"embed"
	"fmt"
	"path/filepath"
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

// DefaultCmd is the name of the function, which is the client's own.
const DefaultCmd = "claude"

// NameError says that a word cannot be the name of a function in every shell.
type NameError struct{ Name string }

func (e *NameError) Error() string {
	return fmt.Sprintf("%q cannot name a shell function: letters, digits, `_` and `-`, "+
		"not beginning with a digit or `-`, and no word of the shell's own", e.Name)
}

// Render returns the hook for a shell. The error is a *NameError when the function cannot have its name.
func Render(s *shell.Shell, o Options) (string, error) {
	if o.Cmd == "" {
		o.Cmd = DefaultCmd
	}
	if !validName(o.Cmd) {
		return "", &NameError{Name: o.Cmd}
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

// fill puts the program's path into a script.
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

// sections returns script without the sections that keep does not name as true. A section begins with a line
// `# begin NAME` and ends with `# end NAME`; sections may be inside each other. These lines themselves go too.
func sections(script string, keep map[string]bool) string {
	var out strings.Builder
	hidden := 0 // how many of the sections around a line are left out
	for line := range strings.Lines(script) {
		if name, ok := strings.CutPrefix(strings.TrimSpace(line), "# begin "); ok {
			if !keep[name] {
				hidden++
			}
		} else if name, ok := strings.CutPrefix(strings.TrimSpace(line), "# end "); ok {
			if !keep[name] {
				hidden--
			}
		} else if hidden == 0 {
			out.WriteString(line)
		}
	}
	return out.String()
}
