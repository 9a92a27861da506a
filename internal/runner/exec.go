package runner

import (
	"fmt"
	"os"

	"github.com/claude-auth/claude-auth/internal/handover"
)

// Exec replaces this process with the command and returns only when that failed.
func Exec(c Command) error {
	if c.Dir != "" {
		if err := os.Chdir(c.Dir); err != nil {
			return fmt.Errorf("enter the command's directory: %w", err)
		}
	}
	return handover.Exec(c.Path, c.Argv(), c.Env)
}
