package standin

import (
	"path/filepath"
	"slices"
)

// variable is the value of an environment variable as the client has it after reading its settings: the env block of
// each file replaces the environment's own value, the project's that of the user (2.1.165, 2.1.330).
func (c *client) variable(name string) string {
	for _, path := range []string{
		filepath.Join(c.Dir, ".claude", "settings.local.json"),
		filepath.Join(c.Dir, ".claude", "settings.json"),
		filepath.Join(c.paths.ConfigDir, "settings.json"),
	} {
		if value, ok := envBlock(path).values[name]; ok {
			text, _ := value.(string)
			return text
		}
	}
	return c.Env.Get(name)
}

// envBlock is the env block of a settings file.
func envBlock(path string) *object {
	if env := get[*object](readObject(path), "env"); env != nil {
		return env
	}
	return newObject()
}

// approvalLength is how many characters of a key's end the client keeps to recognise it.
const approvalLength = 20

// approves reports whether the person has let sessions use this API key; -p uses any.
func (c *client) approves(key string) bool {
	approved := get[[]any](get[*object](c.globalConfig(), "customApiKeyResponses"), "approved")
	return slices.Contains(approved, any(key[max(0, len(key)-approvalLength):]))
}
