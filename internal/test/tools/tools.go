// Package tools lets a test say which programs it needs. Use it when a test runs a program that a machine may not have.
//
// Without the program the test is skipped, with a line that says so. With CI set it fails, because there `make test`
// has installed what it could.
package tools

import (
	"os"
	"os/exec"
	"testing"
)

// Need skips or fails the test unless all the named programs are on PATH.
func Need(t testing.TB, names ...string) {
	t.Helper()
	for _, name := range names {
		if _, err := exec.LookPath(name); err != nil {
			Missing(t, name)
		}
	}
}

// CanMount reports whether this process may mount something, in mounts of its own.
func CanMount() bool {
	return os.Geteuid() == 0 && exec.Command("unshare", "-m", "mount", "--bind", "/tmp", "/tmp").Run() == nil
}

// CanChroot reports whether this process can run something in a root of its own, with a /proc for it alone.
func CanChroot() bool {
	return os.Geteuid() == 0 && exec.Command("unshare", "-mpf", "mount", "-t", "proc", "proc", "/proc").Run() == nil
}

// CanContain reports whether this process can make a container: namespaces of its own, with an overlay for its files.
func CanContain() bool {
	const overlay = `mount -t tmpfs none /mnt && mkdir /mnt/u /mnt/w /mnt/r &&
		mount -t overlay none -o lowerdir=/,upperdir=/mnt/u,workdir=/mnt/w /mnt/r && mount -t proc none /mnt/r/proc`
	return os.Geteuid() == 0 && exec.Command("unshare", "-m", "-u", "-i", "-p", "-f", "sh", "-c", overlay).Run() == nil
}

// Missing skips or fails the test because it lacks something that is not a program on PATH.
func Missing(t testing.TB, what string) {
	t.Helper()
	if os.Getenv("CI") != "" {
		t.Fatalf("missing tool: %s", what)
	}
	t.Skipf("missing tool: %s", what)
}
