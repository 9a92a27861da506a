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

// Remedy returns how to make the client use the saved login again.
func (s *Shadow) Remedy() string {
	remedy := "run 'unset " + s.Name + "' (and look for it in the startup file of the shell)"
	if s.File != "" {
		remedy = "take " + s.Name + " out of " + s.File
	}
	if s.Line != 0 {
		remedy += fmt.Sprintf(" (line %d)", s.Line)
	}
	return remedy + ", or put a valid value there"
}

// Launch is how the client was started: the parts that decide which credential it uses. The zero Launch is `claude -p`
// without further flags.
type Launch struct {
	Dir         string   // the working directory
	Interactive bool     // a session, which uses only API keys that the person has approved
	Settings    string   // --settings: a file, or JSON text
	Sources     []string // --setting-sources: user, project, local; nil means all
}

// Shadow returns the credential that a client with this launch uses instead of the saved login, or nil. A value in the
// settings replaces that of the environment, even when it is empty.
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
