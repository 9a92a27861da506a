package runner

import (
	"fmt"
	"os"
	"os/signal"
	"syscall"
)

// Exec replaces this process with the command and returns only when that failed.
//
// Every descriptor that this program opened itself is close-on-exec; the ones it was given stay open, as they would without it
// (a shell's `<(…)` is such a one). Go raises the soft limit of open files for itself and syscall.Exec puts it back. Signals that were
// ignored stay ignored for SIGHUP and SIGINT (nohup, background jobs of a script); the Go runtime takes the others
// at its start and forgets what they were, and they become the default.
func Exec(c Command) error {
	if c.Dir != "" {
		if err := os.Chdir(c.Dir); err != nil {
			return fmt.Errorf("enter the command's directory: %w", err)
		}
	}
	ignoreQuitOfAsyncList()
	if err := syscall.Exec(c.Path, c.Argv(), c.Env); err != nil {
		return &os.PathError{Op: "exec", Path: c.Path, Err: err}
	}
	return nil
}

// ignoreQuitOfAsyncList gives the child SIGQUIT ignored where a shell had asked for that. A shell without job control starts `cmd &`
// with SIGINT and SIGQUIT ignored and standard input from /dev/null; the Go runtime respects the first and forgets the second.
func ignoreQuitOfAsyncList() {
	if signal.Ignored(syscall.SIGINT) && isDevNull(0) {
		signal.Ignore(syscall.SIGQUIT)
	}
}
