package standin

import (
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"github.com/claude-auth/claude-auth/internal/claude"
)

// variable is the value of an environment variable as the client has it after reading its settings: the env block of
// each file replaces the environment's own value, the project's that of the user (2.1.165, 2.1.330).
func (c *client) variable(name string) string {
	for _, path := range c.settingsFiles() {
		if value, ok := envBlock(path).values[name]; ok {
			text, _ := value.(string)
			return text
		}
	}
	return c.Env.Get(name)
}

// forcedMethod is the kind of sign-in that the settings demand.
func (c *client) forcedMethod() string {
	for _, path := range c.settingsFiles() {
		if method := get[string](readObject(path), claude.ForceLoginMethod); method != "" {
			return method
		}
	}
	return ""
}

// helperKey is the key that the settings' apiKeyHelper prints; "" without a helper.
func (c *client) helperKey() string {
	for _, path := range c.settingsFiles() {
		if helper := get[string](readObject(path), claude.APIKeyHelper); helper != "" {
			command := exec.Command("sh", "-c", helper)
			command.Env, command.Dir = c.Env.Environ(), c.Dir
			output, _ := command.Output() // of one that fails the client says more; here it has no key
			return strings.TrimSpace(string(output))
		}
	}
	return ""
}

// settingsFiles are the files of the settings; an earlier one overrides the later ones.
func (c *client) settingsFiles() []string {
	return []string{
		filepath.Join(c.Dir, claude.ConfigDir, claude.LocalSettings),
		filepath.Join(c.Dir, claude.ConfigDir, claude.Settings),
		filepath.Join(c.paths.ConfigDir, claude.Settings),
	}
}

// envBlock is the env block of a settings file.
func envBlock(path string) *object {
	if env := get[*object](readObject(path), claude.EnvBlock); env != nil {
		return env
	}
	return newObject()
}

// approves reports whether the person has let sessions use this API key; -p uses any.
func (c *client) approves(key string) bool {
	approved := get[[]any](get[*object](c.globalConfig(), claude.APIKeyApprovals), "approved")
	return slices.Contains(approved, any(key[max(0, len(key)-claude.ApprovalLength):]))
}
