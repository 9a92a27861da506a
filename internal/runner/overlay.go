package runner

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"
)

// Terminal is the real terminal while a panel is shown over a session: raw, clear, with nothing of the session's modes on.
// Its methods are for the panel's goroutine.
type Terminal struct {
	s    *Session
	wake *wake // interrupts a wait for a key
	in   []byte

	mu     sync.Mutex
	cooked bool // Run has the terminal in its ordinary mode
	resize bool // not yet told

	childStopped atomic.Bool // the session's child has stopped meanwhile
	done         chan struct{}
	doneOnce     sync.Once
}

// restTime is how long a panel waits for the output to come to a place where it may be interrupted, between two sequences. A program
// that stops in the middle of one, or never ends a synchronized update, is interrupted there.
const restTime = 500 * time.Millisecond

// Overlay pauses the session and calls f with the terminal for a panel. When f returns (or panics), the screen and every mode are as they
// were, what the child has printed meanwhile is on the screen in order, and the child has the window's present size. What is
// typed at the panel never reaches the session; replies of the terminal that the child has asked for do. One panel is shown at a time. It returns
// f's error, or ErrEnded when there is no session any more.
func (s *Session) Overlay(f func(*Terminal) error) error {
	s.overlay.Lock()
	defer s.overlay.Unlock()
	select {
	case <-s.ended:
		return ErrEnded
	case <-s.lost:
		return ErrEnded
	default:
	}
	t := &Terminal{s: s, done: make(chan struct{})}
	var err error
	if t.wake, err = newWake(); err != nil {
		return err
	}
	defer t.wake.close()
	s.pauseKeyboard()
	s.drainKeyboard()
	s.pauseScreen()
	s.overlay.current.Store(t)
	defer func() {
		t.settleKeys()
		s.overlay.current.Store(nil)
		s.resumeScreen()
		s.resumeKeyboard()
		changed := s.resize()
		if s.screen.modes.alt || t.childStopped.Load() {
			// Its screen has been overwritten, and only a program that is continued paints all of it: a SIGWINCH without a new size
			// paints nothing (2.1.165, 2.1.330).
			s.tell(tellGroup, unix.SIGCONT)
		}
		if !changed {
			s.tell(tellGroup, unix.SIGWINCH)
		}
	}()
	return f(t)
}

// drainKeyboard gives the child what was typed before the panel was shown. The keyboard must be paused.
func (s *Session) drainKeyboard() {
	buf := make([]byte, 4096)
	fds := []waitFD{{fd: s.in, want: pollIn}}
	for {
		if n, err := waitFDs(fds, 0); err != nil || n == 0 {
			return
		}
		n, _ := readFD(s.in, buf)
		if n == 0 {
			return
		}
		s.typed(buf[:n])
	}
}

// pauseScreen takes the screen from the child.
func (s *Session) pauseScreen() {
	deadline := time.Now().Add(restTime)
	s.screen.Lock()
	for !s.screen.modes.atRest() && time.Now().Before(deadline) {
		s.screen.Unlock()
		time.Sleep(5 * time.Millisecond)
		s.screen.Lock()
	}
	defer s.screen.Unlock()
	s.screen.paused = true
	cut := ""
	if s.screen.modes.p.state != ground {
		cut = "\x18" // CAN ends a sequence that was cut off
	}
	s.write(cut + s.screen.modes.enterPanel())
}

// resumeScreen gives it back, and shows what was printed meanwhile.
func (s *Session) resumeScreen() {
	s.screen.Lock()
	defer s.screen.Unlock()
	s.write(s.screen.modes.leavePanel())
	s.screen.paused = false
	s.display(s.screen.pending)
	s.screen.pending = nil
	s.screen.room.Broadcast()
}

// write puts text on the real terminal. The screen must be locked or paused.
func (s *Session) write(text string) {
	if s.screen.gone || text == "" {
		return
	}
	if writeFD(s.out, []byte(text), nil) != nil {
		s.screen.gone = true
		s.lose()
	}
}

// abandonPanel tells a panel that it is in vain.
func (s *Session) abandonPanel() {
	if t := s.overlay.current.Load(); t != nil {
		t.doneOnce.Do(func() { close(t.done) })
		t.wake.ring()
	}
}

// Write puts p on the terminal. It is raw: a line ends with "\r\n".
func (t *Terminal) Write(p []byte) (int, error) {
	t.s.screen.Lock()
	defer t.s.screen.Unlock()
	if t.s.screen.gone {
		return 0, ErrEnded
	}
	t.s.write(string(p))
	return len(p), nil
}

// Size is the window's, in columns and rows.
func (t *Terminal) Size() (columns, rows int) {
	w, err := unix.IoctlGetWinsize(t.s.out, unix.TIOCGWINSZ)
	if err != nil || w.Col == 0 || w.Row == 0 {
		return 80, 24
	}
	return int(w.Col), int(w.Row)
}

// Done is closed when the session has ended, its terminal is gone, or we have been told to end.
func (t *Terminal) Done() <-chan struct{} { return t.done }

// Run runs a command on the terminal, in its ordinary mode and in our process group, with the terminal as its standard input, output and error. Ctrl-C ends the
// command, not us. It is sent SIGTERM when ctx is cancelled and when the panel is in vain. Afterwards the terminal is raw again.
func (t *Terminal) Run(ctx context.Context, c Command) (Status, error) {
	t.setCooked(true)
	defer t.setCooked(false)
	p, err := start(c, t.s.in, t.s.out, t.s.out, dieWithParent(unix.SIGTERM))
	if err != nil {
		return Status{}, err
	}
	return p.waitFor(ctx, t.done), nil
}

// setCooked switches the terminal between its ordinary mode and raw.
func (t *Terminal) setCooked(on bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.cooked = on
	_ = setTermios(t.s.in, t.settings()) // a terminal that is gone shows at the next read
}

// settings are the terminal's present ones. mu must be held.
func (t *Terminal) settings() *unix.Termios {
	if t.cooked {
		return t.s.saved
	}
	return t.s.raw
}

// resized has the panel drawn anew.
func (t *Terminal) resized() {
	t.mu.Lock()
	t.resize = true
	t.mu.Unlock()
	t.wake.ring()
}

// takeResize reports whether the panel must be drawn anew, once for each time.
func (t *Terminal) takeResize() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	r := t.resize
	t.resize = false
	return r
}

// continued takes the terminal again after somebody has stopped and continued us.
func (t *Terminal) continued() {
	t.mu.Lock()
	_ = setTermios(t.s.in, t.settings())
	t.mu.Unlock()
	t.resized()
}

// suspend stops us, with the shell's screen shown meanwhile. What Run runs has had the signal, too.
func (t *Terminal) suspend() {
	s := t.s
	s.screen.Lock()
	stopped := s.stopSelf(unix.SIGTSTP, func() {
		s.write(s.screen.modes.hidePanel())
		_ = setTermios(s.in, s.saved)
	})
	if stopped {
		t.mu.Lock()
		_ = setTermios(s.in, t.settings())
		t.mu.Unlock()
		s.write(s.screen.modes.showPanel())
	}
	s.screen.Unlock()
	t.resized()
}
