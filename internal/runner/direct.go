package runner

import (
	"errors"
	"os"
	"os/signal"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// direct answers signals and the keeper's reports until the session is over, and ends it.
func (s *Session) direct(messages <-chan message) {
	lost := s.lost
	for {
		select {
		case sig := <-s.signals:
			s.caught(sig)
		case m, ok := <-messages:
			switch {
			case !ok:
				s.err = errors.New("the session's keeper has ended before the child")
				s.status = Status{Code: 1}
				s.finish()
				return
			case m.op == sayStopped:
				s.childStopped(syscall.Signal(m.arg))
			case m.op == sayEnded:
				s.status = statusOf(unix.WaitStatus(m.arg))
				s.finish()
				return
			}
		case <-lost:
			// The kernel hangs a terminal up with SIGHUP to whoever is on it. The child is on another one.
			lost = nil
			s.abandonPanel()
			s.tell(tellChild, unix.SIGHUP)
			s.tell(tellGroup, unix.SIGCONT)
			s.hangUp()
		}
	}
}

// hangUp closes the child's terminal once what is being carried from it is through: what does not heed SIGHUP meets EIO, as on the
// real one.
func (s *Session) hangUp() {
	s.hungUp.Store(true)
	s.outWake.ring()
	go func() { // ends with the output goroutine
		<-s.outDone
		s.closeMaster()
	}()
}

func (s *Session) closeMaster() {
	s.keyboard.Lock()
	defer s.keyboard.Unlock()
	closeAll(s.master)
	s.master = -1
}

// caught does for the child what the signal would have done to it, had it been in our place.
func (s *Session) caught(sig os.Signal) {
	panel := s.overlay.current.Load()
	switch sig {
	case unix.SIGWINCH:
		if panel != nil {
			panel.resized()
		} else {
			s.resize()
		}
	case unix.SIGCONT:
		if s.continued {
			s.continued = false
			break
		}
		// Stopped and continued behind our back (SIGSTOP): a shell has had the terminal meanwhile.
		if panel != nil {
			panel.continued()
		} else {
			_ = setTermios(s.in, s.raw)
			s.resize()
			s.tell(tellChild, unix.SIGWINCH)
		}
	case unix.SIGTSTP:
		if panel != nil {
			panel.suspend()
		} else {
			s.tell(tellChild, unix.SIGTSTP) // and we follow when it has stopped
		}
	case unix.SIGINT, unix.SIGQUIT:
		// Typed while a panel runs something, it has reached that from the kernel; it may come here when that has ended already. Typed
		// at the panel itself it is a key and no signal.
		if panel == nil {
			s.tell(tellChild, sig.(syscall.Signal))
		}
	default:
		if panel != nil && (sig == unix.SIGTERM || sig == unix.SIGHUP) {
			s.abandonPanel()
		}
		s.tell(tellChild, sig.(syscall.Signal))
	}
}

// resize gives the child the real terminal's size; the kernel tells it with SIGWINCH when that changes something.
func (s *Session) resize() (changed bool) {
	s.keyboard.Lock()
	defer s.keyboard.Unlock()
	changed, _ = copySize(s.out, s.master) // a terminal that is gone has no size, and the child keeps the last one
	return changed
}

// childStopped follows the child: the terminal goes back to the shell, and we stop as the child did. Continued, we take the terminal again
// and continue the child.
func (s *Session) childStopped(sig syscall.Signal) {
	if panel := s.overlay.current.Load(); panel != nil {
		panel.childStopped.Store(true) // the panel has the terminal; the child goes on when it is gone
		return
	}
	s.pauseKeyboard()
	s.settle()
	s.screen.Lock()
	stopped := s.stopSelf(sig, func() { _ = setTermios(s.in, s.saved) })
	if stopped {
		_ = setTermios(s.in, s.raw) // in the background the kernel stops us here, until the shell has brought us to the foreground
	}
	s.screen.Unlock()
	s.resumeKeyboard()
	if stopped || sig != unix.SIGSTOP {
		s.continueChild()
	}
}

// continueChild has a stopped child go on, with the size the terminal has by now.
func (s *Session) continueChild() {
	changed := s.resize()
	s.tell(tellGroup, unix.SIGCONT)
	if !changed {
		s.tell(tellGroup, unix.SIGWINCH) // a shell has written over the screen
	}
}

// settle waits until what the child printed before it stopped is on the terminal: for settleTime of silence, and for a second at most.
func (s *Session) settle() {
	s.keyboard.Lock()
	fds := []waitFD{{fd: s.master, want: pollIn}}
	s.keyboard.Unlock()
	for range 1000 / settleTime {
		if n, err := waitFDs(fds, settleTime); err != nil || n == 0 {
			return
		}
		time.Sleep(settleTime * time.Millisecond) // the output goroutine is at it
	}
}

// stopSelf stops our process group as the child stopped its own, and returns true when it has been continued. before is done
// first, if we are going to stop at all: a process group that no shell looks after (orphaned, in POSIX's words) does not stop, because nobody would
// continue it.
func (s *Session) stopSelf(sig syscall.Signal, before func()) bool {
	if groupOrphaned() {
		return false
	}
	before()
	continued := make(chan os.Signal, 1)
	signal.Notify(continued, unix.SIGCONT)
	defer signal.Stop(continued)
	if sig != unix.SIGSTOP {
		stopGroup(continued)
	} else if unix.Kill(os.Getpid(), sig) == nil {
		<-continued
	}
	s.continued = true // the same SIGCONT is in the session's own channel
	return true
}

// finish ends the session: what is left of the output, then the terminal.
func (s *Session) finish() {
	s.abandonPanel()
	s.overlay.Lock() // a panel that is still shown ends first
	defer s.overlay.Unlock()
	s.outWake.ring()
	<-s.outDone
	s.keyboard.Lock()
	s.keyboard.closed = true
	s.keyboard.Unlock()
	s.inWake.ring()
	<-s.inDone
	s.screen.Lock()
	if s.status.Signal != 0 && !s.screen.gone {
		// Killed, it could not switch off what it had switched on.
		_ = writeFD(s.out, []byte(s.screen.modes.resetAll()), nil)
	}
	s.screen.Unlock()
	s.restore()
	<-s.keeper.ended
	s.free()
	close(s.ended)
}
