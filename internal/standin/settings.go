package standin

import (
	"os"
	"path/filepath"
	"slices"

	"github.com/claude-auth/claude-auth/internal/claude"
)

// variable is the value of an environment variable as the client has it after reading its settings: the env block of
// each file replaces the environment's own value, the project's that of the user (2.1.165, 2.1.330).
func (c *client) variable(name string) string {
	for _, path := range []string{
		filepath.Join(c.Dir, claude.ConfigDir, claude.LocalSettings),
		filepath.Join(c.Dir, claude.ConfigDir, claude.Settings),
		filepath.Join(c.paths.ConfigDir, claude.Settings),
	} {
		if value, ok := c.setting(path).values[name]; ok {
			text, _ := value.(string)
			return text
		}
	}
	return c.Env.Get(name)
}

// setting is the env block of a settings file; a file that cannot be read or is no JSON has none.
func (c *client) setting(path string) *object {
	text, err := os.ReadFile(path)
	if err != nil {
		return newObject()
	}
	settings, err := parse(text)
	if err != nil {
		return newObject()
	}
	if env := get[*object](settings, claude.EnvBlock); env != nil {
		return env
	}
	return newObject()
}

// approves reports whether the person has let sessions use this API key; -p uses any.
func (c *client) approves(key string) bool {
	text, err := os.ReadFile(c.paths.GlobalConfig)
	if err != nil {
		return false
	}
	config, err := parse(text)
	if err != nil {
		return false
	}
	approved := get[[]any](get[*object](config, claude.APIKeyApprovals), "approved")
	return slices.Contains(approved, any(key[max(0, len(key)-claude.ApprovalLength):]))
}
