package session

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/claude-auth/claude-auth/internal/fdio"
	"github.com/claude-auth/claude-auth/internal/test/emulator"
)

// renewal is a session whose child holds a lock. At release the child prints more than a terminal holds, stores, and
// gives the lock back. Every signal and every error on its terminal ends it.
type renewal struct {
	terminal
	t             *testing.T
	before        unix.Termios
	stored        string
	child, keeper string // pids of the child and the supervisor
	release       func()
}

func startRenewal(t *testing.T, env ...string) renewal {
	t.Helper()
	dir := t.TempDir()
	gate, release := emulator.FIFO(t)
	r := renewal{t: t, stored: filepath.Join(dir, "stored"), release: release}
	script := `stty -echo; exec 3<>` + gate + `; mkdir ` + dir + `/lock; echo $PPID pid; echo $$ pid; ` +
		`printf '\033[?25l'; echo busy; read x <&3; ` +
		`head -c 200000 /dev/zero | tr '\0' . && : >` + r.stored + ` && rmdir ` + dir + `/lock; echo free; exec sleep 1000`
	r.terminal, r.before = session(t, script, append(env, "TEST_BUSY="+dir+"/lock")...)
	r.keeper, r.child = r.pid(), r.pid()
	r.WaitFor("busy")
	return r
}

func (r renewal) hasStored() bool { _, err := os.Stat(r.stored); return err == nil }

// outlived checks that the child stores after the tool's end, and is ended then.
func (r renewal) outlived() {
	r.t.Helper()
	if r.hasStored() || emulator.Gone(r.child) {
		r.t.Fatalf("stored: %v; the child's end: %v; want neither yet", r.hasStored(), emulator.Gone(r.child))
	}
	r.release()
	emulator.Eventually(r.t, "what the child stores", r.hasStored)
	emulator.Eventually(r.t, "the child's end", func() bool { return emulator.Gone(r.child) })
	emulator.Eventually(r.t, "the supervisor's end", func() bool { return emulator.Gone(r.keeper) })
}

// A signal ends the tool at once, and the child when it has stored. The terminal is the shell's in between.
func TestASignalWhileTheChildIsBusy(t *testing.T) {
	for _, sig := range []syscall.Signal{unix.SIGTERM, unix.SIGHUP, unix.SIGINT, unix.SIGQUIT, unix.SIGKILL} {
		t.Run(sig.String(), func(t *testing.T) {
			r := startRenewal(t)
			if err := r.Cmd.Process.Signal(sig); err != nil {
				t.Fatal(err)
			}
			if sig == unix.SIGKILL { // the modes after it: TestAfterSIGKILLOfTheTool
				r.End()
				emulator.Eventually(t, "the terminal's settings", func() bool { return r.Settings() == r.before })
			} else {
				r.ends(r.before, 0, sig)
				r.Until("the cursor", func(out []byte) bool { return bytes.Contains(out, []byte("\x1b[?25h")) })
			}
			emulator.Eventually(t, "the supervisor to close the terminal", func() bool { return !r.open() })
			r.outlived()
			if n := strings.Count(r.All(), "\x1b[?25h"); n != 1 && sig != unix.SIGKILL {
				t.Errorf("the modes were reset %d times", n) // a shell has the terminal, the second time
			}
		})
	}
}

// open reports whether the supervisor has the real terminal open.
func (r renewal) open() bool {
	descriptors, _ := filepath.Glob("/proc/" + r.keeper + "/fd/*")
	for _, fd := range descriptors {
		if to, _ := os.Readlink(fd); to == r.Slave.Name() {
			return true
		}
	}
	return false
}

func TestATerminalThatVanishesWhileTheChildIsBusy(t *testing.T) {
	r := startRenewal(t)
	r.Slave.Close()
	r.Master.Close()
	if st := r.End(); st.Signal() != unix.SIGHUP {
		t.Errorf("ended with %#x, want SIGHUP", st)
	}
	r.outlived()
}

func TestAStoppedChildThatIsBusyIsContinued(t *testing.T) {
	r := startRenewal(t)
	pid := 0
	for _, digit := range r.child {
		pid = 10*pid + int(digit-'0')
	}
	if err := unix.Kill(pid, unix.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	if err := r.Cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	r.End()
	r.outlived()
}

// A lock that is never given back keeps the child until the limit, and a shell's terminal not at all.
func TestAChildThatIsBusyTooLong(t *testing.T) {
	r := startRenewal(t, "TEST_BUSY_LIMIT=100ms")
	if err := r.Cmd.Process.Signal(unix.SIGTERM); err != nil {
		t.Fatal(err)
	}
	r.ends(r.before, 0, unix.SIGTERM)
	emulator.Eventually(t, "the child's end", func() bool { return emulator.Gone(r.child) })
	if r.hasStored() {
		t.Error("the child has stored without a release")
	}
}

// A lock whose holder is gone keeps nothing: the child gets the signal, and its status is ours.
func TestASignalBesideAStaleLock(t *testing.T) {
	lock := filepath.Join(t.TempDir(), "lock")
	if err := os.Mkdir(lock, 0o700); err != nil {
		t.Fatal(err)
	}
	old := time.Now().Add(-2 * time.Hour)
	if err := os.Chtimes(lock, old, old); err != nil {
		t.Fatal(err)
	}
	o, before := session(t, "trap 'exit 7' TERM; echo ready; while :; do sleep 0.05; done", "TEST_BUSY="+lock)
	o.WaitFor("ready")
	if err := o.Cmd.Process.Signal(unix.SIGTERM); err != nil {
		t.Fatal(err)
	}
	o.ends(before, 7, 0)
}

// Ctrl-C waits until the child has stored, and ends it then; at the latest at the limit.
func TestKeysWaitWhileTheChildIsBusy(t *testing.T) {
	r := startRenewal(t)
	r.Type("\x03")
	emulator.Eventually(t, "the key to be read", func() bool { return !fdio.Readable(int(r.Slave.Fd()), 0) })
	r.release()
	r.ends(r.before, 0, unix.SIGINT)
	if !r.hasStored() {
		t.Error("the child was ended before it had stored")
	}
	r = startRenewal(t, "TEST_BUSY_LIMIT=100ms")
	r.Type("\x03")
	r.ends(r.before, 0, unix.SIGINT)
}

// Characters pass while the child is busy; from the first key on that could end it everything waits, in order.
func TestTheOrderOfKeysWhileTheChildIsBusy(t *testing.T) {
	lock := filepath.Join(t.TempDir(), "lock")
	gate, release := emulator.FIFO(t)
	o, before := session(t, `mkdir `+lock+`; stty raw -echo; echo busy; head -c 2 | od -An -c; read x <`+gate+`; rmdir `+
		lock+`; head -c 4 | od -An -c`, "TEST_BUSY="+lock)
	o.WaitFor("busy")
	o.Type("ab\rc")
	o.WaitFor("a   b")
	o.Type("\x04d")
	release()
	o.WaitFor(`\r   c 004   d`)
	o.ends(before, 0, 0)
}

func TestTheFirstKeyThatCouldEndAClient(t *testing.T) {
	for text, first := range map[string]int{
		"": 0, "hello": 5, "\x7f": 1, "\x1b[A\x1b[B": 6, "\x1b[I\x1b[?62c": 9, "\x1b[200~x\x1b[201~": 13, "ü": 2,
		"/exit\r": 5, "\x03": 0, "a\x04": 1, "\x1a": 0, "\x1b": 0, "x\x1b": 1, "\x1b[99;5u": 0, "\x1b[A\x1b[13u": 3,
		"\x1b[27;5;100~": 0, "\x1b[99;5:3u": 9,
	} {
		if got := firstEnding([]byte(text)); got != first {
			t.Errorf("%q: %d, want %d", text, got, first)
		}
	}
}
