//go:build darwin || freebsd

package session

import (
	"os"

	"golang.org/x/sys/unix"

	"github.com/claude-auth/claude-auth/internal/fdio"
	"github.com/claude-auth/claude-auth/internal/lock"
	"github.com/claude-auth/claude-auth/internal/paths"
	"github.com/claude-auth/claude-auth/internal/runner"
)

// ownExecutable names this program's file.
func ownExecutable() (string, error) { return paths.Executable() }

// parentOf reads a process's parent from the kernel's table.
func parentOf(pid int) (int, error) {
	if parent := lock.ProcessOf(pid).Parent; parent > 0 {
		return parent, nil
	}
	return 0, unix.ESRCH
}

// anonymousMemory makes a descriptor that can be mapped and whose file has no name.
func anonymousMemory() (int, error) {
	f, err := runner.UnnamedFile(os.TempDir())
	if err != nil {
		return -1, err
	}
	defer f.Close()
	return fdio.Duplicate(int(f.Fd()))
}
