package harness

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/creack/pty"
	"golang.org/x/sys/unix"
)

// Patience is how long a test waits for something that must come. It is long, because a test must not fail on a busy
// machine.
const Patience = 90 * time.Second

// Terminal is a program on its own controlling terminal.
type Terminal struct {
	Command *exec.Cmd
	master  *os.File

	mu      sync.Mutex
	changed chan struct{} // closed and replaced whenever something has changed
	output  strings.Builder
	seen    int // of Plain's text, up to the end of the last expected text
	ended   bool
}

// StartTerminal starts command on a terminal of the size given.
func StartTerminal(command *exec.Cmd, columns, rows uint16) (*Terminal, error) {
	master, err := pty.StartWithSize(command, &pty.Winsize{Cols: columns, Rows: rows})
	if err != nil {
		return nil, fmt.Errorf("start %s on a terminal: %w", command.Path, err)
	}
	master, err = pollable(master)
	if err != nil {
		return nil, err
	}
	t := &Terminal{Command: command, master: master, changed: make(chan struct{})}
	go t.read() // ends with the terminal
	return t, nil
}

// pollable registers the master with the runtime's poller, which creack/pty does not, so that Close ends a Read.
func pollable(master *os.File) (*os.File, error) {
	defer master.Close()
	fd, err := unix.FcntlInt(master.Fd(), unix.F_DUPFD_CLOEXEC, 0)
	if err == nil {
		err = unix.SetNonblock(fd, true)
	}
	if err != nil {
		return nil, fmt.Errorf("set up a terminal: %w", err)
	}
	return os.NewFile(uintptr(fd), master.Name()), nil
}

func (t *Terminal) read() {
	buffer := make([]byte, 32<<10)
	for {
		n, err := t.master.Read(buffer)
		t.mu.Lock()
		t.output.Write(buffer[:n])
		t.ended = err != nil // EIO, when the last process has closed it
		close(t.changed)
		t.changed = make(chan struct{})
		t.mu.Unlock()
		if err != nil {
			return
		}
	}
}

// until waits until condition, which is called with the lock held, is true. It returns false after Patience, and when
// the output ends before that.
func (t *Terminal) until(condition func() bool) bool {
	timer := time.NewTimer(Patience)
	defer timer.Stop()
	for {
		t.mu.Lock()
		met, ended, changed := condition(), t.ended, t.changed
		t.mu.Unlock()
		if met || ended {
			return met
		}
		select {
		case <-changed:
		case <-timer.C:
			return false
		}
	}
}

// Output is everything that has been written to the terminal.
func (t *Terminal) Output() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.output.String()
}

// Expect waits until text has been written after what was last expected, as a person would read it (see Plain).
func (t *Terminal) Expect(text string) error {
	text = Plain(text)
	var rest string
	met := t.until(func() bool {
		plain := Plain(t.output.String())
		rest = plain[min(t.seen, len(plain)):]
		at := strings.Index(rest, text)
		if at >= 0 {
			t.seen = min(t.seen, len(plain)) + at + len(text)
		}
		return at >= 0
	})
	if !met {
		return fmt.Errorf("%q was expected on the terminal and did not come; since the last expected text there was:\n%s",
			text, rest)
	}
	return nil
}

// Send types text.
func (t *Terminal) Send(text string) error {
	if _, err := io.WriteString(t.master, text); err != nil {
		return fmt.Errorf("type %q: %w", text, err)
	}
	return nil
}

// Line types text, waits until it appears, and presses Enter. A client may take text that comes in one piece with its
// Enter for a paste. Where the terminal does not show what is typed (a password) it does not wait.
func (t *Terminal) Line(text string) error {
	modes, err := t.modes()
	if err != nil {
		return err
	}
	t.mu.Lock()
	before := t.output.Len()
	t.mu.Unlock()
	if err := t.Send(text); err != nil {
		return err
	}
	hidden := modes.Lflag&unix.ICANON != 0 && modes.Lflag&unix.ECHO == 0
	echoed := func() bool {
		return strings.Contains(unwrapped(Plain(t.output.String()[before:])), unwrapped(text))
	}
	if !hidden && !t.until(echoed) {
		return fmt.Errorf("%q was typed and did not appear; since then there was:\n%s", text, Plain(t.Output()[before:]))
	}
	if strings.HasPrefix(text, "/") {
		t.settle()
	}
	return t.Send("\r")
}

const (
	quietFor     = 300 * time.Millisecond
	settleWithin = 5 * time.Second
)

// settle waits until nothing has been written for a moment. After a command is typed, the client shows a menu, and on a
// slow machine it does not take an Enter that comes before that (2.1.165).
func (t *Terminal) settle() {
	size := -1
	for end := time.Now().Add(settleWithin); time.Now().Before(end); time.Sleep(quietFor) {
		t.mu.Lock()
		now, ended := t.output.Len(), t.ended
		t.mu.Unlock()
		if now == size || ended {
			return
		}
		size = now
	}
}

// modes are the terminal's modes.
func (t *Terminal) modes() (modes *unix.Termios, err error) {
	raw, err := t.master.SyscallConn() // Fd would take the master from the poller
	if err != nil {
		return nil, fmt.Errorf("look at a terminal's modes: %w", err)
	}
	var failed error
	err = raw.Control(func(fd uintptr) { modes, failed = unix.IoctlGetTermios(int(fd), getTermios) })
	return modes, errors.Join(err, failed)
}

// Resize changes the window.
func (t *Terminal) Resize(columns, rows uint16) error {
	raw, err := t.master.SyscallConn() // Fd would take the master from the poller
	if err != nil {
		return fmt.Errorf("resize a terminal: %w", err)
	}
	var failed error
	err = raw.Control(func(fd uintptr) {
		failed = unix.IoctlSetWinsize(int(fd), unix.TIOCSWINSZ, &unix.Winsize{Col: columns, Row: rows})
	})
	return errors.Join(err, failed)
}

// Hangup closes the terminal, as when its window is closed.
func (t *Terminal) Hangup() error { return t.master.Close() }

// Wait waits for the program's end and returns its status, 128 and the number of the signal for one that was killed.
func (t *Terminal) Wait() (int, error) {
	done := make(chan error, 1)
	go func() { done <- t.Command.Wait() }() // ends with the program, which is killed below at the latest
	var err error
	select {
	case err = <-done:
	case <-time.After(Patience):
		_ = t.Command.Process.Kill()
		<-done
		return 0, fmt.Errorf("%s did not end; on its terminal there was:\n%s", t.Command.Path, Plain(t.Output()))
	}
	t.until(func() bool { return false }) // what it wrote last
	_ = t.master.Close()                  // closed already after Hangup
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		return 0, fmt.Errorf("wait for %s: %w", t.Command.Path, err)
	}
	status := t.Command.ProcessState.Sys().(syscall.WaitStatus)
	if status.Signaled() {
		return 128 + int(status.Signal()), nil
	}
	return status.ExitStatus(), nil
}
