package runner

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/claude-auth/claude-auth/internal/test/emulator"
)

// output runs cmd and returns its standard output and how it ended.
func outputOf(t *testing.T, cmd *exec.Cmd) ([]byte, syscall.WaitStatus) {
	t.Helper()
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	err := cmd.Run()
	if _, ok := err.(*exec.ExitError); err != nil && !ok {
		t.Fatal(err)
	}
	if strings.Contains(errs.String(), "tool:") {
		t.Fatal(errs.String())
	}
	return out.Bytes(), cmd.ProcessState.Sys().(syscall.WaitStatus)
}

func TestEveryByteOfTheOutputPasses(t *testing.T) {
	for _, size := range []int{0, 1, 4096, 65536, 65537, 50 << 20} {
		path, want := emulator.Noise(t, size)
		for _, mode := range []string{"exec", "pipe", "pipe-hold"} {
			got, st := outputOf(t, emulator.Tool(t, mode, "/bin/cat", path))
			if !bytes.Equal(got, want) || st.ExitStatus() != 0 {
				t.Errorf("%s: %d bytes of %d, %v", mode, len(got), size, st)
			}
		}
	}
}

// A child's end is ours: its code, or its signal, and for a signal that dumps core no core of ours.
func TestTheStatusIsTheChilds(t *testing.T) {
	for _, mode := range []string{"exec", "pipe", "pipe-hold"} {
		for _, code := range []int{0, 1, 7, 127, 255} {
			_, st := outputOf(t, emulator.Tool(t, mode, emulator.Shell(fmt.Sprintf("exit %d", code))...))
			if !st.Exited() || st.ExitStatus() != code {
				t.Errorf("%s: exit %d became %#x", mode, code, st)
			}
		}
		for _, sig := range []syscall.Signal{
			unix.SIGHUP, unix.SIGINT, unix.SIGQUIT, unix.SIGABRT, unix.SIGSEGV, unix.SIGKILL, unix.SIGPIPE, unix.SIGTERM,
			unix.SIGUSR1,
		} {
			cmd := emulator.Tool(t, mode, emulator.Shell(fmt.Sprintf("kill -%d $$", int(sig)))...)
			// With core dumps on, where that is allowed.
			limit := []string{"sh", "-c", `ulimit -c unlimited 2>/dev/null; exec "$0" "$@"`}
			cmd.Path, cmd.Args = "/bin/sh", append(limit, cmd.Args...)
			cmd.Dir = t.TempDir()
			_, st := outputOf(t, cmd)
			if !st.Signaled() || st.Signal() != sig {
				t.Errorf("%s: %v became %#x", mode, sig, st)
			}
			if mode != "exec" && st.CoreDump() {
				t.Errorf("%s: %v dumped our core", mode, sig)
			}
		}
	}
}

func TestTheChildStaysInOurSessionAndGroup(t *testing.T) {
	got, _ := outputOf(t, emulator.Tool(t, "pipe", emulator.Shell("ps -o pgid=,sid= -p $$; ps -o pgid=,sid= -p $PPID")...))
	lines := strings.Split(strings.TrimSpace(string(got)), "\n")
	if len(lines) != 2 || strings.Join(strings.Fields(lines[0]), " ") != strings.Join(strings.Fields(lines[1]), " ") {
		t.Errorf("groups and sessions: %q", got)
	}
}

func TestArgumentsAndEnvironmentPassUnchanged(t *testing.T) {
	for _, mode := range []string{"exec", "pipe"} {
		cmd := emulator.Tool(t, mode, "/bin/sh", "-c", `printf '<%s>' "$0" "$@"; printf '%s' "$ODD"`,
			"a", "", "b c", "\xff\n")
		cmd.Env = append(cmd.Env, "ODD=x=y\n\xfe")
		got, _ := outputOf(t, cmd)
		if string(got) != "<a><><b c><\xff\n>x=y\n\xfe" {
			t.Errorf("%s: %q", mode, got)
		}
	}
}

// A reader that closes early is met by the child, and ends it as it would have alone.
func TestAReaderThatClosesEarly(t *testing.T) {
	for _, mode := range []string{"exec", "pipe"} {
		r, w, err := os.Pipe()
		if err != nil {
			t.Fatal(err)
		}
		cmd := emulator.Tool(t, mode, emulator.Shell("while :; do echo y; done")...)
		cmd.Stdout = w
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		w.Close()
		if _, err := io.ReadFull(r, make([]byte, 1)); err != nil {
			t.Fatal(err)
		}
		r.Close()
		_ = cmd.Wait()
		if st := cmd.ProcessState.Sys().(syscall.WaitStatus); st.Signal() != unix.SIGPIPE {
			t.Errorf("%s: %#x, want SIGPIPE", mode, st)
		}
	}
}

// The child meets a reader that has gone at its next write, not one write later.
func TestTheFirstWriteAfterTheReaderHasGoneFails(t *testing.T) {
	for _, mode := range []string{"exec", "pipe"} {
		r, w, err := os.Pipe()
		if err != nil {
			t.Fatal(err)
		}
		gate, release := emulator.FIFO(t)
		cmd := emulator.Tool(t, mode, emulator.Shell("echo one; read x <"+gate+"; sleep 0.1; echo two; exit 0")...)
		cmd.Stdout = w
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		w.Close()
		if _, err := io.ReadFull(r, make([]byte, 4)); err != nil {
			t.Fatal(err)
		}
		r.Close()
		release()
		_ = cmd.Wait()
		if st := cmd.ProcessState.Sys().(syscall.WaitStatus); st.Signal() != unix.SIGPIPE && st.ExitStatus() == 0 {
			t.Errorf("%s: %#x: the second write has gone nowhere and succeeded", mode, st)
		}
	}
}

func TestClosedDescriptors(t *testing.T) {
	exe, _ := os.Executable()
	for _, redirect := range []string{"<&-", ">&-", "2>&-", "<&- >&- 2>&-"} {
		for _, mode := range []string{"exec", "pipe"} {
			cmd := exec.Command("/bin/sh", "-c",
				`TEST_TOOL=`+mode+` "$0" /bin/sh -c 'echo out; echo err >&2; exit 5' `+redirect, exe)
			if err := cmd.Run(); cmd.ProcessState.ExitCode() != 5 {
				t.Errorf("%s %s: %v", mode, redirect, err)
			}
		}
	}
}

func TestAFullDisk(t *testing.T) {
	full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		t.Skip("no /dev/full")
	}
	defer full.Close()
	cmd := emulator.Tool(t, "pipe", emulator.Shell("while :; do echo y; done")...)
	cmd.Stdout = full
	var said bytes.Buffer
	cmd.Stderr = &said
	_ = cmd.Run() // it ends: the child has been told
	const want = "tool: cannot write the output of Claude Code: no space left on device\n"
	if said.String() != want || cmd.ProcessState.ExitCode() != 99 {
		t.Errorf("%v, and says %q", cmd.ProcessState, said.String())
	}
}

// What a process left behind writes still arrives where the reader waits for the end of the stream, and does not keep
// us where it does not.
func TestWhatTheChildLeavesBehind(t *testing.T) {
	got, _ := outputOf(t, emulator.Tool(t, "pipe", emulator.Shell("(sleep 0.3; echo late) & echo early")...))
	if string(got) != "early\nlate\n" {
		t.Errorf("into a pipe: %q", got)
	}
	f, err := os.Create(filepath.Join(t.TempDir(), "out"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	cmd := emulator.Tool(t, "pipe", emulator.Shell("sleep 1000 & echo $!")...)
	cmd.Stdout = f
	if err := cmd.Run(); err != nil {
		t.Fatal(err)
	}
	pid, _ := os.ReadFile(f.Name())
	defer exec.Command("kill", strings.TrimSpace(string(pid))).Run()
	if emulator.Gone(string(pid)) {
		t.Errorf("process %q is gone", pid)
	}
}

func TestSignalsReachTheChild(t *testing.T) {
	for _, sig := range []syscall.Signal{unix.SIGTERM, unix.SIGHUP, unix.SIGINT, unix.SIGQUIT, unix.SIGUSR1} {
		cmd := emulator.Tool(t, "pipe", emulator.Shell("echo ready; exec sleep 1000")...)
		cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true} // no terminal: nothing comes from a keyboard
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		if _, err := io.ReadFull(out, make([]byte, 6)); err != nil {
			t.Fatal(err)
		}
		if err := cmd.Process.Signal(sig); err != nil {
			t.Fatal(err)
		}
		_, _ = io.Copy(io.Discard, out)
		_ = cmd.Wait()
		if st := cmd.ProcessState.Sys().(syscall.WaitStatus); st.Signal() != sig {
			t.Errorf("%v: %#x", sig, st)
		}
	}
}

func TestNohupStaysNohup(t *testing.T) {
	got, _ := outputOf(t, func() *exec.Cmd {
		exe, _ := os.Executable()
		return exec.Command("/bin/sh", "-c", `trap '' HUP INT; TEST_TOOL=pipe "$0" /bin/sh -c `+
			`'kill -HUP $$; kill -INT $$; kill -HUP $PPID; kill -INT $PPID; echo alive'`, exe)
	}())
	if string(got) != "alive\n" {
		t.Errorf("%q", got)
	}
}

// When we are killed, so is the child: as it would have been in our place.
func TestTheChildDiesWithUs(t *testing.T) {
	cmd := emulator.Tool(t, "pipe", emulator.Shell("echo $$; trap '' PIPE HUP TERM; while :; do sleep 1000; done")...)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	pid := make([]byte, 16)
	n, err := out.Read(pid)
	if err != nil {
		t.Fatal(err)
	}
	_ = cmd.Process.Kill()
	_ = cmd.Wait()
	emulator.Eventually(t, "the child's end", func() bool { return emulator.Gone(string(pid[:n])) })
}

// A large stream passes in little memory.
func TestALargeStreamInLittleMemory(t *testing.T) {
	if testing.Short() {
		t.Skip("a gigabyte")
	}
	const size = 1 << 30
	cmd := emulator.Tool(t, "pipe", emulator.Shell(fmt.Sprintf("head -c %d /dev/zero; read x; exit 3", size))...)
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	n, err := io.CopyN(io.Discard, out, size)
	peak := peakMemory(t, cmd.Process.Pid) // not from rusage, which counts ours from before the exec
	in.Close()
	rest, _ := io.Copy(io.Discard, out)
	_ = cmd.Wait()
	if n != size || rest != 0 || err != nil || cmd.ProcessState.ExitCode() != 3 {
		t.Fatalf("%d bytes and %d, %v, %v", n, rest, err, cmd.ProcessState)
	}
	if peak > 20<<10 && !emulator.RaceEnabled {
		t.Errorf("%d KiB resident", peak)
	}
}

// peakMemory is the most that a process has had resident, in KiB.
func peakMemory(t *testing.T, pid int) (kib int) {
	t.Helper()
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		t.Skip("no /proc")
	}
	_, after, _ := strings.Cut(string(status), "VmHWM:")
	if _, err := fmt.Sscan(after, &kib); err != nil {
		t.Fatal(err)
	}
	return kib
}

// With a terminal on standard output the child has one there, too, without a session of its own.
func TestATerminalOnStandardOutput(t *testing.T) {
	o := emulator.Start(t, emulator.Tool(t, "pipe", emulator.Shell(`test -t 1 && echo tty; `+
		`stty size <&1; ps -o pgid=,sid= -p $$,$PPID | sort -u | wc -l; `+
		`trap 'stty size <&1' WINCH; printf 'a\nb\tc\n'; echo ready; read x; read x; exit 4`)...))
	o.WaitFor("tty\r\n30 100\r\n1\r\na\r\nb\tc\r\nready\r\n")
	o.Resize(60, 20)
	o.Type("\n")
	o.WaitFor("20 60\r\n")
	o.Type("\n")
	o.Type("\n")
	if st := o.End(); st.ExitStatus() != 4 {
		t.Errorf("%#x", st)
	}
	path, want := emulator.Noise(t, 3<<20)
	want = bytes.ReplaceAll(want, []byte("\n"), []byte("\r\n")) // by the real terminal, once
	o = emulator.Start(t, emulator.Tool(t, "pipe", "/bin/cat", path))
	o.End()
	o.Until("all of it", func(out []byte) bool { return len(out) >= len(want) })
	if got := o.Text(); sha256.Sum256([]byte(got)) != sha256.Sum256(want) {
		t.Errorf("%d bytes differ from %d", len(got), len(want))
	}
}

// Ctrl-C reaches the child from the kernel, once, and ends us as it ends the child.
func TestControlCInAPipeline(t *testing.T) {
	o := emulator.Start(t, emulator.Tool(t, "pipe", os.Args[0], "count"))
	o.WaitFor("ready")
	o.Type("\x03")
	o.WaitFor("int 1")
	o.Type("\x03")
	o.WaitFor("int 2")
	o.Type("\x1c") // the last signal: what is counted before it is all there is
	o.WaitFor("quit after 2")
	o = emulator.Start(t, emulator.Tool(t, "pipe", emulator.Shell("echo ready; exec sleep 1000")...))
	o.WaitFor("ready")
	o.Type("\x03")
	if st := o.End(); st.Signal() != unix.SIGINT {
		t.Errorf("%#x", st)
	}
}
