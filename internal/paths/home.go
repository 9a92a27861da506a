package paths

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"github.com/claude-auth/claude-auth/internal/claude"
)

// IsBelow reports whether a path is below the directory home, by their texts. Nothing is where HOME is not set.
func IsBelow(path, home string) bool {
	return home != "" && strings.HasPrefix(path, strings.TrimRight(home, "/")+"/")
}

// CheckHome returns a *MissingHomeError when path is below a home directory that does not exist. Nothing may be made
// there: the person who makes the home gives it its owner and its files.
func (p Paths) CheckHome(path string) error {
	if !IsBelow(path, p.Home) {
		return nil
	}
	if _, err := os.Stat(p.Home); errors.Is(err, fs.ErrNotExist) {
		return &MissingHomeError{p.Home}
	}
	return nil
}

// MissingHomeError says that the home directory does not exist.
type MissingHomeError struct{ Home string }

func (e *MissingHomeError) Error() string {
	return fmt.Sprintf("the home directory %s does not exist", e.Home)
}

// Hint says what helps.
func (e *MissingHomeError) Hint() string {
	return "set HOME to a directory that exists, or " + claude.EnvConfigDir + " to one of your own"
}
