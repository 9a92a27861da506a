// Package emulator runs a program on a terminal, as a terminal emulator does. Use it to test signals, job control and
// exits of a test binary that acts as a tool (see Tool).
package emulator

import (
	"bytes"
	"math/rand"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/creack/pty"
	"golang.org/x/sys/unix"

	"github.com/claude-auth/claude-auth/internal/fdio"
	"github.com/claude-auth/claude-auth/internal/tty"
)

// patience bounds every wait for a condition.
const patience = 90 * time.Second

// Tool is the test binary as a tool in the given mode.
func Tool(t *testing.T, mode string, args ...string) *exec.Cmd {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(exe, args...)
	cmd.Env = []string{
		"TEST_TOOL=" + mode, "PATH=" + os.Getenv("PATH"), "HOME=" + t.TempDir(), "TERM=xterm-256color", "LC_ALL=C.UTF-8",
		"GORACE=" + os.Getenv("GORACE"),
	}
	return cmd
}

// Shell is the command line of a script.
func Shell(script string) []string { return []string{"/bin/sh", "-c", script} }

// Terminal is a terminal with a program on it, as a terminal emulator has.
type Terminal struct {
	t      *testing.T
	Master *os.File
	Slave  *os.File // held, so that the settings can be read after the program's end
	Cmd    *exec.Cmd
	exited chan struct{}

	reading sync.Mutex // held while nobody reads: see Freeze

	mu   sync.Mutex
	cond *sync.Cond
	out  []byte // output after what was last waited for
	seen []byte // output up to there
	eof  bool
}

// Start starts cmd on a terminal of 100 by 30.
func Start(t *testing.T, cmd *exec.Cmd) *Terminal {
	t.Helper()
	master, slave, err := pty.Open()
	if err != nil {
		t.Fatal(err)
	}
	if err := pty.Setsize(master, &pty.Winsize{Cols: 100, Rows: 30}); err != nil {
		t.Fatal(err)
	}
	// pty.Open leaves the master in blocking mode, where Close waits for the Read that it should end.
	fd, err := fdio.Duplicate(int(master.Fd()))
	if err != nil {
		t.Fatal(err)
	}
	master.Close()
	_ = unix.SetNonblock(fd, true)
	master = os.NewFile(uintptr(fd), "master")
	o := &Terminal{t: t, Master: master, Slave: slave, Cmd: cmd, exited: make(chan struct{})}
	o.cond = sync.NewCond(&o.mu)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = slave, slave, slave
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true, Ctty: 0}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go o.read()
	go func() { _ = cmd.Wait(); close(o.exited) }()
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		<-o.exited
		slave.Close()
		master.Close()
	})
	return o
}

func (o *Terminal) read() {
	buf := make([]byte, 64<<10)
	for {
		n, err := o.Master.Read(buf)
		o.reading.Lock() // waits here from Freeze to Thaw
		o.mu.Lock()
		o.out = append(o.out, buf[:n]...)
		o.eof = err != nil
		o.cond.Broadcast()
		o.mu.Unlock()
		o.reading.Unlock()
		if err != nil {
			return
		}
	}
}

// Freeze stops reading what is written to the terminal, as a hung ssh does, until Thaw.
func (o *Terminal) Freeze() { o.reading.Lock() }

// Thaw reads again.
func (o *Terminal) Thaw() { o.reading.Unlock() }

// Fill fills the terminal, which nobody may read meanwhile.
func (o *Terminal) Fill() {
	o.t.Helper()
	fd, err := unix.Open(o.Slave.Name(), unix.O_WRONLY|unix.O_NOCTTY|unix.O_NONBLOCK|unix.O_CLOEXEC, 0)
	if err != nil {
		o.t.Fatal(err)
	}
	defer unix.Close(fd)
	Fill(o.t, fd)
}

// Fill writes to a terminal, opened so that a write does not wait, until it takes no more. A program that has filled it
// may have left room: the kernel makes some a moment late, when it moves what was written, and wakes the program only
// when somebody reads.
func Fill(t *testing.T, terminal int) {
	t.Helper()
	room := []unix.PollFd{fdio.For(terminal, unix.POLLOUT)}
	more := make([]byte, 1<<16)
	for range 100 {
		ready, err := fdio.Wait(room, 50)
		if err != nil {
			t.Fatal(err)
		}
		if ready == 0 {
			return
		}
		_, _ = unix.Write(terminal, more) // as much as there is room for
	}
	t.Fatal("the terminal takes all that is written: somebody reads it")
}

// Until waits for a condition on the output.
func (o *Terminal) Until(what string, ok func(out []byte) bool) {
	o.t.Helper()
	late := time.AfterFunc(patience, func() { o.mu.Lock(); o.eof = true; o.cond.Broadcast(); o.mu.Unlock() })
	defer late.Stop()
	o.mu.Lock()
	defer o.mu.Unlock()
	for !ok(o.out) {
		if o.eof {
			o.t.Fatalf("never came: %s\noutput: %q", what, Tail(o.out))
		}
		o.cond.Wait()
	}
}

// WaitFor waits for text after what was last waited for.
func (o *Terminal) WaitFor(text string) {
	o.t.Helper()
	o.Until(text, func(out []byte) bool { return bytes.Contains(out, []byte(text)) })
	o.mu.Lock()
	defer o.mu.Unlock()
	n := bytes.Index(o.out, []byte(text)) + len(text)
	o.seen = append(o.seen, o.out[:n]...)
	o.out = o.out[n:]
}

// All is the whole output.
func (o *Terminal) All() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return string(o.seen) + string(o.out)
}

// Text is the output after what was last waited for.
func (o *Terminal) Text() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return string(o.out)
}

// Type types keys.
func (o *Terminal) Type(keys string) {
	o.t.Helper()
	if _, err := o.Master.WriteString(keys); err != nil {
		o.t.Fatal(err)
	}
}

// Resize gives the window another size.
func (o *Terminal) Resize(cols, rows uint16) {
	o.t.Helper()
	if err := pty.Setsize(o.Slave, &pty.Winsize{Cols: cols, Rows: rows}); err != nil {
		o.t.Fatal(err)
	}
}

// End waits for the program's end.
func (o *Terminal) End() syscall.WaitStatus {
	o.t.Helper()
	select {
	case <-o.exited:
	case <-time.After(patience):
		o.t.Fatalf("has not ended; output: %q", Tail([]byte(o.Text())))
	}
	return o.Cmd.ProcessState.Sys().(syscall.WaitStatus)
}

// Settings are the terminal's settings.
func (o *Terminal) Settings() unix.Termios {
	o.t.Helper()
	t, err := tty.Get(int(o.Slave.Fd()))
	if err != nil {
		o.t.Fatal(err)
	}
	return *t
}

// Tail is the end of p, for a message.
func Tail(p []byte) []byte { return p[max(0, len(p)-2000):] }

// Eventually waits for a condition that nothing announces.
func Eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for deadline := time.Now().Add(patience); !ok(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("never came true: %s", what)
		}
	}
}

// Gone reports whether the process has ended; a zombie has.
func Gone(pid string) bool {
	stat, err := os.ReadFile("/proc/" + strings.TrimSpace(pid) + "/stat")
	return err != nil || strings.Contains(string(stat[bytes.LastIndexByte(stat, ')'):]), " Z ")
}

// Noise is n random bytes, in a file.
func Noise(t *testing.T, n int) (path string, p []byte) {
	t.Helper()
	p = make([]byte, n)
	rand.New(rand.NewSource(int64(n))).Read(p)
	path = filepath.Join(t.TempDir(), "noise")
	if err := os.WriteFile(path, p, 0o600); err != nil {
		t.Fatal(err)
	}
	return path, p
}

// FIFO makes a named pipe; opening it blocks until release is called.
func FIFO(t *testing.T) (path string, release func()) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "fifo")
	if err := unix.Mkfifo(path, 0o600); err != nil {
		t.Fatal(err)
	}
	return path, func() {
		f, err := os.OpenFile(path, os.O_WRONLY, 0)
		if err != nil {
			t.Fatal(err)
		}
		_, _ = f.WriteString("go\n")
		f.Close()
	}
}
