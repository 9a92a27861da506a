package paths

import (
	"os"
	"slices"
	"strings"
)

// Env is an environment that does not change. The program reads the real one once, at its start.
type Env struct{ pairs []string }

// FromOS is the environment of this process.
func FromOS() Env { return Env{pairs: os.Environ()} }

// New is an environment of NAME=value pairs. The last pair of a name counts, as for exec.
func New(pairs []string) Env { return Env{pairs: slices.Clone(pairs)} }

// Lookup returns the value of name and whether it is set at all.
func (e Env) Lookup(name string) (string, bool) {
	for i := len(e.pairs) - 1; i >= 0; i-- {
		if value, ok := strings.CutPrefix(e.pairs[i], name+"="); ok {
			return value, true
		}
	}
	return "", false
}

// Get returns the value of name, or "".
func (e Env) Get(name string) string {
	value, _ := e.Lookup(name)
	return value
}

// With returns the environment with name set to value.
func (e Env) With(name, value string) Env {
	without := e.Without(name)
	return Env{pairs: append(without.pairs, name+"="+value)}
}

// Without returns the environment without the names.
func (e Env) Without(names ...string) Env {
	kept := make([]string, 0, len(e.pairs)+1)
	for _, pair := range e.pairs {
		if name, _, _ := strings.Cut(pair, "="); !slices.Contains(names, name) {
			kept = append(kept, pair)
		}
	}
	return Env{pairs: kept}
}

// Environ returns the pairs, for a child process.
func (e Env) Environ() []string { return slices.Clone(e.pairs) }
