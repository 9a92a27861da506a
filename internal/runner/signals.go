package runner

import (
	"os"
	"os/signal"
	"slices"
	"syscall"

	"golang.org/x/sys/unix"

	"github.com/claude-auth/claude-auth/internal/tty"
)

// Catch delivers the signals that a process can be sent from outside, and those in also, to the channel instead of
// letting them end us. What was ignored when we started (nohup) stays so, for us and for the child. stop ends it.
func Catch(also ...os.Signal) (caught <-chan os.Signal, stop func()) {
	ch := make(chan os.Signal, 16)
	outside := []os.Signal{unix.SIGHUP, unix.SIGINT, unix.SIGQUIT, unix.SIGTERM, unix.SIGUSR1, unix.SIGUSR2}
	signal.Notify(ch, append(slices.DeleteFunc(outside, signal.Ignored), also...)...)
	return ch, func() {
		signal.Stop(ch)
		if slices.Contains(also, os.Signal(unix.SIGTSTP)) {
			restoreStop()
		}
	}
}

// forward passes the caught signals on to the child until it ends, and calls onResize when the window's size changes.
func (p *Child) forward(caught <-chan os.Signal, onResize func()) {
	for {
		select {
		case <-p.ended:
			return
		case s := <-caught:
			switch {
			case s == unix.SIGWINCH:
				onResize()
			case !fromKeyboard(s):
				p.Signal(s.(syscall.Signal))
			}
		}
	}
}

// fromKeyboard reports whether sig was most likely typed. The kernel sends such a signal to the whole foreground
// process group, so the child has had it and must not get it twice: a second Ctrl-C means something else to the
// clients.
func fromKeyboard(sig os.Signal) bool {
	return (sig == unix.SIGINT || sig == unix.SIGQUIT) && tty.InForeground()
}
