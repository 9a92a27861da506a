package runner

import "golang.org/x/sys/unix"

// openUnnamed makes a file that never has a name, so that not even SIGKILL leaves one behind.
func openUnnamed(dir string) (int, error) {
	return unix.Open(dir, unix.O_TMPFILE|unix.O_RDWR|unix.O_CLOEXEC, 0o600)
}
