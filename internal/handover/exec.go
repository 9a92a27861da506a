package handover

import (
	"os"
	"os/signal"
	"syscall"
)

// Exec replaces this process with the program path and returns only when that failed.
//
// The descriptors that this program has opened are close-on-exec. Those that it was given stay open, such as a shell's
// `<(…)`. Go raises the soft limit of open files for itself, and syscall.Exec restores it. SIGHUP and SIGINT stay
// ignored if they were (nohup, background jobs of a script). The other signals get their default action, because the Go
// runtime handles them from its start and does not keep what they were.
func Exec(path string, argv, env []string) error {
	IgnoreQuitOfAsyncList()
	if err := syscall.Exec(path, argv, env); err != nil {
		return &os.PathError{Op: "exec", Path: path, Err: err}
	}
	return nil
}

// IgnoreQuitOfAsyncList ignores SIGQUIT where the shell has asked for that. A shell without job control starts `cmd &`
// with SIGINT and SIGQUIT ignored and standard input from /dev/null. The Go runtime keeps SIGINT ignored, but not
// SIGQUIT.
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
