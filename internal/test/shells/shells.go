// Package shells tells tests and the bench how to drive each shell that has a hook. Use it when a test runs every
// shell.
//
// A shell has one file here, with its Driver. What the product itself must know of a shell is in package shell.
package shells

import (
	"fmt"
	"os/exec"
	"slices"
	"testing"

	"github.com/claude-auth/claude-auth/shell"
)

// Driver is how a test speaks to one shell, where that differs.
type Driver struct {
	// An interactive shell.

	Interactive []string // arguments for an interactive shell that reads the user's startup file and no other
	Forced      []string // arguments for a script that is to run as in an interactive shell: -i, where that exists
	// What a test has in front of its own startup text: a prompt `[ready] `, and no line editor if that is possible, so
	// that what is read back is what was printed.
	Preamble string
	Folders  []string // folders below the home that must exist, or an interactive shell starts long work

	// The language.

	// It is not like that of sh: tests of `a || b`, "$NAME" and of the words of a command as they are quoted leave the
	// shell out. `a; b`, 'text' and calls of programs are the same everywhere.
	Foreign bool
	// Runs the command %s and ends the script with its status. "" is `%s` and `exit $status`, which bash, where that is
	// empty, understands too.
	Exit  string
	Mark  string // makes the file %s without a process; "" is `true >%s`
	Alias string // makes an alias `claude` with the text %s; "" where a hook can't keep one under watch
	// What Shell.Eval evaluates runs before the first prompt, and so in no script.
	Later bool
	// The hook can't see what takes the function's name after it was loaded.
	Blind bool
	// The function is a list of words: what only prints goes through the program too.
	Through bool
	// The shell has no clock, or can't tell the age of a file: each prompt asks the program.
	Asks bool
	// It gives each command of a script a process group of its own, which outlives a shell that is killed.
	Groups bool
	// It takes long to start: tests that start it for each of many similar cases try some of them.
	Slow bool
	// The shell's text must be UTF-8, and so must each path.
	UTF8       bool
	Group      string // the commands %s as one, whose output can be redirected
	Export     string // exports %s with the value %s
	Status     string // the variable of the last status, as it is read: $?; "" where the shell has none
	PID        string // the shell's process id, as it is read: $$
	PipeStatus string // the status of each part of the last pipeline, as it is read within quotes; "" where it is lost
	FailTwo    string // a pipeline of two commands, which end with 3 and 4
	Function   string // defines a function `claude` of the user's own, which calls `claude --mine` and its arguments
	// Replaces every builtin that this shell lets one replace, but for `.`, as an alias can: the name is then appended to
	// ~/hostile instead, and the status is 1, or 0 where a script would end at another.
	Hostile string
	Aliases string // makes a script expand aliases; "" where one does so that is started with -i
	Trace   string // has each command printed; "" where that is not possible
	// Prints everything that the shell knows, one item a line: options, variables, functions, aliases, traps, keys. Two
	// calls must print the same, so what changes by itself is left out. Never leave out a name that the hook adds: a test
	// searches the text for such names. Functions are printed by name alone, one a line: a body is full of words that
	// have nothing to do with what a hook leaves behind.
	// "" where the shell can't list it.
	State string
	// What the hook must add to an interactive shell so that it is called before each prompt: lines of State that have no
	// name of the hook's (__claude_auth_…, CLAUDE_AUTH_…) in them. Empty where every line has one.
	Leaves []string
	// Startup text, loaded before the hook: before each prompt it sets `other` to "STATUS,PIPESTATUS" of the last
	// command. "" where a shell can't run a command before a prompt.
	OtherPrompt string
	// A command that succeeds in a version of the shell that can't tell the time without another process: there each
	// prompt asks the program. "" where every version can.
	Clockless string
	// Claude Code's shell tool runs in this shell, and copies the functions of the user's one into it.
	ShellTool bool
	// Commands that must find nothing wrong in the hook and the completion, besides the shell's own syntax check. The
	// file's name is added.
	Checkers [][]string

	// Completion. A shell whose Shell.Completion is empty leaves this empty.

	// What a test has in front of a completion, with the line editor: a prompt `[ready] `, and TAB that completes
	// without asking first. "" is Preamble.
	Editing string
	// Defines a completion for the command `claude` that offers --model, behind the completion that is tested. "" where
	// one command's completion can't hand the line over to another's.
	ClientCompletion string
	NoCandidates     string // what the shell says, as an error, where it has nothing to offer
	ListKeys         string // the keys that list the candidates of a word

	// Jobs.

	Stopped  string // what the shell says of a stopped job; "" where it has no `jobs`, `bg` and `fg` as sh has them
	FgStatus int    // the last status after `fg` of a job that ended with 7: 7, unless the shell forgets it

	// What makes $EPOCHREALTIME tell the time in microseconds: ":" where it does so by itself, "" where the shell has no
	// clock that is finer than a second. Without it the bench can't time the prompt, and leaves the shell out.
	Clock string
}

// AsksAlways reports whether each prompt of the shell on PATH asks the program: see Asks and Clockless of Driver.
func AsksAlways(t testing.TB, s *shell.Shell) bool {
	t.Helper()
	d := Of(t, s)
	if d.Asks || d.Clockless == "" {
		return d.Asks
	}
	return exec.Command(s.Name, append(slices.Clone(s.Bare), "-c", d.Clockless)...).Run() == nil
}

var drivers = map[string]*Driver{}

// Find returns how to drive the shell. The error says what to write when nobody has said so yet.
func Find(s *shell.Shell) (*Driver, error) {
	if d := drivers[s.Name]; d != nil {
		return d, nil
	}
	return nil, fmt.Errorf("tests don't know how to drive %[1]s: write internal/test/shells/%[1]s.go with its Driver "+
		"(the fields are explained in shells.go beside it; begin with a copy of bash.go)", s.Name)
}

// Of returns how to drive the shell, and fails the test when nobody has said so yet.
func Of(t testing.TB, s *shell.Shell) *Driver {
	t.Helper()
	d, err := Find(s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}
