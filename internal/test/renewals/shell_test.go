//go:build linux

package renewals

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/claude-auth/claude-auth/internal/test/harness"
)

// shell is an interactive bash on a terminal, whose prompt shows the status of the last command.
type shell struct {
	*harness.Terminal
	prompts int // that have been waited for
}

// prompt is the shell's prompt.
var prompt = regexp.MustCompile(`ready:(\d+):`)

// startShell starts a bash. With the hook, `claude` is the function that runs the client under claude-auth.
func (p *place) startShell(t *testing.T, hook bool) *shell {
	t.Helper()
	startup := "PS1='ready:$?:'\n"
	if hook {
		startup += `eval "$(claude-auth init bash)"` + "\n"
	}
	file, err := os.CreateTemp(p.dir, "bashrc-") // others start meanwhile
	must(t, err)
	_, err = file.WriteString(startup)
	must(t, errors.Join(err, file.Close()))
	command := exec.Command("/bin/bash", "--noprofile", "--rcfile", file.Name(), "-i")
	command.Env, command.Dir = p.env, p.dir
	terminal, err := harness.StartTerminal(command, 120, 40)
	must(t, err)
	s := &shell{Terminal: terminal}
	s.status(t)
	return s
}

// status waits for the next prompt and returns the status that it shows.
func (s *shell) status(t *testing.T) int {
	t.Helper()
	var found [][]string
	eventually(t, "a prompt", func() bool {
		found = prompt.FindAllStringSubmatch(harness.Plain(s.Output()), -1)
		return len(found) > s.prompts
	})
	s.prompts++
	status, err := strconv.Atoi(found[s.prompts-1][1])
	must(t, err)
	return status
}

// run types a command line and returns the process that it starts.
func (s *shell) run(t *testing.T, line string) *process {
	t.Helper()
	must(t, s.Send(line+"\r"))
	var pid int
	eventually(t, "a process of: "+line, func() bool {
		pid = s.child()
		return pid != 0
	})
	fd, err := unix.PidfdOpen(pid, 0)
	if err != nil {
		t.Fatalf("%s: it has ended already: %v; on the terminal: %s", line, err, harness.Plain(s.Output()))
	}
	t.Cleanup(func() { _ = unix.Close(fd) })
	return &process{pid: pid, fd: fd, started: time.Now()}
}

// child is the shell's child, once it is no shell any more; 0 for none.
func (s *shell) child() int {
	shell := s.Command.Process.Pid
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/task/%d/children", shell, shell))
	if err != nil {
		return 0
	}
	for _, field := range strings.Fields(string(text)) {
		name, err := os.ReadFile("/proc/" + field + "/comm")
		if pid, bad := strconv.Atoi(field); err == nil && bad == nil && string(name) != "bash\n" {
			return pid
		}
	}
	return 0
}

// leave ends the shell, unless the terminal is closed already.
func (s *shell) leave(t *testing.T) {
	t.Helper()
	_ = s.Hangup() // an error means that it is closed
	_, err := s.Wait()
	must(t, err)
}

// process is a process that a shell has started.
type process struct {
	pid, fd int
	started time.Time
}

// signal sends a signal to the process alone.
func (p *process) signal(sig syscall.Signal) error { return unix.PidfdSendSignal(p.fd, sig, nil, 0) }

// wait waits for the end of the process.
func (p *process) wait(t *testing.T) {
	t.Helper()
	fds := []unix.PollFd{{Fd: int32(p.fd), Events: unix.POLLIN}}
	for begun := time.Now(); ; {
		n, err := unix.Poll(fds, 1000)
		switch {
		case n > 0:
			return
		case err != nil && err != unix.EINTR:
			t.Fatal(err)
		case time.Since(begun) > harness.Patience:
			t.Fatalf("process %d does not end", p.pid)
		}
	}
}

// ended reports whether the process has ended.
func (p *process) ended() bool {
	n, _ := unix.Poll([]unix.PollFd{{Fd: int32(p.fd), Events: unix.POLLIN}}, 0)
	return n > 0
}

// over is closed when the process has ended. The goroutine behind it ends then.
func (p *process) over() <-chan struct{} {
	over := make(chan struct{})
	go func() {
		for !p.ended() {
			time.Sleep(lookEvery) // polls a condition; the process is ended by its test
		}
		close(over)
	}()
	return over
}
