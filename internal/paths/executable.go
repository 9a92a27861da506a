package paths

import (
	"os"
	"os/exec"
	"path/filepath"
)

// Executable names this program's file. Without /proc only the name that it was started under says where that is.
func Executable() (string, error) {
	path, err := os.Executable()
	if err == nil {
		return path, nil
	}
	if path, lookErr := exec.LookPath(os.Args[0]); lookErr == nil {
		return filepath.Abs(path)
	}
	return "", err
}
