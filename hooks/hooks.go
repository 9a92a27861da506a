// Package hooks contains the scripts that a shell sources, hooks and completions, and puts the line that loads a hook
// into a startup file.
//
// claude-auth.SHELL is a hook, completion.SHELL a completion. Each is a shell file that an editor and shellcheck
// understand. A shell that can't complete has an empty shell.Shell.Completion, and no completion.SHELL.
//
// # What Render fills in
//
//   - '@EXE@', with these quotes: the program's path, as a shell.Shell.Literal. Completion fills it in too.
//   - '@DIR@': the program's directory, in the same way.
//   - __claude_auth_cmd__: the function's name, usually claude.
//   - @INFO@: claude.InfoFlags, quoted, with shell.Shell.Or between them.
//   - @OVERRIDES@: for each variable that is a credential the text shell.Shell.Override, one after the other.
//   - __CONFIG_DIR__ and __STORAGE_DIR__: the variables that tell the client where its files are.
//
// The names of the client's variables come from package claude; a hook spells none of them.
//
// A section from `# begin NAME` to `# end NAME` stays only when it is wanted; it may be inside another. `cmd` is what
// defines the function, `no-cmd` what replaces it under --no-cmd, `prompt` what sets CLAUDE_AUTH_PROMPT, and `add-path`
// what appends the program's directory to PATH where no claude-auth is found there.
//
// # What a hook does
//
// Tests run every hook in its shell, and hold it to this:
//
//  1. It prints nothing, ends with status 0, and may be loaded twice. It works under the shell's strictest flags, with
//     any options and aliases of the user's. Besides the function, it leaves behind only names that begin with
//     __claude_auth_ or CLAUDE_AUTH_, and what the shell calls before a prompt. In bash it also leaves a function
//     claude-auth, which checks whether the function has been displaced, and runs the program.
//  2. It defines the function, which runs `@EXE@ run -- ARGUMENTS` and returns its status. When @EXE@ is gone, the
//     function runs the claude-auth on PATH, and without one the client: $CLAUDE_AUTH_CLIENT, or claude. The function
//     needs no variable of the hook. It never replaces a function of the user's. When ARGUMENTS are one of @INFO@ and
//     nothing else, the function runs the client itself, the one that the program would run: no process of ours is
//     started, and a missing client is the shell's own error. Only where the client's path or an entry of PATH is
//     relative the program decides.
//  3. An alias of the function's name that calls the client stays effective. `claude='claude --flag'` reaches the
//     function as it is. `claude='/path/claude --flag'` must run `@EXE@ run --client /path/claude -- --flag ARGUMENTS`:
//     bash and zsh change the alias to `__claude_auth_client=/path/claude claude --flag`, and the function removes that
//     variable before it starts anything. Any other alias stays as it is and displaces the function. Nothing in an
//     alias is evaluated.
//  4. An interactive shell exports CLAUDE_AUTH_HOOK, from which doctor reads what is loaded: NAME:PID, with the shell's
//     name and process; NAME:PID:displaced when something else has the function's name; NAME:PID:no-cmd.
//  5. It checks again before the first prompt, and in zsh and fish whenever the function has changed. When the function
//     has been displaced it says so once, in two lines, unless CLAUDE_AUTH_MODE is off.
//  6. An interactive shell exports CLAUDE_AUTH_PROMPT, and calls the function __claude_auth_prompt before each prompt
//     to set it. The tests and the bench call that function by its name. It keeps $? and, if the shell lets it, the
//     status of each part of a pipeline. It shows no credential when the shell prints what it runs (set -x).
//  7. __claude_auth_prompt makes a key from what chose the credentials file:
//     HOME|CLAUDE_AUTH_FILE|__CONFIG_DIR__|STORAGE|OVERRIDES, each the variable's value or nothing. STORAGE is `=` and
//     the value of __STORAGE_DIR__ when that is set, even to nothing. OVERRIDES is one or more 1 when a variable of
//     @OVERRIDES@ is not empty. prompt.Storable reads the key's end.
//  8. It reads ${XDG_STATE_HOME:-$HOME/.local/state}/claude-auth/prompt, which has four lines (prompt.State): the
//     second until which it holds, the key, the credentials file, the segment. It reads only a regular file, of which
//     it takes at most 4096 bytes. The segment counts when the file and its directory belong to the user, the second is
//     in the coming hour, the key is the shell's own, the credentials file exists and is not newer than the state file,
//     and the segment has only letters, digits, spaces and `?`. All this starts no process.
//  9. Otherwise it runs `@EXE@ __prompt KEY`, which prints the segment and writes the file again. Without the program
//     the segment is empty. Nothing is ever printed.
package hooks

import (
	"embed"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/claude-auth/claude-auth/internal/claude"
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
	AddPath  bool   // append the program's directory to PATH where no claude-auth is found there
}

// DefaultCmd is the name of the function unless another is asked for: the client's own.
const DefaultCmd = "claude"

// ErrName says that a word can't be the name of the function in a shell.
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
	if s.NoDash && strings.Contains(o.Cmd, "-") {
		return "", fmt.Errorf("%q %w; in %s no `-` either", o.Cmd, ErrName, s.Name)
	}
	script, err := fill("claude-auth."+s.Name, s, o.Exe)
	if err != nil {
		return "", err
	}
	script = sections(script, map[string]bool{
		"cmd": !o.NoCmd, "no-cmd": o.NoCmd, "prompt": !o.NoPrompt, "add-path": o.AddPath,
	})
	var info []string
	for _, flag := range claude.InfoFlags {
		quoted, err := s.Literal(flag) // zsh has global aliases, and people have one for -h
		if err != nil {
			return "", fmt.Errorf("render the flag %s: %w", flag, err)
		}
		info = append(info, quoted)
	}
	var overrides strings.Builder
	for _, name := range claude.OverrideVariables() {
		fmt.Fprintf(&overrides, s.Override, name)
	}
	return strings.NewReplacer("__claude_auth_cmd__", o.Cmd,
		"@INFO@", strings.Join(info, s.Or), "@OVERRIDES@", overrides.String(),
		"__CONFIG_DIR__", claude.EnvConfigDir, "__STORAGE_DIR__", claude.EnvStorageDir).Replace(script), nil
}

// ErrNoCompletion says that a shell can't complete the arguments of a program.
var ErrNoCompletion = errors.New("has no programmable completion")

// Completion returns the completion script for a shell, which calls the program at exe. The error wraps ErrNoCompletion
// when the shell can't have one.
func Completion(s *shell.Shell, exe string) (string, error) {
	if s.Completion == "" {
		return "", fmt.Errorf("%s %w", s.Name, ErrNoCompletion)
	}
	return fill("completion."+s.Name, s, exe)
}

// fill returns a script with the program's path in it.
func fill(name string, s *shell.Shell, exe string) (string, error) {
	script, err := scripts.ReadFile(name)
	if err != nil {
		return "", fmt.Errorf("no script for %s: write hooks/%s: %w", s.Name, name, err)
	}
	if !filepath.IsAbs(exe) {
		return "", fmt.Errorf("render %s: the path of the program is not absolute: %s", name, exe)
	}
	quoted, err := s.Literal(exe)
	if err != nil {
		return "", fmt.Errorf("render %s: %w", name, err)
	}
	dir, err := s.Literal(filepath.Dir(exe))
	if err != nil {
		return "", fmt.Errorf("render %s: %w", name, err)
	}
	return strings.NewReplacer("'@EXE@'", quoted, "'@DIR@'", dir).Replace(string(script)), nil
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

// validName reports whether name can be a function in every shell, but for shell.Shell.NoDash: without quotes and
// without replacing something that the hook or a shell's syntax needs.
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
