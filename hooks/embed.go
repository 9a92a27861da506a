// Package hooks holds what a shell sources: the hooks and the completions. Each is a file of real shell that an editor and
// shellcheck understand; package shell makes the text for one person's shell out of it.
package hooks

import (
	_ "embed" // the scripts
	"fmt"
	"strings"
)

// The hooks. '@EXE@' stands for the program's path, quoted, and __claude_auth_cmd__ for the function's name.
var (
	//go:embed claude-auth.bash
	bash string
	//go:embed claude-auth.zsh
	zsh string
	//go:embed claude-auth.fish
	fish string
)

// The completions. '@EXE@' stands for the program's path, quoted.
var (
	//go:embed completions/claude-auth.bash
	bashCompletion string
	//go:embed completions/_claude-auth
	zshCompletion string
	//go:embed completions/claude-auth.fish
	fishCompletion string
)

// Bash is the hook for bash.
func Bash() string { return bash }

// Zsh is the hook for zsh.
func Zsh() string { return zsh }

// Fish is the hook for fish.
func Fish() string { return fish }

// BashCompletion is the completion for bash.
func BashCompletion() string { return bashCompletion }

// ZshCompletion is the completion for zsh.
func ZshCompletion() string { return zshCompletion }

// FishCompletion is the completion for fish.
func FishCompletion() string { return fishCompletion }

// Sections returns script without the sections that keep does not name as true. A section begins with a line `# begin NAME`
// and ends with `# end NAME`, indented as may be; sections may stand inside each other. Those lines themselves go. The error
// says which section is unknown to keep, or does not end.
func Sections(script string, keep map[string]bool) (string, error) {
	var out strings.Builder
	var open []string
	for line := range strings.Lines(script) {
		mark := strings.TrimSpace(line)
		if name, ok := strings.CutPrefix(mark, "# begin "); ok {
			if _, known := keep[name]; !known {
				return "", fmt.Errorf("unknown section %q", name)
			}
			open = append(open, name)
			continue
		}
		if name, ok := strings.CutPrefix(mark, "# end "); ok {
			if len(open) == 0 || open[len(open)-1] != name {
				return "", fmt.Errorf("section %q ends where it is not open", name)
			}
			open = open[:len(open)-1]
			continue
		}
		if all(open, keep) {
			out.WriteString(line)
		}
	}
	if len(open) > 0 {
		return "", fmt.Errorf("section %q has no end", open[len(open)-1])
	}
	return out.String(), nil
}

func all(open []string, keep map[string]bool) bool {
	for _, name := range open {
		if !keep[name] {
			return false
		}
	}
	return true
}
