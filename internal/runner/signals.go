package runner

import (
	"os"
	"os/signal"
	"syscall"

	"golang.org/x/sys/unix"
)

// signalsOf are the signals a process can be sent from outside and that the child should have met in our place.
var signalsOf = [...]syscall.Signal{unix.SIGHUP, unix.SIGINT, unix.SIGQUIT, unix.SIGTERM, unix.SIGUSR1, unix.SIGUSR2}

// catch has the signals delivered to the channel instead of ending us; the ones that were ignored when we started stay so (nohup), for
// us and for the child. The returned function ends it.
func catch(also ...os.Signal) (chan os.Signal, func()) {
	ch := make(chan os.Signal, 16)
	var set []os.Signal
	for _, s := range signalsOf {
		if !signal.Ignored(s) {
			set = append(set, s)
		}
	}
	set = append(set, also...)
	signal.Notify(ch, set...)
	return ch, func() {
		signal.Stop(ch)
		for _, s := range also {
			if s == unix.SIGTSTP {
				forgetStop()
			}
		}
	}
}

// fromKeyboard reports whether sig has most likely been typed: the kernel sends those to the whole foreground process group, so
// that a child in our group has had it already and must not get it twice (a second Ctrl-C means something else to the clients).
func fromKeyboard(sig os.Signal) bool {
	return (sig == unix.SIGINT || sig == unix.SIGQUIT) && InForeground()
}

// relay passes on to p what is sent to us, until the returned function is called. onResize, when given, is called at each change of the window's size.
func relay(p *child, onResize func()) (stop func()) {
	var also []os.Signal
	if onResize != nil {
		also = append(also, unix.SIGWINCH)
	}
	ch, end := catch(also...)
	done, finished := make(chan struct{}), make(chan struct{})
	go func() { // ends when done is closed
		defer close(finished)
		for {
			select {
			case <-done:
				return
			case s := <-ch:
				switch {
				case s == unix.SIGWINCH:
					onResize()
				case !fromKeyboard(s):
					_ = p.signal(s.(syscall.Signal)) // it has ended otherwise, which Run is about to notice
				}
			}
		}
	}()
	return func() {
		end()
		close(done)
		<-finished
	}
}

// passOn gives p what was caught before it existed.
func (p *child) passOn(caught <-chan os.Signal) {
	for len(caught) > 0 {
		if s := <-caught; !fromKeyboard(s) {
			_ = p.signal(s.(syscall.Signal))
		}
	}
}
