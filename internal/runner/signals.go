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

// forward passes the caught signals on to the child until over is closed, and calls onResize when the window's size
// changes. A signal that comes when the child has ended asks us to end, where its output still waits for a reader.
//
// A signal that would end the child waits while it is busy, and so does every later one. We wait with it: the child is
// of our process group and would be killed with us (DieWithParent), so here we can't end first, and a SIGKILL for us is
// one for the child. Nor can we keep from the child what reaches it without us: a key, and what is sent to the whole
// process group, as the kernel does when the terminal is closed and timeout does without --foreground.
func (p *Child) forward(over <-chan struct{}, caught <-chan os.Signal, busy Busy, onResize func()) {
	var waiting syscall.Signal
	var free <-chan struct{} // not nil while a signal is waiting
	for {
		select {
		case <-over:
			return
		case <-free:
			free = nil
			p.Signal(waiting)
		case s := <-caught:
			if p.toldBy == 0 && (s == unix.SIGTERM || s == unix.SIGHUP || isClosed(p.ended) && Ends(s)) {
				p.toldBy = s.(syscall.Signal)
				close(p.told)
			}
			switch {
			case s == unix.SIGWINCH:
				onResize()
			case fromKeyboard(s): // the child has had it
			case free != nil && Ends(s): // one is waiting
			case Ends(s) && busy.Now():
				waiting, free = s.(syscall.Signal), busy.free()
			default:
				p.Signal(s.(syscall.Signal))
			}
		}
	}
}

// Ends reports whether the signal asks a process to end.
func Ends(sig os.Signal) bool {
	return sig == unix.SIGHUP || sig == unix.SIGINT || sig == unix.SIGQUIT || sig == unix.SIGTERM
}

// fromKeyboard reports whether sig was most likely typed. The kernel sends such a signal to the whole foreground
// process group, so the child has had it and must not get it twice: a second Ctrl-C means something else to the
// clients.
func fromKeyboard(sig os.Signal) bool {
	return (sig == unix.SIGINT || sig == unix.SIGQUIT) && tty.InForeground()
}
