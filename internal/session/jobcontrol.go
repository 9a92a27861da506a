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
			select {
			case reports <- m:
			case <-s.ended: // the child was left to the supervisor
				return
			}
			if m.op == sayEnded {
				return
			}
		}
	}()
	for lost := s.lost; ; {
		select {
		case sig := <-s.signals:
			if s.endsChild(sig) && s.o.Busy.Now() {
				s.leave(sig.(syscall.Signal))
				return
			}
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
			if s.o.Busy.Now() {
				s.leave(unix.SIGHUP)
				return
			}
			// The kernel sends SIGHUP to the processes on a terminal that is hung up. The child is on another one.
			lost = nil
			s.abandonPanel()
			s.tell(tellChild, unix.SIGHUP)
			s.tell(tellGroup, unix.SIGCONT)
			s.tell(tellHangUp, 0)
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

// caught passes on to the child what a signal to us means.
func (s *Session) caught(sig os.Signal) {
	panel := s.overlay.current.Load()
	switch {
	case sig == unix.SIGCONT && s.continued: // stopSelf has seen it
		s.continued = false
	case panel != nil:
		panel.caught(sig.(syscall.Signal))
	case sig == unix.SIGWINCH:
		s.resize()
	case sig == unix.SIGCONT:
		// Another process has stopped us (SIGSTOP) and continued us: a shell has had the terminal meanwhile.
		_ = tty.Set(s.in, s.raw)
		s.resize()
		s.tell(tellChild, unix.SIGWINCH)
	default: // after SIGTSTP we stop when the child has stopped
		s.tell(tellChild, sig.(syscall.Signal))
	}
}

// resize gives the child's terminal the real one's size. The kernel sends the child SIGWINCH when that changes it.
func (s *Session) resize() (changed bool) {
	s.keyboard.Lock()
	defer s.keyboard.Unlock()
	changed, _ = tty.CopySize(s.out, s.master) // a terminal that is gone has no size: the child keeps the last one
	return changed
}

// childStopped restores the terminal for the shell and stops us as the child has stopped. When we are continued it
// makes the terminal raw and continues the child.
func (s *Session) childStopped(sig syscall.Signal) {
	if panel := s.overlay.current.Load(); panel != nil {
		panel.childStopped.Store(true) // the child is continued when the panel is gone
		return
	}
	s.pauseKeyboard()
	s.settle()
	s.screen.Lock()
	stopped := s.stopSelf(sig, func() { _ = tty.Set(s.in, s.saved) })
	if stopped {
		// In the background the kernel stops us here until the shell brings us to the foreground.
		_ = tty.Set(s.in, s.raw)
	}
	s.screen.Unlock()
	s.resumeKeyboard()
	if stopped || sig != unix.SIGSTOP {
		s.continueChild(true)
	}
}

// continueChild gives the child the terminal's present size and makes it draw its screen, which something else has
// used. cont sends it SIGCONT too.
func (s *Session) continueChild(cont bool) {
	if s.o.Distant {
		s.narrow()
	}
	changed := s.resize()
	if cont {
		s.tell(tellGroup, unix.SIGCONT)
	}
	if !changed {
		s.tell(tellGroup, unix.SIGWINCH)
	}
}

// distantTime is how long a distant child keeps a size, so that the process that paints gets to know both sizes.
const distantTime = 150 * time.Millisecond

// narrow takes a column from the child's terminal for a moment.
func (s *Session) narrow() {
	s.keyboard.Lock()
	if size, err := unix.IoctlGetWinsize(s.master, unix.TIOCGWINSZ); err == nil && size.Col > 1 {
		size.Col--
		_ = unix.IoctlSetWinsize(s.master, unix.TIOCSWINSZ, size) // without it the screen stays as it is
	}
	s.keyboard.Unlock()
	time.Sleep(distantTime)
}

// settle waits until what the child printed before it stopped is on the terminal: until settleTime of silence, for a
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

// stopSelf calls before, stops our process group as the child stopped its own, and returns true when it has been
// continued. It does nothing for an orphaned process group, which no shell would continue.
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
// process group of the same session. Nothing would continue such a group, and the kernel discards stops from the
// keyboard. It looks at our ancestors only: a shell that would continue us is one of them.
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

// endsChild reports whether the child would end at sig if it were passed on.
func (s *Session) endsChild(sig os.Signal) bool {
	typed := s.overlay.current.Load() != nil && (sig == unix.SIGINT || sig == unix.SIGQUIT) // at a panel: see caught
	return runner.Ends(sig) && !typed
}

// leave ends the session as if sig had ended the child, and leaves the child to the supervisor.
func (s *Session) leave(sig syscall.Signal) {
	s.left.Store(true)
	s.finish(runner.Status{Code: 128 + int(sig), Signal: sig}, nil)
}

// finish ends the session: it passes on the rest of the output, then restores the terminal.
func (s *Session) finish(status runner.Status, err error) {
	s.status, s.err = status, err
	if status.Signal != 0 {
		s.ending.Ring() // the child would have ended, terminal or not
	}
	s.abandonPanel()
	s.overlay.Lock() // a panel that is still shown ends first
	defer s.overlay.Unlock()
	s.over.Store(true)
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
	s.lose()
	if s.left.Load() {
		s.tell(tellRestored, 0)
	} else {
		s.supervisor.Wait()
	}
	s.free()
	if s.left.Load() && os.Getpid() == 1 {
		s.supervisor.Wait() // a container ends with its first process, and the child in it
	}
	close(s.ended)
}
