// Package shell lists the shells that have a hook, and says for each what is different about it.
//
// A shell is a value in a file of its own, beside its script and its completion in package hooks. Nothing else in the
// program names a shell. The package imports next to nothing, so that the prompt's fast path can use it.
package shell

import (
	"errors"
	"path"
	"slices"
)

// Shell is what is different about one shell.
type Shell struct {
	Name  string
	Order int // place in lists for people, who look for the most used first

	// The startup file of an interactive shell: below the directory in the first of these variables that is set.
	Startup []Place
	// What a login shell reads instead, first found first; nil where it reads the startup file too.
	LoginStartup []string
	// A parent of this kind says little about the user's own shell, because scripts and Makefiles run in it.
	RunsScripts bool

	// Pairs: what is special within single quotes, one byte, and what is written for it.
	Escapes []string
	// Words that cannot name a function, besides those that no shell takes.
	Reserved []string

	Eval       string // runs what the command %s prints: eval "$(%s)"
	IfPresent  string // runs the command %[2]s if the program %[1]s is there, and is silent otherwise
	Completion string // how to load the completion, for people

	Bare   []string // arguments to start it without startup files
	Strict []string // further ones to make it stop at the first fault
	Check  []string // the one that only checks the syntax of a file

	// What encloses an escape sequence in a prompt, so that the shell does not count it as text.
	Invisible [2]string
	// The completion gives the program words with their quotes removed.
	UnquotesWords bool
}

// Place is a file: Name below the directory in the environment variable Var.
type Place struct{ Var, Name string }

// registered are the shells as their files are initialised, which costs the prompt's fast path as good as nothing.
var registered []*Shell

func register(s *Shell) { registered = append(registered, s) }

// All returns the shells, in the order in which people are told of them.
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

// List is "a, b CONJUNCTION c" of their names.
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

// ByName returns the shell called name, which may be a path or a login shell's name ("-bash"); nil for an unknown one.
func ByName(name string) *Shell {
	base := path.Base(name)
	for _, s := range registered {
		if base == s.Name || base == "-"+s.Name {
			return s
		}
	}
	return nil
}

// ErrNUL says that a word has a NUL byte, which no shell can pass on.
var ErrNUL = errors.New("a NUL byte cannot be quoted for a shell")

// Quote returns word quoted so that the shell takes it literally, as one word.
func (s *Shell) Quote(word string) (string, error) {
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
