package session

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/claude-auth/claude-auth/internal/test/emulator"
	"github.com/claude-auth/claude-auth/internal/test/shells"
	"github.com/claude-auth/claude-auth/internal/test/tools"
	"github.com/claude-auth/claude-auth/shell"
)

// client suspends itself as the real clients do (2.1.165, 2.1.330): the terminal restored, kill(0, SIGTSTP), and raw
// again.
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

// Ctrl-Z, jobs, bg and fg do what they do without us, in every shell that has a hook.
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
	for _, s := range shell.All() {
		d := shells.Of(t, s)
		if d.Stopped == "" {
			continue // what its jobs do is its own matter
		}
		for _, mode := range []string{"exec", "session"} {
			t.Run(s.Name+" "+mode, func(t *testing.T) {
				tools.Need(t, s.Name)
				cmd := exec.Command(s.Name, slices.Concat(s.Bare, []string{"-i"})...)
				cmd.Env = []string{
					"HOME=" + dir, "PATH=" + os.Getenv("PATH"), "TERM=xterm-256color", "TEST_TOOL=" + mode,
					"EXE=" + exe, "PROG=" + prog, "LC_ALL=C", "GORACE=" + os.Getenv("GORACE"),
				}
				o := emulator.Start(t, cmd)
				jobControl(t, o, d, prog)
			})
		}
	}
}

// jobControl suspends and continues the client prog in a shell.
func jobControl(t *testing.T, o *emulator.Terminal, d *shells.Driver, prog string) {
	t.Helper()
	says := d.Stopped
	o.Type("echo prompt''one\r")
	o.WaitFor("promptone")
	o.Type("$EXE $PROG\r")
	o.WaitFor("ready")
	o.Type("a")
	o.WaitFor("<a>")
	o.Type("\x1a")
	o.WaitFor("suspended")
	o.WaitFor(says)
	o.Type("jobs; echo prompt''two\r")
	o.WaitFor(says)
	o.WaitFor("prompttwo")
	before, _ := job(o, prog)
	o.Type("bg\r")
	o.WaitFor("PROG")
	// In the background a terminal is not to be had: the kernel stops the job again, and the shell says so at its next
	// prompt.
	emulator.Eventually(t, "the job's second stop", func() bool {
		ran, stopped := job(o, prog)
		return stopped && ran != before
	})
	o.Type("jobs; echo prompt''three\r")
	o.WaitFor(says)
	o.WaitFor("promptthree")
	o.Resize(77, 33)
	o.Type("fg\r")
	o.WaitFor("back")
	o.Type("k")
	o.WaitFor("<k>")
	o.Type("\x1a")
	o.WaitFor("suspended")
	o.WaitFor(says)
	o.Type("fg\r")
	o.WaitFor("back")
	o.Type("q")
	o.WaitFor("# ") // the prompt: what is typed ahead of it would be the session's
	o.Type("echo code " + d.Status + "''\r")
	o.WaitFor(fmt.Sprintf("code %d", d.FgStatus))
	o.Type("exit\r")
	o.End()
}

// job is the shell's process that runs prog: how often it has run, and whether it is stopped now. The shell may have
// others: fish reads the manual pages, at its first start.
func job(o *emulator.Terminal, prog string) (ran string, stopped bool) {
	children, _ := exec.Command("ps", "-o", "pid=,args=", "--ppid", strconv.Itoa(o.Cmd.Process.Pid)).Output()
	for child := range strings.Lines(string(children)) {
		if pid, args, _ := strings.Cut(strings.TrimSpace(child), " "); strings.Contains(args, prog) {
			status, _ := os.ReadFile("/proc/" + pid + "/status")
			_, ran, _ = strings.Cut(string(status), "voluntary_ctxt_switches:")
			return ran, bytes.Contains(status, []byte("\nState:\tT"))
		}
	}
	return "", false
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
	cmd := exec.Command("bash", "--norc", "--noprofile", "-c",
		`set -m; "$0" "$1"; echo settings; stty -a; fg; echo code $?`, exe, prog)
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "TEST_TOOL=session", "GORACE=" + os.Getenv("GORACE")}
	o := emulator.Start(t, cmd)
	before := o.Settings()
	o.WaitFor("ready")
	raw := o.Settings()
	if raw == before {
		t.Fatal("the terminal is not raw")
	}
	o.Type("\x1a")
	o.WaitFor("settings")
	o.WaitFor("back")
	if !bytes.Contains([]byte(o.All()), []byte(" icanon")) {
		t.Errorf("while stopped: %q", emulator.Tail([]byte(o.All())))
	}
	emulator.Eventually(t, "raw again", func() bool { return o.Settings() == raw })
	o.Type("q")
	o.WaitFor("code 7")
	o.End()
	if o.Settings() != before {
		t.Error("the terminal is not as it was")
	}
}
