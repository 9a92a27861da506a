// Package shell knows the shells that the hook is made for: how each quotes a word, where its startup file is, what line
// in it loads the hook, and what that hook says.
//
// A Shell only renders and names; Install and Uninstall change files. Everything that goes into a script goes through the
// Quote of its shell, the path of the program too.
package shell

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/claude-auth/claude-auth/hooks"
	"github.com/claude-auth/claude-auth/internal/paths"
)

// Shell is one of the shells with a hook: Bash, Zsh or Fish.
type Shell interface {
	// Name is the shell's name as `claude-auth init` takes it.
	Name() string
	// Quote returns word quoted so that the shell takes it literally as one word. The error is an *UnquotableError for a NUL
	// byte, which no shell can pass on.
	Quote(word string) (string, error)
	// Render returns the hook.
	Render(o Options) (string, error)
	// Completion returns the completion script, which calls the program at exe.
	Completion(exe string) (string, error)
	// StartupFile is the file that an interactive shell of this kind reads for this person, as env has it. The error wraps
	// paths.ErrNoHome when that cannot be told.
	StartupFile(env paths.Env) (string, error)
	// Line is the one line, without its newline, that loads the hook and is silent when the program at exe is gone. args are
	// further arguments of `claude-auth init`.
	Line(exe string, args ...string) (string, error)
}

// Options say what hook to render.
type Options struct {
	Exe      string // absolute path of the program
	Cmd      string // name of the function; "" means claude
	NoCmd    bool   // leave the function out
	NoPrompt bool   // leave CLAUDE_AUTH_PROMPT out
}

// DefaultCmd is the name of the function, which is the client's own.
const DefaultCmd = "claude"

// All returns the shells, in the order in which people are told of them.
func All() []Shell { return []Shell{Bash{}, Zsh{}, Fish{}} }

// ErrUnknownShell says that there is no hook for a shell.
var ErrUnknownShell = errors.New("no hook for this shell (there is one for bash, zsh and fish)")

// ByName returns the shell called name, which may be a path or a login shell's name ("-bash"). The error wraps
// ErrUnknownShell.
func ByName(name string) (Shell, error) {
	base := strings.TrimPrefix(filepath.Base(name), "-")
	for _, s := range All() {
		if s.Name() == base {
			return s, nil
		}
	}
	return nil, fmt.Errorf("%s: %w", name, ErrUnknownShell)
}

// UnquotableError says that a word cannot stand in a script.
type UnquotableError struct{ Word string }

func (e *UnquotableError) Error() string {
	return fmt.Sprintf("quote %q for a shell: it has a NUL byte", e.Word)
}

// NameError says that a word cannot be the name of a function in all three shells.
type NameError struct{ Name string }

func (e *NameError) Error() string {
	return fmt.Sprintf("%q cannot name a shell function: letters, digits, `_` and `-`, not beginning with a digit or `-`, and no word of the shell's own", e.Name)
}

// render fills in a script from package hooks.
func render(s Shell, script string, o Options) (string, error) {
	if o.Cmd == "" {
		o.Cmd = DefaultCmd
	}
	if !validName(o.Cmd) {
		return "", &NameError{Name: o.Cmd}
	}
	if !filepath.IsAbs(o.Exe) {
		return "", fmt.Errorf("render the hook for %s: the path of the program is not absolute: %s", s.Name(), o.Exe)
	}
	exe, err := s.Quote(o.Exe)
	if err != nil {
		return "", fmt.Errorf("render the hook for %s: %w", s.Name(), err)
	}
	script, err = hooks.Sections(script, map[string]bool{
		"cmd":    !o.NoCmd,
		"no-cmd": o.NoCmd,
		"prompt": !o.NoPrompt,
	})
	if err != nil {
		return "", fmt.Errorf("render the hook for %s: %w", s.Name(), err)
	}
	return strings.NewReplacer("'@EXE@'", exe, "__claude_auth_cmd__", o.Cmd).Replace(script), nil
}
