package runner

import (
	"bytes"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/claude-auth/claude-auth/internal/fdio"
	"github.com/claude-auth/claude-auth/internal/test/emulator"
)

// A repeat gets the whole input again, whatever it is: a pipe, a file from where it stood, a socket, nothing.
func TestARepeatGetsTheSameInput(t *testing.T) {
	for _, size := range []int{0, 1, 1 << 10, pieceSize, spoolInMemory, spoolInMemory + 1, 5 << 20} {
		path, want := emulator.Noise(t, size)
		cmd := emulator.Tool(t, "pipe-twice", "/bin/cat")
		cmd.Stdin = bytes.NewReader(want) // exec makes a pipe of it
		if got, _ := outputOf(t, cmd); !bytes.Equal(got, want) {
			t.Errorf("pipe: %d bytes of %d", len(got), size)
		}
		f, err := os.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		skip := min(3, size)
		if _, err := f.Seek(int64(skip), 0); err != nil {
			t.Fatal(err)
		}
		cmd = emulator.Tool(t, "pipe-twice", "/bin/cat")
		cmd.Stdin = f
		if got, _ := outputOf(t, cmd); !bytes.Equal(got, want[skip:]) {
			t.Errorf("file: %d bytes of %d", len(got), size-skip)
		}
		cmd = emulator.Tool(t, "pipe-twice", "/bin/cat")
		cmd.Stdin = socketOf(t, want)
		if got, _ := outputOf(t, cmd); !bytes.Equal(got, want) {
			t.Errorf("socket: %d bytes of %d", len(got), size)
		}
	}
	if got, _ := outputOf(t, emulator.Tool(t, "pipe-twice", "/bin/cat")); len(got) != 0 { // the null device
		t.Errorf("%q out of nothing", got)
	}
}

// socketOf is one end of a pair of sockets that p comes out of.
func socketOf(t *testing.T, p []byte) *os.File {
	t.Helper()
	pair, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM, 0)
	if err != nil {
		t.Fatal(err)
	}
	unix.CloseOnExec(pair[0]) // or the child would hold the end that it waits for
	unix.CloseOnExec(pair[1])
	go func() { // ends when all is written, or no process is there to read it
		_ = fdio.Write(pair[0], p, nil)
		unix.Close(pair[0])
	}()
	f := os.NewFile(uintptr(pair[1]), "socket")
	t.Cleanup(func() { f.Close() })
	return f
}

// A first run that reads a part of its input and a second that reads all: kept first, then the rest of what is live.
func TestARepeatReadsOnWhereTheKeptEnds(t *testing.T) {
	dir := t.TempDir()
	script := `if test -e ` + dir + `/again; then cat; else touch ` + dir + `/again; head -c 5000 >/dev/null; fi`
	_, want := emulator.Noise(t, 300<<10)
	cmd := emulator.Tool(t, "pipe-twice", emulator.Shell(script)...)
	cmd.Stdin = bytes.NewReader(want)
	if got, _ := outputOf(t, cmd); !bytes.Equal(got, want) {
		t.Errorf("%d bytes of %d", len(got), len(want))
	}
}

// What the child does not read is left to the next reader, byte for byte, as without us.
func TestNothingIsReadThatTheChildDoesNotRead(t *testing.T) {
	exe, _ := os.Executable()
	numbers := strings.Repeat("0123456789abcdef", 8<<10)
	path := filepath.Join(t.TempDir(), "in")
	if err := os.WriteFile(path, []byte(numbers), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ name, producer, stdin string }{
		{"pipe", "cat " + path + " | ", ""},
		{"file", "", "<" + path},
	} {
		for _, takes := range []string{":", "head -c 1", "head -c 5000", "dd bs=100 count=1 2>/dev/null"} {
			for _, mode := range []string{"exec", "pipe", "pipe-hold"} {
				script := c.producer + `{ TEST_TOOL=` + mode + ` "$0" /bin/sh -c '` + takes + `' >/dev/null; cat; } ` + c.stdin
				rest, err := exec.Command("/bin/sh", "-c", script, exe).Output()
				if err != nil {
					t.Fatal(err)
				}
				alone, err := exec.Command("/bin/sh", "-c",
					c.producer+`{ /bin/sh -c '`+takes+`' >/dev/null; cat; } `+c.stdin).Output()
				if err != nil {
					t.Fatal(err)
				}
				if !bytes.Equal(rest, alone) {
					t.Errorf("%s, %s, %s: %d bytes are left, %d without us", c.name, mode, takes, len(rest), len(alone))
				}
			}
		}
	}
}

// Input that comes in pieces, and late, reaches the child as it comes.
func TestInputIsPassedOnAsItComes(t *testing.T) {
	cmd := emulator.Tool(t, "pipe", emulator.Shell(`read a; echo "got $a"; read b; echo "got $b"; cat`)...)
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
	for _, word := range []string{"one", "two"} {
		if _, err := io.WriteString(in, word+"\n"); err != nil {
			t.Fatal(err)
		}
		got := make([]byte, len("got "+word+"\n"))
		if _, err := io.ReadFull(out, got); err != nil || string(got) != "got "+word+"\n" {
			t.Fatalf("%q, %v", got, err)
		}
	}
	in.Close()
	if rest, _ := io.ReadAll(out); len(rest) != 0 {
		t.Errorf("%q", rest)
	}
	if err := cmd.Wait(); err != nil {
		t.Error(err)
	}
}

// A child that ends, or closes its input, while the producer never does, ends us.
func TestAProducerThatNeverEnds(t *testing.T) {
	for _, script := range []string{"head -c 1 >/dev/null; exit 6", "exec 0<&-; sleep 0.1; exit 6", "exit 6"} {
		r, w, err := os.Pipe()
		if err != nil {
			t.Fatal(err)
		}
		cmd := emulator.Tool(t, "pipe", emulator.Shell(script)...)
		cmd.Stdin = r
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		r.Close()
		_, _ = io.WriteString(w, "x")
		_ = cmd.Wait()
		w.Close()
		if cmd.ProcessState.ExitCode() != 6 {
			t.Errorf("%s: %v", script, cmd.ProcessState)
		}
	}
}

// Input that there is no room for, or too much of, goes to the client all the same, once. Nothing of it is kept then.
func TestInputThatCannotBeKeptCannotBeRepeated(t *testing.T) {
	_, want := emulator.Noise(t, spoolInMemory+1)
	for _, test := range []struct {
		dir  string
		most int64
		why  string
	}{
		{filepath.Join(t.TempDir(), "missing"), spoolMost, "no such file or directory"},
		{t.TempDir(), spoolInMemory, errTooLarge.Error()},
		{t.TempDir(), 100, errTooLarge.Error()},
	} {
		r, w, err := os.Pipe()
		if err != nil {
			t.Fatal(err)
		}
		defer r.Close()
		go func() { _, _ = w.Write(want); w.Close() }() // ends when the child has read it
		s := newStdin(int(r.Fd()), test.dir, test.most)
		defer s.Close()
		out, hold := tempFile(t), &holdAll{}
		res, err := Pipe{Command: Command{Path: "/bin/cat"}, Stdin: s, Filter: hold}.run(int(out.Fd()))
		if err != nil || !res.Success() || !bytes.Equal(hold.held, want) {
			t.Fatalf("%v %v, and the child has had %d bytes of %d", res, err, len(hold.held), len(want))
		}
		if lost := s.Lost(); s.CanReplay() || lost == nil || !strings.Contains(lost.Error(), test.why) {
			t.Errorf("can be repeated: %v; lost: %v, want %q", s.CanReplay(), lost, test.why)
		}
		if s.kept.file != nil || s.kept.mem != nil {
			t.Error("a part is still kept")
		}
		if _, err := (Pipe{Command: Command{Path: "/bin/cat"}, Stdin: s}).run(int(out.Fd())); err == nil {
			t.Error("was repeated")
		}
	}
}

// The first byte that is let go ends the keeping: what has gone out is never repeated.
func TestWhatHasGoneOutEndsTheKeeping(t *testing.T) {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	_, _ = w.WriteString("words")
	w.Close()
	s := newStdin(int(r.Fd()), t.TempDir(), spoolMost)
	defer s.Close()
	out := tempFile(t)
	if res, err := (Pipe{Command: Command{Path: "/bin/cat"}, Stdin: s}).run(int(out.Fd())); err != nil {
		t.Fatalf("%+v %v", res, err)
	}
	if got, err := os.ReadFile(out.Name()); string(got) != "words" || err != nil {
		t.Fatalf("%q went out, %v", got, err)
	}
	if s.CanReplay() {
		t.Error("says that it can be repeated")
	}
}

func TestTheKeptInputHasNoName(t *testing.T) {
	dir := t.TempDir()
	k := &spool{dir: dir, most: spoolMost}
	defer k.drop()
	p := bytes.Repeat([]byte("x"), spoolInMemory)
	for range 3 {
		if err := k.add(p); err != nil {
			t.Fatal(err)
		}
	}
	if k.file == nil || k.mem != nil {
		t.Fatal("is still in memory")
	}
	if names, err := os.ReadDir(dir); err != nil || len(names) != 0 {
		t.Errorf("%v, %v", names, err)
	}
	if st, err := k.file.Stat(); err != nil || st.Mode().Perm() != 0o600 || st.Size() != 3*spoolInMemory {
		t.Errorf("%v, %v", st, err)
	}
}

func tempFile(t *testing.T) *os.File {
	t.Helper()
	f, err := os.CreateTemp(t.TempDir(), "")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return f
}
