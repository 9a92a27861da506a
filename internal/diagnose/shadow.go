package diagnose

import (
	"fmt"
	"strings"
	"time"

	"github.com/claude-auth/claude-auth/internal/claude"
	"github.com/claude-auth/claude-auth/internal/paths"
	"github.com/claude-auth/claude-auth/internal/secret"
	"github.com/claude-auth/claude-auth/internal/ui"
)

// Shadow is a credential that the client uses instead of the saved login.
type Shadow struct {
	Name string // the variable, or apiKeyHelper
	File string // the settings file that sets it; "" for the environment
	Line int    // its line there, from 1; 0 for what was given as text (--settings '{…}')

	Age   time.Duration // of a token of `claude setup-token`: since it was first seen here; 0 when that is not known
	Meant bool          // it is there to be used instead of the saved login: see claude.Override
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

// Uses says what the client uses, where nothing is known against it.
func (s *Shadow) Uses() string {
	return "Claude Code uses " + s.String() + " instead of the saved login; " + s.Prospects()
}

// Prospects says how long it can be expected to work, where nothing is known against it.
func (s *Shadow) Prospects() string {
	text := "no failure is known"
	switch left := claude.SetupTokenLife - s.Age; {
	case s.Name != claude.EnvOAuthToken:
	case left <= 0:
		text += ", but it has been here for a year, and a token of 'claude setup-token' lasts a year"
	case left <= tokenEndsSoon:
		text += fmt.Sprintf(", but it ends in %s or earlier: a token of 'claude setup-token' lasts a year", ui.Roughly(left))
	default:
		text += " (a token of 'claude setup-token' lasts a year)"
	}
	return text
}

// tokenEndsSoon is how long before its end a token of `claude setup-token` is to be replaced.
const tokenEndsSoon = 30 * 24 * time.Hour

// NewToken returns how to replace a token of `claude setup-token` that ends soon or has ended, else "".
func (s *Shadow) NewToken() string {
	if s.Name != claude.EnvOAuthToken || s.Age < claude.SetupTokenLife-tokenEndsSoon {
		return ""
	}
	return "run 'claude setup-token' to make a new one"
}

// Remedy returns how to make the client use the saved login again.
func (s *Shadow) Remedy() string {
	remedy := "run 'unset " + s.Name + "' and remove it from the startup file of your shell"
	if s.File != "" {
		remedy = "remove " + s.Name + " from " + s.File
	}
	if s.Line != 0 {
		remedy += fmt.Sprintf(" (line %d)", s.Line)
	}
	return remedy + ", or give it a valid value"
}

// Launch is how the client was started: the parts that decide which credential it uses. The zero Launch is `claude -p`
// without further flags.
type Launch struct {
	Dir         string   // the working directory
	Interactive bool     // a session, which uses only API keys that the person has approved
	Settings    string   // --settings: a file, or JSON text
	Sources     []string // --setting-sources: user, project, local; nil means all

	Version claude.Version // of the client; 0 when unknown
}

// Shadow returns the credential that a client with this launch uses instead of the saved login, or nil. A value in the
// settings replaces that of the environment, even when it is empty.
func (l Launch) Shadow(env paths.Env, p paths.Paths) *Shadow {
	settings := l.settings(p)
	for _, o := range claude.Overrides {
		found, ok := settings[o.Name]
		if !ok && !o.Setting {
			found = inEnvironment(env, o.Name)
		}
		if !o.IsSet(found.value, l.Version) ||
			o.Name == claude.EnvAPIKey && l.Interactive && !approved(p.GlobalConfig, found.value) {
			continue
		}
		found.from.Meant = o.Meant
		return &found.from
	}
	return nil
}

func inEnvironment(env paths.Env, name string) setting {
	return setting{env.Get(name), Shadow{Name: name}}
}

// TokenOf returns the value of a shadow that is a token of `claude setup-token`, empty for another one.
func (l Launch) TokenOf(s *Shadow, env paths.Env, p paths.Paths) secret.Secret {
	if s == nil || s.Name != claude.EnvOAuthToken {
		return secret.Secret{}
	}
	if found, ok := l.settings(p)[s.Name]; ok {
		return secret.New(found.value)
	}
	return secret.New(env.Get(s.Name))
}

// Gateway returns where the address of a gateway is set, which the client asks instead of Anthropic; nil for none.
func (l Launch) Gateway(env paths.Env, p paths.Paths) *Shadow {
	return l.find(env, p, claude.EnvBaseURL, func(value string) bool { return !claude.IsAnthropic(value) })
}

// SignInToken returns where a refresh token is set that the client's sign-in would use instead of a browser; nil for
// none.
func (l Launch) SignInToken(env paths.Env, p paths.Paths) *Shadow {
	return l.find(env, p, claude.EnvRefreshToken, func(string) bool { return true })
}

// find returns where a variable is set to a value that counts, or nil.
func (l Launch) find(env paths.Env, p paths.Paths, name string, counts func(value string) bool) *Shadow {
	found, ok := l.settings(p)[name]
	if !ok {
		found = inEnvironment(env, name)
	}
	if strings.TrimSpace(found.value) == "" || !counts(found.value) {
		return nil
	}
	return &found.from
}
