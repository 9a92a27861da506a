package runner

import (
	"time"

	"golang.org/x/sys/unix"
)

const (
	// readSize is one read of what the child prints, in bytes: written to the terminal before anything looks at it.
	readSize = 32 << 10
	// ptyRead is the most that one read of a pty gives on Linux, in bytes.
	ptyRead = 4095
	// pendingMax is how much of what the child prints is taken while a panel is shown, in bytes. Then it is left to wait in its pty, and the
	// child with it, as at a terminal stopped with Ctrl-S.
	pendingMax = 1 << 20
	// settleTime is how long the output must have been silent to count as all there, in ms, once the child cannot print any more: a pty hands
	// its bytes over a little later than the child has written them.
	settleTime = 20
)

// carryOutput carries what the child prints to the real terminal, until the child and everything else on the pty has ended.
func (s *Session) carryOutput() {
	defer close(s.outDone)
	buf := make([]byte, readSize)
	more := true
	fds := []waitFD{{fd: s.master, want: pollIn}, {fd: s.outWake.r, want: pollIn}}
	timeout := -1
	for {
		n, err := 0, error(unix.EAGAIN)
		if more {
			n, err = readReady(s.master, buf)
		}
		more = n >= ptyRead // otherwise it is empty now, and asking it costs more than waiting
		if n > 0 {
			s.lastOut.Store(int64(time.Since(s.epoch)))
			s.show(buf[:n])
			if s.o.Output != nil {
				s.o.Output(buf[:n])
			}
			continue
		}
		if err != unix.EAGAIN {
			return // EIO is how Linux says that nobody has the other side open; 0 is how others do
		}
		more = true
		s.tellKeeper()
		ready, err := waitFDs(fds, timeout)
		if err != nil || ready == 0 {
			return
		}
		if fds[1].got != 0 {
			if s.hungUp.Load() {
				return
			}
			// The child has ended. What it left behind may hold the pty open for ever.
			fds[1].fd = -1
			timeout = settleTime
		}
	}
}

// show writes p to the real terminal, or keeps it while a panel is shown.
func (s *Session) show(p []byte) {
	s.screen.Lock()
	defer s.screen.Unlock()
	for s.screen.paused && len(s.screen.pending)+len(p) > pendingMax {
		s.screen.room.Wait()
	}
	if s.screen.paused {
		s.screen.pending = append(s.screen.pending, p...)
		return
	}
	s.display(p)
}

// display writes p and follows what it switches on. The screen must be locked.
func (s *Session) display(p []byte) {
	if !s.screen.gone {
		if err := writeFD(s.out, p, nil); err != nil {
			s.screen.gone = true
			s.lose()
		}
	}
	s.screen.modes.Write(p)
}

// tellKeeper publishes what the child has switched on since the last time. It is done when the output pauses, not within a burst of it.
func (s *Session) tellKeeper() {
	s.screen.Lock()
	defer s.screen.Unlock()
	if s.screen.modes.version != s.screen.version {
		s.publish()
	}
}

// lose notes that the real terminal is gone.
func (s *Session) lose() { s.lostOnce.Do(func() { close(s.lost) }) }

// carryInput carries what is typed to the child, until the session ends or the terminal is gone.
func (s *Session) carryInput() {
	defer close(s.inDone)
	buf := make([]byte, readSize)
	// The terminal, the child's side when it has no room, and the wake.
	fds := []waitFD{{fd: s.in, want: pollIn}, {fd: -1, want: pollOut}, {fd: s.inWake.r, want: pollIn}}
	terminal := s.in
	for {
		k := &s.keyboard
		k.Lock()
		if k.closed {
			k.Unlock()
			return
		}
		fds[0].fd, fds[1].fd = terminal, -1
		if k.paused {
			fds[0].fd = -1
			if k.ack != nil {
				close(k.ack)
				k.ack = nil
			}
		}
		if len(k.pending) > 0 {
			fds[0].fd, fds[1].fd = -1, s.master
		}
		k.Unlock()
		if _, err := waitFDs(fds, -1); err != nil {
			return
		}
		if fds[2].got != 0 {
			s.inWake.clear()
			continue // something has changed: look again before touching the terminal
		}
		if fds[1].got != 0 {
			s.give(nil)
		}
		if fds[0].got == 0 {
			continue
		}
		n, err := readFD(s.in, buf)
		if n == 0 {
			if err == unix.EAGAIN {
				continue // somebody has made it non-blocking, and somebody else was faster
			}
			terminal = -1
			s.lose()
			continue
		}
		s.typed(buf[:n])
	}
}

// typed gives the child what was read from the keyboard.
func (s *Session) typed(p []byte) {
	s.lastIn.Store(int64(time.Since(s.epoch)))
	s.give(p)
	if s.o.Input != nil {
		s.o.Input(p)
	}
}

// give writes p to the child, after what it has not had room for yet, and keeps what it has no room for now.
func (s *Session) give(p []byte) {
	k := &s.keyboard
	k.Lock()
	defer k.Unlock()
	if len(k.pending) > 0 {
		k.pending = append(k.pending, p...)
		p = k.pending
	}
	for len(p) > 0 {
		n, err := unix.Write(s.master, p)
		if n > 0 {
			p = p[n:]
		}
		if err == unix.EINTR {
			continue
		}
		if err == unix.EAGAIN {
			break
		}
		if err != nil {
			p = nil // nobody reads it any more
		}
	}
	k.pending = append(k.pending[:0], p...)
}

// Inject types p into the session.
func (s *Session) Inject(p []byte) {
	s.give(p)
	s.inWake.ring() // there may be something left to write
}

// pauseKeyboard returns when the input goroutine has stopped reading the terminal.
func (s *Session) pauseKeyboard() {
	k := &s.keyboard
	ack := make(chan struct{})
	k.Lock()
	k.paused, k.ack = true, ack
	k.Unlock()
	s.inWake.ring()
	select {
	case <-ack:
	case <-s.inDone:
	}
}

func (s *Session) resumeKeyboard() {
	s.keyboard.Lock()
	s.keyboard.paused = false
	s.keyboard.Unlock()
	s.inWake.ring()
}

// LastInput is how long ago something was typed; false when nothing was yet.
func (s *Session) LastInput() (time.Duration, bool) { return s.ago(s.lastIn.Load()) }

// LastOutput is how long ago the child printed something; false when it has not yet.
func (s *Session) LastOutput() (time.Duration, bool) { return s.ago(s.lastOut.Load()) }

func (s *Session) ago(at int64) (time.Duration, bool) {
	if at == 0 {
		return 0, false
	}
	return time.Since(s.epoch) - time.Duration(at), true
}

// Quiet returns when nothing has been printed and nothing typed for d, or with ErrEnded when the session is over before. Cancelling is closing
// stop, which may be nil; it then returns ErrEnded too.
func (s *Session) Quiet(d time.Duration, stop <-chan struct{}) error {
	for {
		idle := time.Since(s.epoch) - time.Duration(max(s.lastIn.Load(), s.lastOut.Load()))
		if idle >= d {
			return nil
		}
		t := time.NewTimer(d - idle)
		select {
		case <-t.C:
		case <-s.lost:
			t.Stop()
			return ErrEnded
		case <-s.ended:
			t.Stop()
			return ErrEnded
		case <-stop:
			t.Stop()
			return ErrEnded
		}
	}
}
