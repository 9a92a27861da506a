package diagnose

import (
	"fmt"

	"github.com/claude-auth/claude-auth/internal/claude"
	"github.com/claude-auth/claude-auth/internal/paths"
)

// Shadow is a credential that the client uses instead of the saved login.
type Shadow struct {
	Name string // the variable, or apiKeyHelper
	File string // the settings file that sets it; "" for the environment
	Line int    // its line there, from 1; 0 for what was given as text (--settings '{…}')
}

// String names the credential and its place, never its value.
func (s *Shadow) String() string {
	switch {
	case s.File == "":
		return s.Name + " in the environment"
	case s.Line == 0:
		return s.Name + " in " + s.File
	}
	return fmt.Sprintf("%s in %s line %d", s.Name, s.File, s.Line)
}

// Remedy returns what helps against it.
func (s *Shadow) Remedy() string {
	const otherwise = ", or put a valid value there"
	switch {
	case s.File == "":
		return "run 'unset " + s.Name + "' (and look for it in the startup file of the shell)" + otherwise
	case s.Line == 0:
		return fmt.Sprintf("take %s out of %s", s.Name, s.File) + otherwise
	}
	return fmt.Sprintf("take %s out of %s (line %d)", s.Name, s.File, s.Line) + otherwise
}

// Launch is how the client was started, as far as it decides which credential wins. The zero Launch is `claude -p`
// without further flags.
type Launch struct {
	Dir         string   // the working directory
	Interactive bool     // a session, which uses only API keys that the person has approved of
	Settings    string   // --settings: a file, or JSON text
	Sources     []string // --setting-sources: user, project, local; nil means all
}

// FindShadow returns the credential that `claude -p` in the directory dir uses instead of the saved login, or nil.
func FindShadow(env paths.Env, p paths.Paths, dir string) *Shadow {
	return Launch{Dir: dir}.Shadow(env, p)
}

// Shadow returns the credential that a client started so with env uses instead of the saved login, or nil. What the
// settings set replaces the environment's own value, also when it is empty.
func (l Launch) Shadow(env paths.Env, p paths.Paths) *Shadow {
	settings := l.settings(p)
	for _, o := range claude.Overrides {
		found, ok := settings[o.Name]
		if !ok && !o.Setting {
			found = setting{env.Get(o.Name), Shadow{Name: o.Name}}
		}
		if !o.IsSet(found.value) ||
			o.Name == claude.EnvAPIKey && l.Interactive && !approved(p.GlobalConfig, found.value) {
			continue
		}
		return &found.from
	}
	return nil
}
