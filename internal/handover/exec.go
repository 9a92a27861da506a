package handover

import (
	"os"
	"os/signal"
	"syscall"
)

// Exec replaces this process with the program path and returns only when that failed.
//
// Every descriptor that this program opened itself is close-on-exec; the ones it was given stay open, as they would
// without it (a shell's `<(…)` is such a one). Go raises the soft limit of open files for itself and syscall.Exec puts
// it back. Signals that were ignored stay ignored for SIGHUP and SIGINT (nohup, background jobs of a script); the Go
// runtime takes the others at its start and forgets what they were, and they become the default.
func Exec(path string, argv, env []string) error {
	IgnoreQuitOfAsyncList()
	if err := syscall.Exec(path, argv, env); err != nil {
		return &os.PathError{Op: "exec", Path: path, Err: err}
	}
	return nil
}

// IgnoreQuitOfAsyncList gives a child SIGQUIT ignored where a shell had asked for that. A shell without job control
// starts `cmd &` with SIGINT and SIGQUIT ignored and standard input from /dev/null; the Go runtime respects the first
// and forgets the second.
func IgnoreQuitOfAsyncList() {
	if signal.Ignored(syscall.SIGINT) && isDevNull(0) {
		signal.Ignore(syscall.SIGQUIT)
	}
}

// isDevNull reports whether fd is the null device.
func isDevNull(fd int) bool {
	var a, b syscall.Stat_t
	if syscall.Fstat(fd, &a) != nil || syscall.Stat("/dev/null", &b) != nil {
		return false
	}
	return a.Mode&syscall.S_IFMT == syscall.S_IFCHR && a.Rdev == b.Rdev
}
