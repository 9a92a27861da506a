package session

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

	"github.com/claude-auth/claude-auth/internal/test/emulator"
)

// terminal is a terminal with a session on it.
type terminal struct {
	*emulator.Terminal
	t *testing.T
}

// ends checks that the program ends with the code or by the signal, and that the terminal is as it was.
func (o terminal) ends(before unix.Termios, code int, sig syscall.Signal) {
	o.t.Helper()
	st := o.End()
	if sig != 0 && st.Signal() != sig || sig == 0 && st.ExitStatus() != code {
		o.t.Errorf("ended with %#x, want code %d or %v", st, code, sig)
	}
	if now := o.Settings(); now != before {
		o.t.Errorf("terminal afterwards %+v, before %+v", now, before)
	}
}

// session starts a shell script in a session on a terminal.
func session(t *testing.T, script string, env ...string) (terminal, unix.Termios) {
	t.Helper()
	cmd := emulator.Tool(t, "session", emulator.Shell(script)...)
	cmd.Env = append(cmd.Env, env...)
	o := terminal{emulator.Start(t, cmd), t}
	// A fresh pty has the kernel's default settings, and no process has changed this one's slave before the tool.
	fresh := emulator.Start(t, exec.Command("/bin/true"))
	return o, fresh.Settings()
}

func TestASessionEndsAsItsChild(t *testing.T) {
	for _, code := range []int{0, 1, 130} {
		o, before := session(t, fmt.Sprintf("exit %d", code))
		o.ends(before, code, 0)
	}
	for _, sig := range []syscall.Signal{
		unix.SIGHUP, unix.SIGINT, unix.SIGQUIT, unix.SIGKILL, unix.SIGTERM, unix.SIGSEGV,
	} {
		o, before := session(t, fmt.Sprintf("stty raw -echo; kill -%d $$", int(sig)))
		o.ends(before, 0, sig)
	}
	o := emulator.Start(t, emulator.Tool(t, "session", filepath.Join(t.TempDir(), "missing")))
	o.WaitFor("no such file or directory")
	if st := o.End(); st.ExitStatus() != 99 {
		t.Errorf("%#x", st)
	}
}

// The child has a terminal like ours: the same settings and size, a session and a foreground group of its own,
// /dev/tty.
func TestTheChildsTerminal(t *testing.T) {
	o, before := session(t, `stty -a | head -1; stty -g; test -t 0 && test -t 1 && test -t 2 && echo three; `+
		`echo hi >/dev/tty; `+
		`ps -o pgid=,tpgid= -p $$ | awk '{print ($1==$2) ? "foreground" : "background"}'; ls /proc/self/fd | tr '\n' ' '`)
	o.Until("the end", func(out []byte) bool { return bytes.Contains(out, []byte("foreground")) })
	for _, want := range []string{"rows 30; columns 100", "three\r\nhi\r\nforeground\r\n"} {
		if !strings.Contains(o.Text(), want) {
			t.Errorf("no %q in %q", want, o.Text())
		}
	}
	o.ends(before, 0, 0)
	alone := emulator.Start(t, exec.Command("/bin/sh", "-c", `stty -g; ls /proc/self/fd | tr '\n' ' '`))
	alone.End()
	alone.Until("descriptors", func(out []byte) bool { return bytes.Contains(out, []byte(" 2 ")) })
	for _, want := range strings.Split(alone.Text(), "\r\n") {
		if !strings.Contains(o.Text(), want) {
			t.Errorf("no %q in %q", want, o.Text())
		}
	}
}

// Descriptors that we were given beyond the first three are the child's: a shell's <(…) is one.
func TestInheritedDescriptorsReachTheChild(t *testing.T) {
	exe, _ := os.Executable()
	cmd := exec.Command("/bin/bash", "--norc", "--noprofile", "-c",
		`TEST_TOOL=session "$0" /bin/sh -c 'cat <&3; cat "$0"' <(echo sixty) 3< <(echo three)`, exe)
	o := emulator.Start(t, cmd)
	o.End()
	o.Until("both", func(out []byte) bool { return bytes.Contains(out, []byte("three\r\nsixty\r\n")) })
}

func TestStandardErrorAndInputThatAreNoTerminal(t *testing.T) {
	dir := t.TempDir()
	exe, _ := os.Executable()
	o := emulator.Start(t, exec.Command("/bin/sh", "-c", `echo piped | TEST_TOOL=session "$0" /bin/sh -c `+
		`'echo err >&2; read x; echo "in $x"; read y </dev/tty; echo "tty $y"' 2>`+dir+`/err`, exe))
	o.WaitFor("in piped")
	o.Type("typed\n")
	o.WaitFor("tty typed")
	o.End()
	if got, _ := os.ReadFile(dir + "/err"); string(got) != "err\n" {
		t.Errorf("standard error: %q", got)
	}
}

// Every byte arrives in order, both ways.
func TestEveryByteOfASession(t *testing.T) {
	size := 100 << 20
	if testing.Short() || emulator.RaceEnabled {
		size = 8 << 20
	}
	path, want := emulator.Noise(t, size)
	o, _ := session(t, "stty raw; cat "+path+"; echo; sleep 0; echo END")
	o.Until("the end", func(out []byte) bool { return bytes.HasSuffix(out, []byte("END\n")) })
	got := []byte(o.Text())
	if got = got[:len(got)-5]; sha256.Sum256(got) != sha256.Sum256(want) {
		t.Errorf("%d bytes differ from the %d", len(got), len(want))
	}
	_, want = emulator.Noise(t, 1<<20)
	sum := fmt.Sprintf("%x", sha256.Sum256(want))
	o, _ = session(t, fmt.Sprintf("stty raw -echo; echo ready; head -c %d | sha256sum", len(want)))
	o.WaitFor("ready")
	o.Type(string(want))
	o.WaitFor(sum)
}

func TestKeysOfAnOrdinaryTerminal(t *testing.T) {
	o, before := session(t, "echo ready; exec sleep 1000")
	o.WaitFor("ready")
	o.Type("\x03")
	o.ends(before, 0, unix.SIGINT)
	o, before = session(t, "ulimit -c 0; echo ready; exec sleep 1000")
	o.WaitFor("ready")
	o.Type("\x1c")
	o.ends(before, 0, unix.SIGQUIT)
	o, before = session(t, "echo ready; cat; echo over")
	o.WaitFor("ready")
	o.Type("line\n\x04")
	o.WaitFor("line\r\nline\r\nover")
	o.ends(before, 0, 0)
	o, before = session(t, "trap 'echo caught' INT; stty raw -echo; echo ready; head -c 1 | od -An -c")
	o.WaitFor("ready")
	o.Type("\x03")
	o.WaitFor("003")
	o.ends(before, 0, 0)
}

func TestResizing(t *testing.T) {
	// Not `read`: it would hold up a signal that comes just before it.
	o, before := session(t, "trap 'stty size' WINCH; trap 'exit 0' INT; echo ready; while :; do sleep 0.02; done")
	o.WaitFor("ready")
	o.Resize(60, 20)
	o.WaitFor("20 60")
	o.Resize(38, 50)
	o.WaitFor("50 38")
	o.Type("\x03")
	o.ends(before, 0, 0)
}

func TestSignalsReachASessionsChild(t *testing.T) {
	for _, sig := range []syscall.Signal{unix.SIGTERM, unix.SIGHUP, unix.SIGINT, unix.SIGUSR1} {
		o, before := session(t, "echo ready; exec sleep 1000")
		o.WaitFor("ready")
		if err := o.Cmd.Process.Signal(sig); err != nil {
			t.Fatal(err)
		}
		o.ends(before, 0, sig)
	}
}

// What a killed child has left switched on is switched off; what a child that exits leaves on is its business.
func TestAKilledChildsModes(t *testing.T) {
	on := `printf '\033[?25l\033[?1004h\033[>5u\033[>4;2m'; echo ready; read x; `
	o, before := session(t, on+"kill -9 $$")
	o.WaitFor("ready")
	o.Type("\n")
	o.ends(before, 0, unix.SIGKILL)
	for _, want := range []string{"\x1b[?25h", "\x1b[?1004l", "\x1b[<1u", "\x1b[>4m"} {
		o.Until(want, func(out []byte) bool { return bytes.Contains(out, []byte(want)) })
	}
	o, before = session(t, on+"exit 0")
	o.WaitFor("ready")
	o.Type("\n")
	o.ends(before, 0, 0)
	if strings.Contains(o.Text(), "\x1b[") {
		t.Errorf("%q was written", o.Text())
	}
}

// A panic anywhere in a tap leaves the terminal as it was, and ends the child.
func TestAPanic(t *testing.T) {
	o, before := session(t, "echo $$ pid; read x; echo panic now; exec sleep 1000", "TEST_PANIC=1")
	pid := o.pid()
	o.Type("\n")
	o.WaitFor("as asked")
	if st := o.End(); st.ExitStatus() != 2 {
		t.Errorf("%#x", st)
	}
	emulator.Eventually(t, "the child's end", func() bool { return emulator.Gone(pid) })
	emulator.Eventually(t, "the terminal's settings", func() bool { return o.Settings() == before })
}

// pid waits for "NUMBER pid" on the screen.
func (o terminal) pid() string {
	o.t.Helper()
	number := regexp.MustCompile(`([0-9]+) pid\r\n`)
	o.Until("a pid", func(out []byte) bool { return number.Match(out) })
	pid := number.FindStringSubmatch(o.Text())[1]
	if emulator.Gone(pid) {
		o.t.Fatalf("there is no process %s", pid)
	}
	o.WaitFor(" pid\r\n")
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
		o.Type("x") // its echo is read after what was printed before has been taken in
		o.WaitFor("x")
		_ = o.Cmd.Process.Kill()
		o.End()
		o.WaitFor("\x1b[?1049l")
		o.WaitFor("\x1b[<1u")
		o.WaitFor("\x1b[?25h")
		emulator.Eventually(t, "the terminal's settings", func() bool { return o.Settings() == before })
		emulator.Eventually(t, "the child's end", func() bool { return emulator.Gone(pid) })
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
		o.WaitFor("ready")
		o.Slave.Close()
		o.Master.Close()
		o.End()
		emulator.Eventually(t, "the child's last word", func() bool { p, _ := os.ReadFile(mark); return len(p) > 0 })
	}
}

// A process that the child has left behind with the terminal open does not keep us, and is not hung up.
func TestWhatASessionLeavesBehind(t *testing.T) {
	mark := filepath.Join(t.TempDir(), "mark")
	o, before := session(t, `(trap 'echo alive >`+mark+`' USR1; while :; do sleep 0.05; done) & echo $! pid; exit 3`)
	number := regexp.MustCompile(`([0-9]+) pid`)
	o.ends(before, 3, 0)
	pid := number.FindStringSubmatch(o.Text())[1]
	defer exec.Command("kill", "-9", pid).Run()
	// A SIGHUP would have been sent by now, and would come before this.
	if err := exec.Command("kill", "-USR1", pid).Run(); err != nil {
		t.Fatal(err)
	}
	emulator.Eventually(t, "a sign of life", func() bool { p, _ := os.ReadFile(mark); return len(p) > 0 })
}

func TestManySessionsLeaveNoProcess(t *testing.T) {
	for range 20 {
		o, before := session(t, "echo $PPID pid; read x")
		supervisor := o.pid()
		o.Type("\n")
		o.ends(before, 0, 0)
		if !emulator.Gone(supervisor) {
			t.Error("the supervisor is still there")
		}
	}
}
