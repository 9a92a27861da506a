package session

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"github.com/claude-auth/claude-auth/internal/fdio"
	"github.com/claude-auth/claude-auth/internal/runner"
	"github.com/claude-auth/claude-auth/internal/tty"
	"github.com/claude-auth/claude-auth/internal/vt"
)

// Terminal is the real terminal while a panel is shown over a session: raw, clear, with the session's modes switched
// off. Its methods are for the panel's goroutine.
type Terminal struct {
	s    *Session
	keys tty.Keys

	mu       sync.Mutex
	settings *unix.Termios // in force: the session's raw ones, or the ordinary ones during Run

	redraw       atomic.Bool   // ReadKey returns vt.KeyResize next
	childStopped atomic.Bool   // the session's child has stopped meanwhile
	done         chan struct{} // closed when the panel must end: the session has ended, its terminal is gone
	end          func()        // closes done
}

// restTime is how long a panel waits for the output to reach a place between two sequences. A program that stops in the
// middle of one, or never ends a synchronized update, is interrupted there.
const restTime = 500 * time.Millisecond

// Overlay pauses the session and calls f with the terminal for a panel. When f returns (or panics), the screen and
// every mode are as they were, what the child has printed meanwhile is on the screen in order, and the child has the
// window's present size. The child does not get what is typed at the panel, but it gets the terminal's replies to its
// own questions. One panel is shown at a time. Overlay returns f's error, or ErrEnded when the session is over.
func (s *Session) Overlay(f func(*Terminal) error) error {
	s.overlay.Lock()
	defer s.overlay.Unlock()
	select {
	case <-s.lost:
		return ErrEnded
	default:
	}
	wake, err := fdio.NewWake()
	if err != nil {
		return err
	}
	defer wake.Close()
	keys := tty.Keys{FD: s.in, Wake: wake, Reply: s.Inject}
	t := &Terminal{s: s, keys: keys, settings: s.raw, done: make(chan struct{})}
	t.end = sync.OnceFunc(func() {
		close(t.done)
		wake.Ring()
	})
	s.pauseKeyboard()
	s.drainKeyboard()
	if s.pauseScreen() {
		t.keys.Expect()
	}
	s.overlay.current.Store(t)
	defer func() {
		t.keys.DropAll(t.done)
		s.overlay.current.Store(nil)
		s.resumeScreen()
		s.resumeKeyboard()
		// A client on the alternate screen paints all of it only when it is continued: it paints nothing at a SIGWINCH
		// without a new size (2.1.165, 2.1.330).
		s.continueChild(s.screen.modes.Alt() || t.childStopped.Load())
	}()
	return f(t)
}

const (
	// typedTime is the silence after which what was typed counts as complete: a paste arrives in pieces, and a reply of
	// the terminal in parts.
	typedTime = 300 * time.Millisecond
	// drainTime bounds the wait for it.
	drainTime = 2 * time.Second
)

// drainKeyboard gives the child what was typed before the panel was shown, and the rest of it: half of a paste would
// not be what the person wants, and the panel would get the other half. The keyboard must be paused.
func (s *Session) drainKeyboard() {
	buf := make([]byte, 4096)
	for deadline := time.Now().Add(drainTime); time.Now().Before(deadline); {
		silence := time.Since(s.epoch) - time.Duration(s.lastIn.Load())
		wait := max(typedTime-silence, 0)
		if s.lastIn.Load() == 0 {
			wait = 0
		}
		if !fdio.Readable(s.in, int(wait/time.Millisecond)) {
			return
		}
		n, _ := fdio.Read(s.in, buf)
		if n == 0 {
			return
		}
		s.typed(buf[:n])
	}
}

// answerTime bounds how long an answer of the terminal is waited for.
const answerTime = 10 * time.Second

// pauseScreen takes the screen from the child, and reports whether that waits for an answer of the terminal.
func (s *Session) pauseScreen() (waits bool) {
	deadline := time.Now().Add(restTime)
	s.screen.Lock()
	for !s.screen.modes.AtRest() && time.Now().Before(deadline) {
		s.screen.Unlock()
		time.Sleep(5 * time.Millisecond)
		s.screen.Lock()
	}
	defer s.screen.Unlock()
	s.screen.paused = true
	s.publish()
	s.write([]byte(s.screen.modes.EnterPanel()))
	return s.screen.asked > s.answers.Count() && time.Since(s.screen.askedAt) < answerTime
}

// resumeScreen gives the screen back to the child, and shows what it printed meanwhile.
func (s *Session) resumeScreen() {
	s.screen.Lock()
	defer s.screen.Unlock()
	s.write([]byte(s.screen.modes.LeavePanel()))
	s.screen.paused = false
	s.publish()
	s.display(s.screen.pending)
	s.screen.pending = nil
	s.screen.room.Broadcast()
}

// abandonPanel ends a panel that is shown.
func (s *Session) abandonPanel() {
	if t := s.overlay.current.Load(); t != nil {
		t.end()
	}
}

// Write puts p on the terminal. It is raw: a line ends with "\r\n".
func (t *Terminal) Write(p []byte) (int, error) {
	t.s.screen.Lock()
	defer t.s.screen.Unlock()
	if t.s.screen.gone {
		return 0, ErrEnded
	}
	t.s.write(p)
	return len(p), nil
}

// Size is the window's size; 80 by 24 where the terminal does not know it.
func (t *Terminal) Size() (columns, rows int) {
	w, err := unix.IoctlGetWinsize(t.s.out, unix.TIOCGWINSZ)
	if err != nil || w.Col == 0 || w.Row == 0 {
		return 80, 24
	}
	return int(w.Col), int(w.Row)
}

// Run runs a command on the terminal, which has its ordinary settings meanwhile and is the command's standard input,
// output and error. What was typed before is dropped. Ctrl-C ends the command, not us, and Ctrl-Z does nothing. The
// command is ended when ctx is cancelled and when the session ends.
func (t *Terminal) Run(ctx context.Context, c runner.Command) (runner.Status, error) {
	t.keys.DropAll(t.done)
	_, _ = t.Write([]byte(vt.PasteOff)) // a terminal that is gone shows at the next read
	defer func() { _, _ = t.Write([]byte(vt.PasteOn)) }()
	t.set(tty.WithoutStop(*t.s.saved))
	defer t.set(t.s.raw)
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	go func() { // ends with the command
		select {
		case <-t.done:
			cancel()
		case <-ctx.Done():
		}
	}()
	return runner.Guest(ctx, c, t.s.in, t.s.out, t.s.out)
}

// Lent is the terminal for a caller that draws on all of it and reads the keys itself.
type Lent struct {
	In, Out int
	Wake    *fdio.Wake     // rings when Redraw is true
	Redraw  func() bool    // whether what is on the screen may be lost, or has another size, since the last call
	Reply   func(p []byte) // gets the terminal's replies to the session's child
}

// Lend calls f with the terminal. What was typed before is dropped. f must return when its context ends: that is when
// ctx ends, or the session.
func (t *Terminal) Lend(ctx context.Context, f func(context.Context, Lent)) {
	t.keys.DropAll(t.done)
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	go func() { // ends with f
		select {
		case <-t.done:
			cancel()
		case <-ctx.Done():
		}
	}()
	f(ctx, Lent{
		In: t.s.in, Out: t.s.screenFD, Wake: t.keys.Wake, Reply: t.s.Inject,
		Redraw: func() bool { return t.redraw.Swap(false) },
	})
}

// set applies settings; nil applies the present ones again.
func (t *Terminal) set(settings *unix.Termios) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if settings != nil {
		t.settings = settings
	}
	_ = tty.Set(t.s.in, t.settings) // a terminal that is gone shows at the next read
}

// runs reports whether a command of Run has the terminal.
func (t *Terminal) runs() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.settings != t.s.raw
}

// caught does what a signal to us means while the panel is shown.
func (t *Terminal) caught(sig syscall.Signal) {
	switch sig {
	case unix.SIGWINCH:
		t.resized()
	case unix.SIGCONT: // another process has stopped and continued us
		t.set(nil)
		t.resized()
	case unix.SIGTSTP:
		t.suspend()
	case unix.SIGINT, unix.SIGQUIT:
		// Typed during Run: the command has received it too. At the panel itself Ctrl-C is a key, not a signal.
	case unix.SIGTERM, unix.SIGHUP:
		t.s.abandonPanel()
		t.s.tell(tellChild, sig)
	default:
		t.s.tell(tellChild, sig)
	}
}

// resized makes the panel draw itself again.
func (t *Terminal) resized() {
	t.redraw.Store(true)
	t.keys.Wake.Ring()
}

// suspend stops us and shows the shell's screen meanwhile. A command of Run has received the signal too.
func (t *Terminal) suspend() {
	s := t.s
	s.screen.Lock()
	stopped := s.stopSelf(unix.SIGTSTP, func() {
		s.write([]byte(s.screen.modes.HidePanel()))
		_ = tty.Set(s.in, s.saved)
	})
	if stopped {
		t.set(nil)
		s.write([]byte(s.screen.modes.ShowPanel()))
		if t.runs() {
			s.write([]byte(vt.PasteOff))
		}
	}
	s.screen.Unlock()
	t.resized()
}

// ReadKey waits for a key that a person pressed (see vt.Single), for vt.Pasted, or until the panel must be drawn again
// (vt.KeyResize). It passes the terminal's replies on to the session's child and drops reports of focus and mouse. It
// returns ctx's error when that is cancelled, and ErrEnded when the session ends.
func (t *Terminal) ReadKey(ctx context.Context) (vt.Key, error) {
	stop := context.AfterFunc(ctx, t.keys.Wake.Ring)
	defer stop()
	for {
		if t.redraw.Swap(false) {
			return vt.Key{Kind: vt.KeyResize}, nil
		}
		select {
		case <-t.done:
			return vt.Key{}, ErrEnded
		default:
		}
		if err := ctx.Err(); err != nil {
			return vt.Key{}, err
		}
		key, ok, err := t.keys.Next()
		switch {
		case errors.Is(err, tty.ErrGone):
			t.s.lose()
			return vt.Key{}, ErrEnded
		case ok || err != nil:
			return key, err
		}
	}
}

// DropKeys drops what was typed before a question is shown, which it must not answer.
func (t *Terminal) DropKeys() { t.keys.Drop() }
