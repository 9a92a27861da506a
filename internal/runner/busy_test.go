package runner

import (
	"bufio"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/claude-auth/claude-auth/internal/test/emulator"
)

func TestBusy(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		dir  string
		age  time.Duration
		busy bool
	}{
		{"", 0, false},
		{dir, 0, true},
		{dir, 14 * time.Second, true},
		{dir, 16 * time.Second, false},
		{dir, -time.Second, true},
		{dir, -time.Hour, false},
		{filepath.Join(dir, "missing"), 0, false},
		{file, 0, false},
	} {
		at := time.Now().Add(-c.age)
		_ = os.Chtimes(c.dir, at, at) // some are missing
		if got := (Busy{Dir: c.dir, Fresh: 15 * time.Second}).Now(); got != c.busy {
			t.Errorf("%+v: %v", c, got)
		}
	}
}

// startRenewal starts a child that holds a lock until release, then stores, and prints what it has caught of later
// signals.
func startRenewal(t *testing.T, env ...string) (cmd *exec.Cmd, out *bufio.Reader, stored string, release func()) {
	t.Helper()
	dir := t.TempDir()
	gate := filepath.Join(dir, "gate")
	release = func() {
		if err := os.WriteFile(gate, nil, 0o600); err != nil {
			t.Error(err)
		}
	}
	stored = filepath.Join(dir, "stored")
	// A signal that comes just before a `read` would wait for the end of that.
	cmd = emulator.Tool(t, "pipe", emulator.Shell(`trap 'echo usr1' USR1; mkdir `+dir+`/lock; echo busy; `+
		`until [ -e `+gate+` ]; do sleep 0.02; done; : >`+stored+`; rmdir `+dir+`/lock; exec sleep 1000`)...)
	cmd.Env = append(append(cmd.Env, env...), "TEST_BUSY="+dir+"/lock")
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true} // no terminal: nothing comes from a keyboard
	pipe, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill() })
	out = bufio.NewReader(pipe)
	expect(t, out, "busy")
	return cmd, out, stored, release
}

func expect(t *testing.T, out *bufio.Reader, want string) {
	t.Helper()
	if line, err := out.ReadString('\n'); strings.TrimSpace(line) != want {
		t.Fatalf("%q, %v, want %q", line, err, want)
	}
}

func signalTool(t *testing.T, cmd *exec.Cmd, signals ...syscall.Signal) {
	t.Helper()
	for _, sig := range signals {
		if err := cmd.Process.Signal(sig); err != nil {
			t.Fatal(err)
		}
	}
}

// A signal that would end the child waits while the child is busy, a second one too, and others pass.
func TestASignalWaitsWhileTheChildIsBusy(t *testing.T) {
	for _, sig := range []syscall.Signal{unix.SIGTERM, unix.SIGHUP, unix.SIGINT, unix.SIGQUIT} {
		cmd, out, stored, release := startRenewal(t)
		signalTool(t, cmd, sig, unix.SIGUSR1)
		expect(t, out, "usr1") // sig has arrived too, as a rule
		signalTool(t, cmd, unix.SIGTERM, unix.SIGUSR1)
		expect(t, out, "usr1")
		release()
		_, _ = io.Copy(io.Discard, out)
		_ = cmd.Wait()
		if _, err := os.Stat(stored); err != nil {
			t.Errorf("%v has ended the child before it stored: %v", sig, err)
		}
		if st := cmd.ProcessState.Sys().(syscall.WaitStatus); st.Signal() != sig {
			t.Errorf("%v: %#x", sig, st)
		}
	}
}

// A lock that is never given back holds a signal until the limit.
func TestASignalWaitsNoLongerThanTheLimit(t *testing.T) {
	cmd, out, stored, _ := startRenewal(t, "TEST_BUSY_LIMIT=100ms")
	signalTool(t, cmd, unix.SIGTERM)
	_, _ = io.Copy(io.Discard, out)
	_ = cmd.Wait()
	if st := cmd.ProcessState.Sys().(syscall.WaitStatus); st.Signal() != unix.SIGTERM {
		t.Errorf("%#x", st)
	}
	if _, err := os.Stat(stored); err == nil {
		t.Error("the child has stored without a release")
	}
}
