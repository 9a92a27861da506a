package runner

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

// ends checks that the program ends with the code or by the signal, and that the terminal is as it was.
func (o *outer) ends(before unix.Termios, code int, sig syscall.Signal) {
	o.t.Helper()
	st := o.end()
	if sig != 0 && st.Signal() != sig || sig == 0 && st.ExitStatus() != code {
		o.t.Errorf("ended with %#x, want code %d or %v", st, code, sig)
	}
	if now := o.settings(); now != before {
		o.t.Errorf("terminal afterwards %+v, before %+v", now, before)
	}
}

// session starts a shell script in a session on a terminal.
func session(t *testing.T, script string, env ...string) (*outer, unix.Termios) {
	t.Helper()
	cmd := self(t, "session", sh(script)...)
	cmd.Env = append(cmd.Env, env...)
	master, before := onTerminal(t, cmd), unix.Termios{}
	// A fresh pty has the kernel's default settings, and nobody has changed this one's slave before the tool.
	fresh := onTerminal(t, exec.Command("/bin/true"))
	before = fresh.settings()
	return master, before
}

func TestASessionEndsAsItsChild(t *testing.T) {
	for _, code := range []int{0, 1, 130} {
		o, before := session(t, fmt.Sprintf("exit %d", code))
		o.ends(before, code, 0)
	}
	for _, sig := range []syscall.Signal{unix.SIGHUP, unix.SIGINT, unix.SIGQUIT, unix.SIGKILL, unix.SIGTERM, unix.SIGSEGV} {
		o, before := session(t, fmt.Sprintf("stty raw -echo; kill -%d $$", int(sig)))
		o.ends(before, 0, sig)
	}
	o := onTerminal(t, self(t, "session", filepath.Join(t.TempDir(), "missing")))
	o.wait("no such file or directory")
	if st := o.end(); st.ExitStatus() != 99 {
		t.Errorf("%#x", st)
	}
}

// The child has a terminal like ours: the same settings and size, a session and a foreground group of its own, /dev/tty.
func TestTheChildsTerminal(t *testing.T) {
	o, before := session(t, `stty -a | head -1; stty -g; test -t 0 && test -t 1 && test -t 2 && echo three; echo hi >/dev/tty; ps -o pgid=,tpgid= -p $$ | awk '{print ($1==$2) ? "foreground" : "background"}'; ls /proc/self/fd | tr '\n' ' '`)
	o.until("the end", func(out []byte) bool { return bytes.Contains(out, []byte("foreground")) })
	for _, want := range []string{"rows 30; columns 100", "three\r\nhi\r\nforeground\r\n"} {
		if !strings.Contains(o.text(), want) {
			t.Errorf("no %q in %q", want, o.text())
		}
	}
	o.ends(before, 0, 0)
	alone := onTerminal(t, exec.Command("/bin/sh", "-c", `stty -g; ls /proc/self/fd | tr '\n' ' '`))
	alone.end()
	alone.until("descriptors", func(out []byte) bool { return bytes.Contains(out, []byte(" 2 ")) })
	for _, want := range strings.Split(alone.text(), "\r\n") {
		if !strings.Contains(o.text(), want) {
			t.Errorf("no %q in %q", want, o.text())
		}
	}
}

// Descriptors that we were given beyond the first three are the child's: a shell's <(…) is one.
func TestInheritedDescriptorsReachTheChild(t *testing.T) {
	exe, _ := os.Executable()
	cmd := exec.Command("/bin/bash", "--norc", "--noprofile", "-c", `RUNNER_TOOL=session "$0" /bin/sh -c 'cat <&3; cat "$0"' <(echo sixty) 3< <(echo three)`, exe)
	o := onTerminal(t, cmd)
	o.end()
	o.until("both", func(out []byte) bool { return bytes.Contains(out, []byte("three\r\nsixty\r\n")) })
}

func TestStandardErrorAndInputThatAreNoTerminal(t *testing.T) {
	dir := t.TempDir()
	exe, _ := os.Executable()
	o := onTerminal(t, exec.Command("/bin/sh", "-c", `echo piped | RUNNER_TOOL=session "$0" /bin/sh -c 'echo err >&2; read x; echo "in $x"; read y </dev/tty; echo "tty $y"' 2>`+dir+`/err`, exe))
	o.wait("in piped")
	o.typ("typed\n")
	o.wait("tty typed")
	o.end()
	if got, _ := os.ReadFile(dir + "/err"); string(got) != "err\n" {
		t.Errorf("standard error: %q", got)
	}
}

// Every byte arrives in order, both ways.
func TestEveryByteOfASession(t *testing.T) {
	size := 100 << 20
	if testing.Short() || raceEnabled {
		size = 8 << 20
	}
	path, want := noise(t, size)
	o, _ := session(t, "stty raw; cat "+path+"; echo; sleep 0; echo END")
	o.until("the end", func(out []byte) bool { return bytes.HasSuffix(out, []byte("END\n")) })
	got := []byte(o.text())
	if got = got[:len(got)-5]; sha256.Sum256(got) != sha256.Sum256(want) {
		t.Errorf("%d bytes differ from the %d", len(got), len(want))
	}
	_, want = noise(t, 1<<20)
	sum := fmt.Sprintf("%x", sha256.Sum256(want))
	o, _ = session(t, fmt.Sprintf("stty raw -echo; echo ready; head -c %d | sha256sum", len(want)))
	o.wait("ready")
	o.typ(string(want))
	o.wait(sum)
}

func TestKeysOfAnOrdinaryTerminal(t *testing.T) {
	o, before := session(t, "echo ready; exec sleep 1000")
	o.wait("ready")
	o.typ("\x03")
	o.ends(before, 0, unix.SIGINT)
	o, before = session(t, "ulimit -c 0; echo ready; exec sleep 1000")
	o.wait("ready")
	o.typ("\x1c")
	o.ends(before, 0, unix.SIGQUIT)
	o, before = session(t, "echo ready; cat; echo over")
	o.wait("ready")
	o.typ("line\n\x04")
	o.wait("line\r\nline\r\nover")
	o.ends(before, 0, 0)
	o, before = session(t, "trap 'echo caught' INT; stty raw -echo; echo ready; head -c 1 | od -An -c")
	o.wait("ready")
	o.typ("\x03")
	o.wait("003")
	o.ends(before, 0, 0)
}

func TestResizing(t *testing.T) {
	o, before := session(t, "trap 'stty size' WINCH; echo ready; while ! read x; do :; done")
	o.wait("ready")
	o.resize(60, 20)
	o.wait("20 60")
	o.resize(38, 50)
	o.wait("50 38")
	o.typ("\n")
	o.ends(before, 0, 0)
}

func TestSignalsReachASessionsChild(t *testing.T) {
	for _, sig := range []syscall.Signal{unix.SIGTERM, unix.SIGHUP, unix.SIGINT, unix.SIGUSR1} {
		o, before := session(t, "echo ready; exec sleep 1000")
		o.wait("ready")
		if err := o.cmd.Process.Signal(sig); err != nil {
			t.Fatal(err)
		}
		o.ends(before, 0, sig)
	}
}

// What a killed child has left switched on is switched off; what a child that exits leaves on is its business.
func TestAKilledChildsModes(t *testing.T) {
	on := `printf '\033[?25l\033[?1004h\033[>5u\033[>4;2m'; echo ready; read x; `
	o, before := session(t, on+"kill -9 $$")
	o.wait("ready")
	o.typ("\n")
	o.ends(before, 0, unix.SIGKILL)
	for _, want := range []string{"\x1b[?25h", "\x1b[?1004l", "\x1b[<1u", "\x1b[>4m"} {
		o.until(want, func(out []byte) bool { return bytes.Contains(out, []byte(want)) })
	}
	o, before = session(t, on+"exit 0")
	o.wait("ready")
	o.typ("\n")
	o.ends(before, 0, 0)
	if strings.Contains(o.text(), "\x1b[") {
		t.Errorf("%q was written", o.text())
	}
}

// A panic anywhere in a tap leaves the terminal as it was, and ends the child.
func TestAPanic(t *testing.T) {
	o, before := session(t, "echo $$ pid; read x; echo panic now; exec sleep 1000", "RUNNER_PANIC=1")
	pid := o.pid()
	o.typ("\n")
	o.wait("as asked")
	if st := o.end(); st.ExitStatus() != 2 {
		t.Errorf("%#x", st)
	}
	eventually(t, "the child's end", func() bool { return gone(pid) })
	eventually(t, "the terminal's settings", func() bool { return o.settings() == before })
}

// pid waits for "NUMBER pid" on the screen.
func (o *outer) pid() string {
	o.t.Helper()
	number := regexp.MustCompile(`([0-9]+) pid\r\n`)
	o.until("a pid", func(out []byte) bool { return number.Match(out) })
	pid := number.FindStringSubmatch(o.text())[1]
	if gone(pid) {
		o.t.Fatalf("there is no process %s", pid)
	}
	o.wait(" pid\r\n")
	return pid
}

// Killed without a word, the tool leaves no child, not even a stubborn one, and a terminal that is usable.
func TestAfterSIGKILLOfTheTool(t *testing.T) {
	for _, script := range []string{
		`printf '\033[?25l\033[>5u\033[?1049h'; echo $$ pid; exec sleep 1000`,
		`trap '' HUP TERM; printf '\033[?25l\033[>5u\033[?1049h'; echo $$ pid; while :; do sleep 1; done`,
		`printf '\033[?25l\033[>5u\033[?1049h'; echo $$ pid; kill -STOP $$; exec sleep 1000`,
	} {
		o, before := session(t, script)
		pid := o.pid()
		o.typ("x") // its echo is read after what was printed before has been taken in
		o.wait("x")
		_ = o.cmd.Process.Kill()
		o.end()
		o.wait("\x1b[?1049l")
		o.wait("\x1b[<1u")
		o.wait("\x1b[?25h")
		eventually(t, "the terminal's settings", func() bool { return o.settings() == before })
		eventually(t, "the child's end", func() bool { return gone(pid) })
	}
}

// A terminal that vanishes ends the child with SIGHUP, and one that does not heed it meets the end of its input.
func TestATerminalThatVanishes(t *testing.T) {
	dir := t.TempDir()
	for i, script := range []string{
		"trap 'echo hup >%s; exit 0' HUP; echo ready; while :; do sleep 0.05; done",
		"trap '' HUP; echo ready; cat >/dev/null; echo eof >%s",
	} {
		mark := filepath.Join(dir, fmt.Sprint(i))
		o, _ := session(t, fmt.Sprintf(script, mark))
		o.wait("ready")
		o.slave.Close()
		o.master.Close()
		o.end()
		eventually(t, "the child's last word", func() bool { p, _ := os.ReadFile(mark); return len(p) > 0 })
	}
}

// A process that the child has left behind with the terminal open does not keep us, and is not hung up.
func TestWhatASessionLeavesBehind(t *testing.T) {
	mark := filepath.Join(t.TempDir(), "mark")
	o, before := session(t, `(trap 'echo alive >`+mark+`' USR1; while :; do sleep 0.05; done) & echo $! pid; exit 3`)
	number := regexp.MustCompile(`([0-9]+) pid`)
	o.ends(before, 3, 0)
	pid := number.FindStringSubmatch(o.text())[1]
	defer exec.Command("kill", "-9", pid).Run()
	// A SIGHUP would have been sent by now, and would come before this.
	if err := exec.Command("kill", "-USR1", pid).Run(); err != nil {
		t.Fatal(err)
	}
	eventually(t, "a sign of life", func() bool { p, _ := os.ReadFile(mark); return len(p) > 0 })
}

func TestManySessionsLeaveNoProcess(t *testing.T) {
	for range 20 {
		o, before := session(t, "echo $PPID pid; read x")
		keeper := o.pid()
		o.typ("\n")
		o.ends(before, 0, 0)
		if !gone(keeper) {
			t.Error("the keeper is still there")
		}
	}
}
