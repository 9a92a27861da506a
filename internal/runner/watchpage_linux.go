package runner

import "golang.org/x/sys/unix"

// anonymousMemory makes a descriptor that can be mapped and has no file.
func anonymousMemory() (int, error) { return unix.MemfdCreate("claude-auth-session", unix.MFD_CLOEXEC) }
