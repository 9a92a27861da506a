package paths

import (
	"path/filepath"
	"strings"
)

// Look finds a program as the client does, which starts it by its name: on PATH, or where the name has a slash, there.
// Relative entries of PATH are passed over.
func Look(env Env, name string) (path string, found bool) {
	if strings.Contains(name, "/") {
		return name, executable(name) == nil
	}
	for _, dir := range filepath.SplitList(env.Get("PATH")) {
		path := filepath.Join(dir, name)
		if filepath.IsAbs(dir) && executable(path) == nil {
			return path, true
		}
	}
	return "", false
}
