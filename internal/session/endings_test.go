package session

import (
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/claude-auth/claude-auth/internal/test/emulator"
	"github.com/claude-auth/claude-auth/internal/test/tools"
)

// endingClient is a client that an ending can end in any way: q is its /exit, Ctrl-C twice and Ctrl-D end it, Ctrl-Z
// stops it as the real clients stop themselves (2.1.165, 2.1.330), p makes it print without end.
const endingClient = `#!/bin/sh
echo $$ >"$0.pid"
stty raw -echo; printf 'ready '
left=2
while :; do
	c=$(dd bs=1 count=1 2>/dev/null; echo .); c=${c%.}
	case $c in
	q | "$(printf '\004')") stty sane; exit 0 ;;
	"$(printf '\003')") left=$((left - 1)); if [ $left = 0 ]; then stty sane; exit 0; fi ;;
	"$(printf '\032')") stty sane; kill -TSTP 0; stty raw -echo; printf 'back ' ;;
	p) while :; do echo 0123456789012345678901234567890123456789; done ;;
	*) printf '<%s>' "$c" ;;
	esac
done
`

// ending is a trial of one way to end a session on a terminal, below a shell with job control.
type ending struct {
	*emulator.Terminal
	t      *testing.T
	client string // its file
}

// endings are the ways to end a session. They end it whatever has happened before: what only a client that reads could
// heed is not among those for a frozen terminal.
var endings = []struct {
	name  string
	reads bool // the client must read its terminal
	end   func(e ending)
}{
	{"exit", true, func(e ending) { e.Type("q") }},
	{"Ctrl-D", true, func(e ending) { e.Type("\x04") }},
	{"Ctrl-C twice", true, func(e ending) { e.Type("\x03"); e.Type("\x03") }},
	{"SIGTERM", false, func(e ending) { e.signal(e.tool(), unix.SIGTERM) }},
	{"SIGHUP", false, func(e ending) { e.signal(e.tool(), unix.SIGHUP) }},
	{"SIGINT", true, func(e ending) { e.signal(e.tool(), unix.SIGINT); e.Type("q") }},
	{"SIGQUIT", true, func(e ending) { e.signal(e.tool(), unix.SIGQUIT); e.Type("q") }},
	{"SIGKILL", false, func(e ending) { e.signal(e.tool(), unix.SIGKILL) }},
	{"client's SIGKILL", false, func(e ending) { e.signal(e.pid(), unix.SIGKILL) }},
	{"client's SIGTERM", true, func(e ending) { e.signal(e.pid(), unix.SIGTERM) }},
	{"terminal closed", false, func(e ending) { e.Slave.Close(); e.Master.Close() }},
	{"SIGTERM and SIGKILL", false, func(e ending) {
		e.signal(e.tool(), unix.SIGTERM)
		e.signal(e.tool(), unix.SIGKILL)
	}},
}

// befores are what happens before the end.
var befores = []struct {
	name   string
	frozen bool // nobody reads the terminal then
	do     func(e ending)
}{
	{"nothing", false, func(ending) {}},
	{"Ctrl-Z", false, func(e ending) {
		e.stop()
		e.Type("stty -a >\"$PROG.stopped\"; echo pro''mpt\r")
		e.WaitFor("prompt")
		e.sameAs("stopped")
		e.Type("fg\r")
		e.WaitFor("back")
	}},
	{"SIGSTOP of the tool", false, func(e ending) {
		e.signal(e.tool(), unix.SIGSTOP)
		e.goesOn()
	}},
	{"SIGSTOP of the client", false, func(e ending) {
		e.signal(e.pid(), unix.SIGSTOP)
		e.goesOn()
	}},
	{"frozen output", true, func(e ending) {
		e.Type("p")
		e.WaitFor("0123456789")
		e.Freeze()
		e.Fill()
	}},
}

// However a session ends, and whatever has happened before, the terminal is as it was, the shell has it, and nothing is
// left running.
func TestEndings(t *testing.T) {
	tools.Need(t, "bash")
	for _, before := range befores {
		for _, way := range endings {
			if before.frozen && way.reads {
				continue
			}
			t.Run(before.name+"/"+way.name, func(t *testing.T) {
				e := startEnding(t)
				before.do(e)
				way.end(e)
				e.check(before.frozen)
			})
		}
	}
	t.Run("stopped/SIGTERM", func(t *testing.T) {
		e := startEnding(t)
		e.stop()
		e.signal(e.tool(), unix.SIGTERM)
		e.Type("fg\r")
		e.check(false)
	})
}

// stop stops the session with Ctrl-Z.
func (e ending) stop() {
	e.Type("\x1a")
	e.WaitFor("Stopped")
}

// goesOn sees that a session that a signal has stopped goes on with fg.
func (e ending) goesOn() {
	e.WaitFor("Stopped")
	e.Type("fg\r")
	e.WaitFor("PROG")
	e.Type("k")
	e.WaitFor("<k>")
}

func startEnding(t *testing.T) ending {
	t.Helper()
	client := filepath.Join(t.TempDir(), "client")
	exe, err := os.Executable()
	if err == nil {
		err = os.WriteFile(client, []byte(endingClient), 0o700)
	}
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("bash", "--norc", "--noprofile", "-i")
	cmd.Env = []string{
		"PATH=" + os.Getenv("PATH"), "TERM=xterm-256color", "LC_ALL=C", "EXE=" + exe, "PROG=" + client, "PS1=",
		"HISTFILE=", "GORACE=" + os.Getenv("GORACE"),
	}
	e := ending{emulator.Start(t, cmd), t, client}
	e.Type("stty -a >\"$PROG.before\"; TEST_TOOL=session $EXE $PROG\r")
	e.WaitFor("ready")
	t.Cleanup(func() { e.signal(e.pid(), unix.SIGKILL) })
	return e
}

// check sees to what an ending leaves.
func (e ending) check(frozen bool) {
	e.t.Helper()
	_, err := e.Slave.Stat()
	open := err == nil // the terminal
	if open {
		emulator.Eventually(e.t, "the tool's end", func() bool { return e.tool() == 0 })
	}
	if frozen {
		e.Thaw()
	}
	if open {
		e.Type("stty -a >\"$PROG.after\"; echo o''ver\r")
		e.WaitFor("over")
		e.sameAs("after")
	}
	emulator.Eventually(e.t, "the end of the client and of everything of ours", func() bool {
		return emulator.Gone(strconv.Itoa(e.pid())) && len(e.left()) == 0
	})
	if open {
		e.Type("exit\r")
	}
	e.End()
}

func (e ending) signal(pid int, sig syscall.Signal) {
	if pid > 0 {
		_ = unix.Kill(pid, sig) // it may have ended
	}
}

// pid is the client's.
func (e ending) pid() int {
	text, _ := os.ReadFile(e.client + ".pid")
	pid, _ := strconv.Atoi(strings.TrimSpace(string(text)))
	return pid
}

// tool is the session's process, the shell's child; 0 when there is none.
func (e ending) tool() int {
	for _, p := range e.left() {
		if p.parent == e.Cmd.Process.Pid {
			return p.pid
		}
	}
	return 0
}

type process struct{ pid, parent int }

// left are the processes that have this trial's client in their arguments.
func (e ending) left() (found []process) {
	table, err := exec.Command("ps", "-A", "-o", "pid=,ppid=,stat=,args=").Output()
	if err != nil {
		e.t.Fatal(err)
	}
	for line := range strings.Lines(string(table)) {
		f := strings.Fields(line)
		if len(f) < 4 || f[2][0] == 'Z' || !strings.Contains(line, e.client) {
			continue
		}
		pid, _ := strconv.Atoi(f[0])
		parent, _ := strconv.Atoi(f[1])
		found = append(found, process{pid, parent})
	}
	return found
}

// sameAs sees that `stty -a` says what it said before.
func (e ending) sameAs(when string) {
	e.t.Helper()
	before, err := os.ReadFile(e.client + ".before")
	now, err2 := os.ReadFile(e.client + "." + when)
	if err != nil || err2 != nil || string(before) != string(now) {
		e.t.Errorf("stty -a, %s: %v %v\n%s\nbefore:\n%s", when, err, err2, now, before)
	}
}
