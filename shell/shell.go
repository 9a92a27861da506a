// Package shell lists the shells that have a hook, and what is different about each.
//
// Each shell is a value in its own file. Its script and its completion are in package hooks, and how to drive it in
// tests is in internal/test/shells. Nothing else in the program names a shell. The package imports little, so that the
// prompt's fast path can use it.
package shell

import (
	"errors"
	"path"
	"slices"
	"strings"
)

// Shell is what is different about one shell.
type Shell struct {
	Name  string
	Order int // its place in lists for people: the most used shell comes first

	// Where the startup file of an interactive shell may be: the first place whose variable is an absolute path counts.
	// {"ENV", ""} is the file that $ENV names.
	Startup []Place
	// The files of which a login shell reads the first that exists; nil where it reads the startup file.
	LoginStartup []string
	// A command that exports a variable of Startup which the shell may have set for itself alone; "" where there is none.
	Ask string
	// Scripts and Makefiles run in it, so it may be our parent without being the user's shell.
	RunsScripts bool

	// Pairs of a byte that is special within single quotes, and what is written for it.
	Escapes []string
	// What encloses a quoted word of a command, where the shell expands even words in quotes.
	Verbatim [2]string
	// Words that can't name a function, besides those that no shell accepts.
	Reserved []string
	// No `-` may be in the name of a function.
	NoDash bool

	Eval string // evaluates what the command %s prints, in a startup file: eval "$(%s)"
	// The command in Eval is run by sh, and stands there as a text in quotes.
	EvalInSh bool
	// How a script loads the hook in the file %s, a name without special characters, where Eval works only in a startup
	// file; "" elsewhere.
	Script string
	// Runs the command %[2]s if the program %[1]s exists, and otherwise does nothing. %[3]s is the program as a Literal.
	IfPresent string
	// How to load the completion, for people; "" for a shell without programmable completion, which has no script.
	Completion string
	// Where the shell looks for the user's completions: the first place whose variable is an absolute path counts. nil
	// where it has no such directory: then it is one of those in __claude_auth_completes.
	Completions []Place
	// Where a package puts the completion, below its prefix, so that the shell finds it; "" where there is no such place.
	Packaged string
	// A command for an interactive shell: it exports __claude_auth_completes, which is not empty when the shell loads
	// completions, and lists the directories, with `:` between them, where Completions is nil.
	Completes string
	Loader    string // what loads completions, where the shell alone does not
	// What must stand before Completion in a startup file where the Loader is missing.
	StartLoader string
	// What separates the patterns of a case, or the words of a list that is searched.
	Or string
	// How the hook names the credential variable %s, so that a trace of the shell never shows its value: "${%s:+1}". The
	// texts for all of them, one after the other, replace @OVERRIDES@ in the hook.
	Override string

	// A command that calls the hook's __claude_auth_prompt if there is one; "" where it is the one that sh has.
	Prompt string
	// It reads its startup file only on a terminal, so it can't be asked what that does.
	NoLook bool
	// The exit status of `-c COMMAND` when COMMAND fails; 0 where it is that of COMMAND.
	Fails int

	Bare   []string // arguments to start it without startup files
	Strict []string // more arguments, to make it stop at the first error
	Check  []string // arguments to only check the syntax of a file

	// What encloses an escape sequence in a prompt, so that the shell does not count it as text.
	Invisible [2]string
	// The completion passes words to the program with their quotes removed.
	UnquotesWords bool
}

// Place is a file: Name below the directory in the environment variable Var, or what Var itself names if Name is "".
type Place struct{ Var, Name string }

// registered are the shells, in the order in which their files are initialised. That costs the prompt's fast path
// almost nothing.
var registered []*Shell

func register(s *Shell) { registered = append(registered, s) }

// All returns the shells in the order of lists for people.
func All() []*Shell {
	return slices.SortedFunc(slices.Values(registered), func(a, b *Shell) int { return a.Order - b.Order })
}

// Names returns their names.
func Names() []string {
	var names []string
	for _, s := range All() {
		names = append(names, s.Name)
	}
	return names
}

// List is "a, b CONJUNCTION c" of the shells' names.
func List(conjunction string) string {
	names := Names()
	list := names[0]
	for i, name := range names[1:] {
		if i == len(names)-2 {
			list += " " + conjunction + " " + name
		} else {
			list += ", " + name
		}
	}
	return list
}

// ByName returns the shell called name, which may be a path or a login shell's name ("-bash"). It returns nil for an
// unknown shell.
func ByName(name string) *Shell {
	base := path.Base(name)
	for _, s := range registered {
		if base == s.Name || base == "-"+s.Name {
			return s
		}
	}
	return nil
}

// ErrNUL says that a word has a NUL byte, which no shell accepts.
var ErrNUL = errors.New("a NUL byte cannot be quoted for a shell")

// Quote returns word quoted so that the shell takes it literally, as one word of a command.
func (s *Shell) Quote(word string) (string, error) {
	literal, err := s.Literal(word)
	return s.Verbatim[0] + literal + s.Verbatim[1], err
}

// plain are the characters that need no quotes in any shell, anywhere in a word.
const plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./-+,:@"

// Word is Quote without quotes where the shell needs none.
func (s *Shell) Word(word string) (string, error) {
	if word != "" && strings.Trim(word, plain) == "" {
		return word, nil
	}
	return s.Quote(word)
}

// Literal returns word as a constant of the shell's language. That is the same as Quote, unless the shell has Verbatim.
func (s *Shell) Literal(word string) (string, error) {
	quoted := []byte{'\''}
	for i := range len(word) {
		if word[i] == 0 {
			return "", ErrNUL
		}
		if at := slices.Index(s.Escapes, word[i:i+1]); at >= 0 {
			quoted = append(quoted, s.Escapes[at+1]...)
		} else {
			quoted = append(quoted, word[i])
		}
	}
	return string(append(quoted, '\'')), nil
}
