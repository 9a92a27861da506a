package session

import (
	"bytes"
	"fmt"
	"os"

	"golang.org/x/sys/unix"

	"github.com/claude-auth/claude-auth/internal/paths"
)

// ownExecutable names this program's file: by its path, which is what ps shows, or, when an update has replaced or
// removed that file since, by what is running.
func ownExecutable() (string, error) {
	const running = "/proc/self/exe"
	path, err := paths.Executable()
	if err != nil {
		return running, nil
	}
	a, errA := os.Stat(path)
	b, errB := os.Stat(running)
	if errB == nil && (errA != nil || !os.SameFile(a, b)) {
		return running, nil
	}
	return path, nil
}

// parentOf reads a process's parent from the kernel's table.
func parentOf(pid int) (int, error) {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0, err
	}
	var state string
	var ppid int
	// The name is in parentheses and may hold anything: the fields begin after the last one.
	_, err = fmt.Sscan(string(stat[bytes.LastIndexByte(stat, ')')+1:]), &state, &ppid)
	return ppid, err
}

// anonymousMemory makes a descriptor that can be mapped and has no file.
func anonymousMemory() (int, error) { return unix.MemfdCreate("claude-auth-session", unix.MFD_CLOEXEC) }
