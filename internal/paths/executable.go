package paths

import (
	"os"
	"os/exec"
	"path/filepath"
)

// Wrapper is the name of a link to this program that editors and SDK programs start in place of Claude Code.
const Wrapper = "claude-auth-wrapper"

// Executable names this program's file. Without /proc only the name that it was started under says where that is. The
// file behind Wrapper is named by its own name, because under the other one the program takes no commands.
func Executable() (string, error) {
	path, err := os.Executable()
	if err != nil {
		found, lookErr := exec.LookPath(os.Args[0])
		if lookErr != nil {
			return "", err
		}
		if path, err = filepath.Abs(found); err != nil {
			return "", err
		}
	}
	if filepath.Base(path) == Wrapper { // macOS names the link
		return filepath.EvalSymlinks(path)
	}
	return path, nil
}
