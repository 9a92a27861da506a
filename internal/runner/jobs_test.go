package runner

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/claude-auth/claude-auth/internal/test/tools"
)

// client suspends itself as the real clients do (2.1.165, 2.1.330): the terminal put back, kill(0, SIGTSTP), and raw again.
const client = `#!/bin/sh
trap 'stty size | tr " " x' WINCH
stty raw -echo; printf ready
while :; do
	c=$(dd bs=1 count=1 2>/dev/null; echo .); c=${c%.}
	case $c in
	"$(printf '\032')") stty sane; echo suspended; kill -TSTP 0; stty raw -echo; printf 'back ' ;;
	q) exit 7 ;;
	?) printf '<%s>' "$c" ;;
	esac
done
`

// Ctrl-Z, jobs, bg and fg do what they do without us, in the shells that people have.
func TestJobControl(t *testing.T) {
	dir := t.TempDir()
	prog := filepath.Join(dir, "client")
	if err := os.WriteFile(prog, []byte(client), 0o700); err != nil {
		t.Fatal(err)
	}
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for _, shell := range []struct {
		name   string
		argv   []string
		says   string // of a stopped job
		status string
		code   string // fish 3.6 forgets the status of what fg has brought back
	}{
		{"bash", []string{"--norc", "--noprofile", "-i"}, "Stopped", "$?''", "code 7"},
		{"zsh", []string{"-f", "-i"}, "suspended", "$?''", "code 7"},
		{"fish", []string{"--no-config", "--private", "-i"}, "stopped", "$status''", "code 0"},
	} {
		path, err := exec.LookPath(shell.name)
		if err != nil {
			t.Logf("no %s here", shell.name)
			continue
		}
		for _, mode := range []string{"exec", "session"} {
			t.Run(shell.name+" "+mode, func(t *testing.T) {
				cmd := exec.Command(path, shell.argv...)
				cmd.Env = []string{"HOME=" + dir, "PATH=" + os.Getenv("PATH"), "TERM=xterm-256color", "RUNNER_TOOL=" + mode, "EXE=" + exe, "PROG=" + prog, "LC_ALL=C", "GORACE=" + os.Getenv("GORACE")}
				o := onTerminal(t, cmd)
				o.typ("echo prompt''one\r")
				o.wait("promptone")
				o.typ("$EXE $PROG\r")
				o.wait("ready")
				o.typ("a")
				o.wait("<a>")
				o.typ("\x1a")
				o.wait("suspended")
				o.wait(shell.says)
				o.typ("jobs; echo prompt''two\r")
				o.wait(shell.says)
				o.wait("prompttwo")
				o.typ("bg\r")
				o.wait("PROG")
				// In the background a terminal is not to be had: the kernel stops the job again, and the shell says so at its next prompt.
				eventuallyStopped(t, o)
				o.typ("jobs; echo prompt''three\r")
				o.wait(shell.says)
				o.wait("promptthree")
				o.resize(77, 33)
				o.typ("fg\r")
				o.wait("back")
				o.typ("k")
				o.wait("<k>")
				o.typ("\x1a")
				o.wait("suspended")
				o.wait(shell.says)
				o.typ("fg\r")
				o.wait("back")
				o.typ("q")
				o.wait("# ") // the prompt: what is typed ahead of it would be the session's
				o.typ("echo code " + shell.status + "\r")
				o.wait(shell.code)
				o.typ("exit\r")
				o.end()
			})
		}
	}
}

// eventuallyStopped waits until every process of the shell's job is stopped.
func eventuallyStopped(t *testing.T, o *outer) {
	t.Helper()
	eventually(t, "the job's stop", func() bool {
		out, _ := exec.Command("ps", "-o", "stat=,args=", "--ppid", itoa(o.cmd.Process.Pid)).Output()
		return bytes.HasPrefix(bytes.TrimSpace(out), []byte("T"))
	})
}

// While stopped, the terminal is as it was: interactive shells see to that themselves, others do not.
func TestTheTerminalIsRestoredForAStop(t *testing.T) {
	tools.Need(t, "bash")
	prog := filepath.Join(t.TempDir(), "client")
	if err := os.WriteFile(prog, []byte(client), 0o700); err != nil {
		t.Fatal(err)
	}
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("bash", "--norc", "--noprofile", "-c", `set -m; "$0" "$1"; echo settings; stty -a; fg; echo code $?`, exe, prog)
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "RUNNER_TOOL=session", "GORACE=" + os.Getenv("GORACE")}
	o := onTerminal(t, cmd)
	before := o.settings()
	o.wait("ready")
	raw := o.settings()
	if raw == before {
		t.Fatal("the terminal is not raw")
	}
	o.typ("\x1a")
	o.wait("settings")
	o.wait("back")
	if !bytes.Contains([]byte(o.all()), []byte(" icanon")) {
		t.Errorf("while stopped: %q", tail([]byte(o.all())))
	}
	eventually(t, "raw again", func() bool { return o.settings() == raw })
	o.typ("q")
	o.wait("code 7")
	o.end()
	if o.settings() != before {
		t.Error("the terminal is not as it was")
	}
}
