package diagnose

import (
	"fmt"
	"slices"
	"strings"

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
	switch {
	case s.File == "":
		return fmt.Sprintf("run 'unset %s' (and look for it in the startup file of the shell), or put a valid value there", s.Name)
	case s.Line == 0:
		return fmt.Sprintf("take %s out of %s, or put a valid value there", s.Name, s.File)
	}
	return fmt.Sprintf("take %s out of %s (line %d), or put a valid value there", s.Name, s.File, s.Line)
}

// Launch is how the client was started, as far as it decides which credential wins. The zero Launch is `claude -p`
// without further flags.
type Launch struct {
	Dir         string   // the working directory
	Interactive bool     // a session: ANTHROPIC_API_KEY counts only where the person has approved of the key
	Settings    string   // --settings: a file, or JSON text
	Sources     []string // --setting-sources: user, project, local; nil means all
}

const (
	apiKey       = "ANTHROPIC_API_KEY"
	apiKeyHelper = "apiKeyHelper"
)

// winners lists what wins over the saved login, the strongest first (client-facts, section 6; the switches of AWS and
// Mantle and the file descriptors read in the text of 2.1.165). With apiKeyHelper and CLAUDE_CODE_OAUTH_TOKEN both set
// the helper wins (measured on 2.1.165 and 2.1.330).
var winners = []string{
	"CLAUDE_CODE_USE_BEDROCK", "CLAUDE_CODE_USE_VERTEX", "CLAUDE_CODE_USE_FOUNDRY", "CLAUDE_CODE_USE_ANTHROPIC_AWS", "CLAUDE_CODE_USE_MANTLE",
	"ANTHROPIC_AUTH_TOKEN", apiKey, "CLAUDE_CODE_API_KEY_FILE_DESCRIPTOR", apiKeyHelper,
	"CLAUDE_CODE_OAUTH_TOKEN", "CLAUDE_CODE_OAUTH_TOKEN_FILE_DESCRIPTOR",
}

// Variables lists the variables of the environment that can override the saved login.
func Variables() []string {
	return slices.DeleteFunc(slices.Clone(winners), func(name string) bool { return name == apiKeyHelper })
}

// FindShadow returns the credential that wins over the saved login for `claude -p` in the directory dir, or nil.
func FindShadow(env paths.Env, p paths.Paths, dir string) *Shadow {
	return Launch{Dir: dir}.Shadow(env, p)
}

// Shadow returns the credential that wins over the saved login for a client started so with env, or nil.
//
// The env block of a settings file replaces the environment's own value, an empty one too; of the files --settings wins
// over .claude/settings.local.json, that over .claude/settings.json, that over the user's, and those over the env block
// of .claude.json; the managed settings win over all (measured on 2.1.165 and 2.1.330, but for the managed ones: read).
func (l Launch) Shadow(env paths.Env, p paths.Paths) *Shadow {
	settings := l.settings(p)
	for _, name := range winners {
		value, shadow := settings.find(name)
		if shadow == nil && name != apiKeyHelper {
			value, shadow = env.Get(name), &Shadow{Name: name}
		}
		if shadow == nil || !isSet(name, value) {
			continue
		}
		if name == apiKey && l.Interactive && !approved(p.GlobalConfig, value) {
			continue
		}
		return shadow
	}
	return nil
}

// isSet reports whether the client takes the variable for set: a cloud switch must be true, the others not empty.
func isSet(name, value string) bool {
	if strings.HasPrefix(name, "CLAUDE_CODE_USE_") {
		switch strings.ToLower(strings.TrimSpace(value)) {
		case "1", "true", "yes", "on":
			return true
		}
		return false
	}
	return value != ""
}
