package session

import (
	"errors"
	"os"
	"os/signal"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"github.com/claude-auth/claude-auth/internal/fdio"
	"github.com/claude-auth/claude-auth/internal/runner"
	"github.com/claude-auth/claude-auth/internal/tty"
)

// control answers signals and the supervisor's reports until the session is over, and ends it.
func (s *Session) control() {
	reports := make(chan message)
	go func() { // ends with the supervisor
		defer close(reports)
		for {
			m, ok := receive(s.reports)
			if !ok {
				return
			}
			reports <- m
			if m.op == sayEnded {
				return
			}
		}
	}()
	for lost := s.lost; ; {
		select {
		case sig := <-s.signals:
			s.caught(sig)
		case m, ok := <-reports:
			switch {
			case !ok:
				s.finish(runner.Status{Code: 1}, errors.New("the session's supervisor has ended before the child"))
				return
			case m.op == sayStopped:
				s.childStopped(syscall.Signal(m.arg))
			case m.op == sayEnded:
				s.finish(runner.StatusOf(unix.WaitStatus(m.arg)), nil)
				return
			}
		case <-lost:
			// The kernel sends SIGHUP to the processes on a terminal that is hung up. The child is on another one.
			lost = nil
			s.abandonPanel()
			s.tell(tellChild, unix.SIGHUP)
			s.tell(tellGroup, unix.SIGCONT)
			s.hungUp.Store(true)
			s.outWake.Ring()
		}
	}
}

// tell has the supervisor signal the child, or its process group.
func (s *Session) tell(op byte, sig syscall.Signal) { message{op, int32(sig)}.send(s.orders) }

func (s *Session) closeMaster() {
	s.keyboard.Lock()
	defer s.keyboard.Unlock()
	fdio.Close(s.master)
	s.master = -1
}

// caught does for the child what the signal would have done to it, had it been in our place.
func (s *Session) caught(sig os.Signal) {
	panel := s.overlay.current.Load()
	switch {
	case sig == unix.SIGCONT && s.continued:
		s.continued = false // by ourselves
	case panel != nil:
		panel.caught(sig.(syscall.Signal))
	case sig == unix.SIGWINCH:
		s.resize()
	case sig == unix.SIGCONT:
		// Stopped and continued behind our back (SIGSTOP): a shell has had the terminal meanwhile.
		_ = tty.Set(s.in, s.raw)
		s.resize()
		s.tell(tellChild, unix.SIGWINCH)
	default: // for SIGTSTP: and we follow when it has stopped
		s.tell(tellChild, sig.(syscall.Signal))
	}
}

// resize gives the child the real terminal's size; the kernel tells it with SIGWINCH when that changes something.
func (s *Session) resize() (changed bool) {
	s.keyboard.Lock()
	defer s.keyboard.Unlock()
	changed, _ = tty.CopySize(s.out, s.master) // a terminal that is gone has no size, and the child keeps the last one
	return changed
}

// childStopped follows the child: the terminal goes back to the shell, and we stop as the child did. Continued, we
// set the terminal to raw again and continue the child.
func (s *Session) childStopped(sig syscall.Signal) {
	if panel := s.overlay.current.Load(); panel != nil {
		panel.childStopped.Store(true) // the panel has the terminal; the child goes on when it is gone
		return
	}
	s.pauseKeyboard()
	s.settle()
	s.screen.Lock()
	stopped := s.stopSelf(sig, func() { _ = tty.Set(s.in, s.saved) })
	if stopped {
		// In the background the kernel stops us here, until the shell has brought us to the foreground.
		_ = tty.Set(s.in, s.raw)
	}
	s.screen.Unlock()
	s.resumeKeyboard()
	if stopped || sig != unix.SIGSTOP {
		s.continueChild(true)
	}
}

// continueChild has a child go on that was stopped, or whose screen was used by something else, with the size that the
// terminal has by now. cont is false for a child that needs no SIGCONT.
func (s *Session) continueChild(cont bool) {
	changed := s.resize()
	if cont {
		s.tell(tellGroup, unix.SIGCONT)
	}
	if !changed {
		s.tell(tellGroup, unix.SIGWINCH) // the screen has been written over
	}
}

// settle waits until what the child printed before it stopped is on the terminal: for settleTime of silence, and for a
// second at most.
func (s *Session) settle() {
	s.keyboard.Lock()
	master := s.master
	s.keyboard.Unlock()
	for range 1000 / settleTime {
		if !fdio.Readable(master, settleTime) {
			return
		}
		time.Sleep(settleTime * time.Millisecond) // the output goroutine is reading it
	}
}

// stopSelf stops our process group as the child stopped its own, and returns true when it has been continued. before
// is called first, if we are going to stop at all: an orphaned process group does not stop, because no shell would
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
		runner.StopGroup(continued)
	} else if unix.Kill(os.Getpid(), sig) == nil {
		<-continued
	}
	s.continued = true // the same SIGCONT is in the session's own channel
	return true
}

// groupOrphaned reports whether our process group is orphaned, as POSIX defines it: no member has a parent in another
// process group of the same session, so no process there will continue it and the kernel discards stops from the
// keyboard. It looks at our own line of ancestors, of which the shell is one when there is one.
func groupOrphaned() bool {
	session, err := unix.Getsid(0)
	if err != nil {
		return true
	}
	group := unix.Getpgrp()
	for pid := os.Getppid(); pid > 0; {
		if sid, err := unix.Getsid(pid); err != nil || sid != session {
			return true
		}
		if pgrp, err := unix.Getpgid(pid); err != nil || pgrp != group {
			return err != nil
		}
		if pid, err = parentOf(pid); err != nil {
			return true
		}
	}
	return true
}

// finish ends the session: what is left of the output, then the terminal.
func (s *Session) finish(status runner.Status, err error) {
	s.status, s.err = status, err
	s.abandonPanel()
	s.overlay.Lock() // a panel that is still shown ends first
	defer s.overlay.Unlock()
	s.outWake.Ring()
	<-s.outDone
	s.keyboard.Lock()
	s.keyboard.closed = true
	s.keyboard.Unlock()
	s.inWake.Ring()
	<-s.inDone
	s.screen.Lock()
	if s.status.Signal != 0 { // killed, it could not switch off what it had switched on
		s.write([]byte(s.screen.modes.Reset()))
	}
	s.screen.Unlock()
	s.restore()
	s.supervisor.Wait()
	s.free()
	close(s.ended)
}
