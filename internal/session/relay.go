package session

import (
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"

	"github.com/claude-auth/claude-auth/internal/fdio"
	"github.com/claude-auth/claude-auth/internal/runner"
)

const (
	// readSize is one read of what the child prints, in bytes: written to the terminal before anything looks at it.
	readSize = 32 << 10
	// ptyRead is the most that one read of a pty returns on Linux, in bytes.
	ptyRead = 4095
	// ptyMax is more than a pty holds of what was printed, in bytes.
	ptyMax = 256 << 10
	// pendingMax is how much of the child's output is kept while a panel is shown, in bytes. More of it stays in the pty,
	// and the child waits, as at a terminal stopped with Ctrl-S.
	pendingMax = 1 << 20
	// settleTime is how long the output must be silent to count as complete, in ms, once the child can't print any more: a
	// pty delivers bytes a little later than they are written.
	settleTime = 20
)

// relayOutput passes what the child prints to the real terminal, until the child and everything else on the pty has
// ended.
func (s *Session) relayOutput() {
	defer close(s.outDone)
	buf := make([]byte, readSize)
	more := true
	fds := []unix.PollFd{fdio.For(s.master, unix.POLLIN), fdio.For(s.outWake.R, unix.POLLIN)}
	timeout := -1
	rest := 0 // what may still come, once the child has ended
	for !s.left.Load() {
		if timeout < 0 && s.over.Load() { // a process that the child left behind may keep the pty open for ever
			timeout, rest = settleTime, ptyMax
		}
		n, err := 0, error(unix.EAGAIN)
		if more {
			n, err = fdio.ReadNow(s.master, buf)
		}
		more = n >= ptyRead // a shorter read has emptied the pty, and another one would cost more than waiting
		if n > 0 {
			s.touch(&s.lastOut)
			s.show(buf[:n])
			if s.o.Output != nil {
				s.o.Output(buf[:n])
			}
			if rest -= n; timeout < 0 || rest > 0 {
				continue
			}
			return // it prints without end
		}
		if err != unix.EAGAIN {
			return // EIO on Linux when no process has the other side open; 0 elsewhere
		}
		more = true
		s.publishChanges()
		ready, err := fdio.Wait(fds, timeout)
		if err != nil || ready == 0 {
			return
		}
		if fds[1].Revents != 0 {
			if s.hungUp.Load() { // a child that ignores SIGHUP gets EIO, as on the real terminal
				s.closeMaster()
				return
			}
			s.outWake.Clear()
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

// display writes p and keeps track of what it switches on. The screen must be locked.
func (s *Session) display(p []byte) {
	s.write(p)
	s.screen.modes.Write(p)
	if asked := s.screen.modes.Asked(); asked != s.screen.asked {
		s.screen.asked, s.screen.askedAt = asked, time.Now()
	}
}

// write puts p on the real terminal. The screen must be locked or paused.
func (s *Session) write(p []byte) {
	if s.screen.gone {
		return
	}
	err := fdio.WriteUntil(s.ending, s.screenFD, p)
	s.screen.gone = err != nil
	if err != nil && err != fdio.ErrUnread {
		s.lose()
	}
}

// heed notes a signal that asks us to end: a terminal that nobody reads is then given up, and what the child prints is
// read and dropped, so that it can end too. It does nothing else, because control may be waiting for the terminal.
func (s *Session) heed() {
	caught, stop := runner.Catch()
	defer stop()
	for {
		select {
		case sig := <-caught:
			if sig == unix.SIGTERM || sig == unix.SIGHUP {
				s.ending.Ring()
			}
		case <-s.ended:
			return
		}
	}
}

// publishChanges publishes what the child has switched on since the last time. It is called only when the output
// pauses.
func (s *Session) publishChanges() {
	s.screen.Lock()
	defer s.screen.Unlock()
	if s.screen.modes.Version() != s.screen.version {
		s.publish()
	}
}

// relayInput passes what is typed to the child, until the session ends or the terminal is gone.
func (s *Session) relayInput() {
	defer close(s.inDone)
	buf := make([]byte, readSize)
	// The terminal, the child's pty while it has no room, and the wake.
	fds := []unix.PollFd{fdio.For(s.in, unix.POLLIN), fdio.For(-1, unix.POLLOUT), fdio.For(s.inWake.R, unix.POLLIN)}
	terminal := s.in
	for {
		timeout, open := s.awaited(terminal, fds)
		if !open {
			return
		}
		ready, err := fdio.Wait(fds, timeout)
		if err != nil {
			return
		}
		if ready == 0 {
			s.pass(s.hold.take(nil))
			continue
		}
		if fds[2].Revents != 0 {
			s.inWake.Clear()
			continue // something has changed: check before touching the terminal
		}
		if fds[1].Revents != 0 {
			s.give(nil)
		}
		if fds[0].Revents == 0 {
			continue
		}
		n, err := fdio.Read(s.in, buf)
		switch {
		case n > 0:
			s.typed(buf[:n])
		case err == unix.EAGAIN: // another process has made it non-blocking, and one was faster
		default:
			terminal = -1
			s.lose()
		}
	}
}

// awaited sets fds to what relayInput waits for in the keyboard's state, and returns for how long. It reports false
// when the session is over.
func (s *Session) awaited(terminal int, fds []unix.PollFd) (timeout int, open bool) {
	k := &s.keyboard
	k.Lock()
	defer k.Unlock()
	fds[0].Fd, fds[1].Fd = int32(terminal), -1
	timeout = -1
	switch {
	case k.paused:
		fds[0].Fd = -1
		if k.ack != nil {
			close(k.ack)
			k.ack = nil
		}
	case len(s.hold.kept) > holdMax:
		fds[0].Fd = -1
		fallthrough
	case len(s.hold.kept) > 0:
		timeout = holdPoll
	}
	if len(k.pending) > 0 {
		fds[0].Fd, fds[1].Fd = -1, int32(s.master)
	}
	return timeout, !k.closed
}

// typed takes what was read from the keyboard.
func (s *Session) typed(p []byte) {
	s.touch(&s.lastIn)
	s.answers.Write(p)
	s.pass(s.hold.take(p))
}

// pass gives the child what was typed. Input comes first: what the child does about a key must not be older than what
// Input knows of that key.
func (s *Session) pass(p []byte) {
	if len(p) == 0 {
		return
	}
	if s.o.Input != nil {
		s.o.Input(p)
	}
	s.give(p)
}

// give writes to the child what is pending and then p, and keeps what the pty has no room for.
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
		p = p[max(n, 0):]
		if err == unix.EAGAIN {
			break
		}
		if err != nil && err != unix.EINTR {
			p = nil // the child's side is closed
		}
	}
	k.pending = append(k.pending[:0], p...)
}

// Inject types p into the session.
func (s *Session) Inject(p []byte) {
	s.give(p)
	s.inWake.Ring() // some of it may be pending
}

// pauseKeyboard makes the input goroutine stop reading the terminal, and returns when it has.
func (s *Session) pauseKeyboard() {
	ack := make(chan struct{})
	s.keyboard.Lock()
	s.keyboard.paused, s.keyboard.ack = true, ack
	s.keyboard.Unlock()
	s.inWake.Ring()
	select {
	case <-ack:
	case <-s.inDone:
	}
}

func (s *Session) resumeKeyboard() {
	s.keyboard.Lock()
	s.keyboard.paused = false
	s.keyboard.Unlock()
	s.inWake.Ring()
}

// touch sets one of the session's clocks to now.
func (s *Session) touch(clock *atomic.Int64) { clock.Store(int64(time.Since(s.epoch))) }

// LastOutput is when the child last printed something; the session's start when it has not yet.
func (s *Session) LastOutput() time.Time { return s.epoch.Add(time.Duration(s.lastOut.Load())) }

// Quiet returns when nothing has been printed and nothing typed for d. It returns ErrEnded when the session ends before
// that, or stop (which may be nil) is closed.
func (s *Session) Quiet(d time.Duration, stop <-chan struct{}) error {
	for {
		idle := time.Since(s.epoch) - time.Duration(max(s.lastIn.Load(), s.lastOut.Load()))
		if idle >= d {
			return nil
		}
		select {
		case <-time.After(d - idle):
			continue
		case <-s.lost:
		case <-stop:
		}
		return ErrEnded
	}
}
