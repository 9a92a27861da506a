// Package config has the settings that last: a file of `key = value` lines, and an environment variable for each key.
//
// The environment overrides the file, and a flag of the command line overrides both. A value that is not valid is an
// error that names its place, and the default counts in its stead. So a caller that must not stop can go on.
package config

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/claude-auth/claude-auth/internal/atomicfile"
	"github.com/claude-auth/claude-auth/internal/paths"
)

// The keys.
const (
	Mode    = "mode"    // what run does when a login was rejected: see Modes
	Guard   = "guard"   // on or off: whether renewals are guarded
	Timeout = "timeout" // how long a sign-in may take
	Color   = "color"   // auto, always or never
	Browser = "browser" // the program that opens the page of a sign-in
	Notify  = "notify"  // on or off: whether there are desktop notifications
)

// Modes are the values of Mode. The first one is the default, and the careful one.
var Modes = []string{"ask", "auto", "off"}

// Colors are the values of Color.
var Colors = []string{"auto", "always", "never"}

var switches = []string{"on", "off"}

// DefaultTimeout is how long a sign-in may take.
const DefaultTimeout = 5 * time.Minute

// Key is what is known about a setting.
type Key struct {
	Name     string
	Variable string   // of the environment
	Default  string   // "" for none
	Choices  []string // nil where other values are possible
	About    string   // what it does, in a phrase
	check    func(value string) error
}

// Keys lists the settings, in the order in which people see them.
func Keys() []Key {
	return []Key{
		{
			Name: Mode, Variable: paths.EnvMode, Default: Modes[0], Choices: Modes, check: oneOf(Modes),
			About: "what happens when a login was rejected: ask, sign in without asking (auto), or nothing (off)",
		},
		{
			Name: Guard, Variable: paths.EnvGuard, Default: switches[0], Choices: switches, check: oneOf(switches),
			About: "whether a login that ends soon is renewed before Claude Code starts",
		},
		{
			Name: Timeout, Variable: paths.EnvTimeout, Default: "5m", check: checkTimeout,
			About: "how long a sign-in may take",
		},
		{
			Name: Color, Variable: paths.EnvColor, Default: Colors[0], Choices: Colors, check: oneOf(Colors),
			About: "when to print in colour",
		},
		{
			Name: Browser, Variable: paths.EnvBrowser, check: checkBrowser,
			About: "the program that opens the page of a sign-in",
		},
		{
			Name: Notify, Variable: paths.EnvNotify, Default: switches[0], Choices: switches, check: oneOf(switches),
			About: "whether a desktop notification says that a login has stopped working",
		},
	}
}

// Find returns the key called name.
func Find(name string) (Key, bool) {
	keys := Keys()
	if i := slices.IndexFunc(keys, func(k Key) bool { return k.Name == name }); i >= 0 {
		return keys[i], true
	}
	return Key{}, false
}

// Check says what is wrong with a value; nil when it is valid. The error is a phrase that follows the name of the
// setting, such as `must be on or off, not "yes"`.
func (k Key) Check(value string) error { return k.check(value) }

func oneOf(choices []string) func(string) error {
	return func(value string) error {
		if slices.Contains(choices, value) {
			return nil
		}
		return fmt.Errorf("must be %s, not %q", orList(choices), value)
	}
}

func orList(words []string) string {
	last := len(words) - 1
	return strings.Join(words[:last], ", ") + " or " + words[last]
}

func checkTimeout(value string) error {
	if d, err := time.ParseDuration(value); err == nil && d > 0 {
		return nil
	}
	return fmt.Errorf("must be a time such as 5m or 90s, not %q", value)
}

func checkBrowser(value string) error {
	switch {
	case value == "":
		return errors.New("must be the name or the path of a program")
	case strings.ContainsFunc(value, func(r rune) bool { return r < ' ' || r == 0x7f }):
		return fmt.Errorf("must not contain control characters, as in %q", value)
	}
	return nil
}

// The sources of a value.
const (
	FromDefault     = "default"
	FromFile        = "file"
	FromEnvironment = "environment"
)

// Setting is a key with its value.
type Setting struct {
	Key      string
	Value    string // "" when it is not set, and has no default
	Source   string // FromDefault, FromFile or FromEnvironment
	Variable string // FromEnvironment
	File     string // FromFile
	Line     int    // FromFile, from 1
}

// Place says where the value comes from, for people.
func (s Setting) Place() string {
	switch s.Source {
	case FromFile:
		return fmt.Sprintf("%s:%d", s.File, s.Line)
	case FromEnvironment:
		return s.Variable
	}
	return s.Source
}

// Config holds the settings of one run.
type Config struct{ settings []Setting }

// Load reads the settings. path is the file, or "" where none is known. The error joins a *ValueError for each value
// that is not valid, and the error of reading the file. The settings are complete after an error too.
func Load(env paths.Env, path string) (Config, error) {
	file, err := readFile(path)
	problems := []error{err}
	problems = append(problems, file.problems()...)
	var c Config
	for _, key := range Keys() {
		s := Setting{Key: key.Name, Value: key.Default, Source: FromDefault}
		if l, ok := file.find(key.Name); ok && key.check(l.value) == nil {
			s = Setting{Key: key.Name, Value: l.value, Source: FromFile, File: path, Line: l.number}
		}
		if value := env.Get(key.Variable); value != "" { // empty counts as not set
			if problem := key.check(value); problem == nil {
				s = Setting{Key: key.Name, Value: value, Source: FromEnvironment, Variable: key.Variable}
			} else {
				s = Setting{Key: key.Name, Value: key.Default, Source: FromDefault}
				hint := "change or unset " + key.Variable + "; " + helpTopic
				problems = append(problems, &ValueError{key.Variable + " " + problem.Error(), hint})
			}
		}
		c.settings = append(c.settings, s)
	}
	return c, errors.Join(problems...)
}

// All returns the settings in the order of Keys.
func (c Config) All() []Setting {
	if c.settings == nil { // nothing was loaded
		c, _ = Load(paths.Env{}, "")
	}
	return slices.Clone(c.settings)
}

// Of returns the setting of a key.
func (c Config) Of(key string) Setting {
	all := c.All()
	i := slices.IndexFunc(all, func(s Setting) bool { return s.Key == key })
	return all[i] // Keys has every constant of this package
}

// Get returns the value of a key.
func (c Config) Get(key string) string { return c.Of(key).Value }

// Timeout returns how long a sign-in may take.
func (c Config) Timeout() time.Duration {
	d, _ := time.ParseDuration(c.Get(Timeout)) // it is valid
	return cmp.Or(d, DefaultTimeout)
}

// Guarded reports whether renewals are guarded.
func (c Config) Guarded() bool { return c.Get(Guard) != "off" }

// Notifies reports whether there are desktop notifications.
func (c Config) Notifies() bool { return c.Get(Notify) != "off" }

// Problems returns what is wrong, one by one, of an error of Load.
func Problems(err error) []error {
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		return joined.Unwrap()
	}
	return nil
}

// ValueError is a setting that is not valid. The error names its place: PATH:LINE or the variable.
type ValueError struct{ text, hint string }

func (e *ValueError) Error() string { return e.text }

// Hint returns the step that helps.
func (e *ValueError) Hint() string { return e.hint }

const helpTopic = "'claude-auth help settings' explains the settings"

// maxFile bounds what is read of the file, in bytes.
const maxFile = 64 << 10

// readFile reads the file. One that is missing, or that this user cannot even see, is empty.
func readFile(path string) (*File, error) {
	f := &File{path: path}
	if path == "" {
		return f, nil
	}
	text, info, err := atomicfile.ReadRegular(path, maxFile)
	if errors.Is(err, fs.ErrNotExist) {
		return f, nil
	}
	if _, unseen := os.Lstat(path); errors.Is(unseen, fs.ErrPermission) { // in the closed home of another user
		return f, nil
	}
	if err != nil {
		return f, &FileError{Path: path, Err: err}
	}
	f.mode, f.read = info.Mode().Perm(), string(text)
	f.parse(f.read)
	return f, nil
}

// FileError says that the file of the settings could not be read or written.
type FileError struct {
	Path    string
	Writing bool
	Err     error
}

func (e *FileError) Error() string {
	verb := "read"
	if e.Writing {
		verb = "written"
	}
	return fmt.Sprintf("%s cannot be %s: %v", e.Path, verb, atomicfile.WithoutPath(e.Err))
}

func (e *FileError) Unwrap() error { return e.Err }
