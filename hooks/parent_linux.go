package hooks

import (
	"fmt"
	"os"
	"strings"
)

// ParentName returns the name of the process that started this one, or "" when it cannot be known.
func ParentName() string {
	name, err := os.ReadFile(fmt.Sprintf("/proc/%d/comm", os.Getppid()))
	if err != nil {
		return "" // no /proc, or a parent that has just ended: $SHELL decides
	}
	return strings.TrimSpace(string(name))
}
