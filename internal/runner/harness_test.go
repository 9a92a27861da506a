package runner

import (
	"bytes"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/creack/pty"
	"golang.org/x/sys/unix"
)

// patience bounds every wait for a condition.
const patience = 20 * time.Second

// self is the test binary, as the tool in the given mode.
func self(t *testing.T, mode string, args ...string) *exec.Cmd {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(exe, args...)
	cmd.Env = []string{"RUNNER_TOOL=" + mode, "PATH=" + os.Getenv("PATH"), "HOME=" + t.TempDir(), "TERM=xterm-256color", "LC_ALL=C.UTF-8", "GORACE=" + os.Getenv("GORACE")}
	return cmd
}

func sh(script string) []string { return []string{"/bin/sh", "-c", script} }

// outer is a terminal with a program on it: what a terminal emulator is.
type outer struct {
	t      *testing.T
	master *os.File
	slave  *os.File // held, so that the settings can be read after the program's end
	cmd    *exec.Cmd
	exited chan struct{}

	mu   sync.Mutex
	cond *sync.Cond
	out  []byte // not yet waited for
	seen []byte // waited for
	eof  bool
}

// onTerminal starts cmd on a terminal of 100 by 30.
func onTerminal(t *testing.T, cmd *exec.Cmd) *outer {
	t.Helper()
	master, slave, err := pty.Open()
	if err != nil {
		t.Fatal(err)
	}
	if err := pty.Setsize(master, &pty.Winsize{Cols: 100, Rows: 30}); err != nil {
		t.Fatal(err)
	}
	// pty.Open leaves the master in blocking mode, where Close waits for the Read that it should end.
	fd, err := dupCloexec(int(master.Fd()))
	if err != nil {
		t.Fatal(err)
	}
	master.Close()
	_ = unix.SetNonblock(fd, true)
	master = os.NewFile(uintptr(fd), "master")
	o := &outer{t: t, master: master, slave: slave, cmd: cmd, exited: make(chan struct{})}
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

func (o *outer) read() {
	buf := make([]byte, 64<<10)
	for {
		n, err := o.master.Read(buf)
		o.mu.Lock()
		o.out = append(o.out, buf[:n]...)
		o.eof = err != nil
		o.cond.Broadcast()
		o.mu.Unlock()
		if err != nil {
			return
		}
	}
}

// until waits for a condition on the output.
func (o *outer) until(what string, ok func(out []byte) bool) {
	o.t.Helper()
	late := time.AfterFunc(patience, func() { o.mu.Lock(); o.eof = true; o.cond.Broadcast(); o.mu.Unlock() })
	defer late.Stop()
	o.mu.Lock()
	defer o.mu.Unlock()
	for !ok(o.out) {
		if o.eof {
			o.t.Fatalf("never came: %s\noutput: %q", what, tail(o.out))
		}
		o.cond.Wait()
	}
}

// wait waits for text, and drops what came up to its end.
func (o *outer) wait(text string) {
	o.t.Helper()
	o.until(text, func(out []byte) bool { return bytes.Contains(out, []byte(text)) })
	o.mu.Lock()
	defer o.mu.Unlock()
	n := bytes.Index(o.out, []byte(text)) + len(text)
	o.seen = append(o.seen, o.out[:n]...)
	o.out = o.out[n:]
}

// all is everything that has come.
func (o *outer) all() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return string(o.seen) + string(o.out)
}

// text is what has come and not been waited for.
func (o *outer) text() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return string(o.out)
}

func (o *outer) typ(keys string) {
	o.t.Helper()
	if _, err := o.master.WriteString(keys); err != nil {
		o.t.Fatal(err)
	}
}

func (o *outer) resize(cols, rows uint16) {
	o.t.Helper()
	if err := pty.Setsize(o.slave, &pty.Winsize{Cols: cols, Rows: rows}); err != nil {
		o.t.Fatal(err)
	}
}

// end waits for the program's end.
func (o *outer) end() syscall.WaitStatus {
	o.t.Helper()
	select {
	case <-o.exited:
	case <-time.After(patience):
		o.t.Fatalf("has not ended; output: %q", tail([]byte(o.text())))
	}
	return o.cmd.ProcessState.Sys().(syscall.WaitStatus)
}

// settings are the terminal's.
func (o *outer) settings() unix.Termios {
	o.t.Helper()
	t, err := getTermios(int(o.slave.Fd()))
	if err != nil {
		o.t.Fatal(err)
	}
	return *t
}

func tail(p []byte) []byte { return p[max(0, len(p)-2000):] }

// eventually waits for a condition that nothing announces.
func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for deadline := time.Now().Add(patience); !ok(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("never came true: %s", what)
		}
	}
}

// gone reports whether there is no such process any more, or only a zombie of it.
func gone(pid string) bool {
	stat, err := os.ReadFile("/proc/" + strings.TrimSpace(pid) + "/stat")
	return err != nil || strings.Contains(string(stat[bytes.LastIndexByte(stat, ')'):]), " Z ")
}
