package runner

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/claude-auth/claude-auth/internal/test/emulator"
)

// toolGuest runs a guest until SIGUSR1, which it may outlive for TEST_PATIENCE.
func toolGuest(c Command) int {
	ctx, stop := signal.NotifyContext(context.Background(), unix.SIGUSR1)
	defer stop()
	patience, err := time.ParseDuration(os.Getenv("TEST_PATIENCE"))
	if err != nil {
		return fail(err)
	}
	status, err := guest(ctx, patience, c, 0, 1, 2)
	if err != nil {
		return fail(err)
	}
	return ExitLike(status)
}

// selfStopping is a guest that stops itself alone, as the clients do at a sign-in.
const selfStopping = `echo pid $$; kill -STOP $$; echo continued; while :; do sleep 0.01; done`

// A guest that stops itself is continued where it has the terminal. At the end of its time it is asked to end, and then
// killed.
func TestAGuestThatStopsInTheForeground(t *testing.T) {
	for _, trial := range []struct {
		trap, patience string
		want           unix.WaitStatus
	}{
		{"trap 'exit 7' TERM; ", "1h", 7 << 8},
		{"trap '' TERM; ", "1ms", unix.WaitStatus(unix.SIGKILL)},
	} {
		cmd := emulator.Tool(t, "guest", emulator.Shell(trial.trap+selfStopping)...)
		cmd.Env = append(cmd.Env, "TEST_PATIENCE="+trial.patience)
		o := emulator.Start(t, cmd)
		o.WaitFor("continued")
		if err := cmd.Process.Signal(unix.SIGUSR1); err != nil {
			t.Fatal(err)
		}
		if st := o.End(); unix.WaitStatus(st) != trial.want {
			t.Errorf("%s: ended with %#x, want %#x", trial.trap, st, trial.want)
		}
	}
}

// Where a guest has no terminal it stays stopped. The end continues it, so that it can end in order.
func TestAGuestThatStopsInTheBackground(t *testing.T) {
	cmd := emulator.Tool(t, "guest", emulator.Shell("trap 'echo told; exit 7' TERM; "+selfStopping)...)
	cmd.Env = append(cmd.Env, "TEST_PATIENCE=1h")
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	late := time.AfterFunc(90*time.Second, func() { _ = unix.Kill(-cmd.Process.Pid, unix.SIGKILL) })
	defer late.Stop()
	var pid int
	if _, err := fmt.Fscanf(out, "pid %d\n", &pid); err != nil {
		t.Fatal(err)
	}
	emulator.Eventually(t, "the guest's stop", func() bool {
		stat, _ := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
		return bytes.Contains(stat, []byte(") T "))
	})
	if err := cmd.Process.Signal(unix.SIGUSR1); err != nil {
		t.Fatal(err)
	}
	rest, _ := io.ReadAll(out)
	_ = cmd.Wait() // the status is below
	if code := cmd.ProcessState.ExitCode(); code != 7 || !strings.Contains(string(rest), "told\n") {
		t.Errorf("%v, after %q", cmd.ProcessState, rest)
	}
}
