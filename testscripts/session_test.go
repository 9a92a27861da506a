package testscripts

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/creack/pty"

	"github.com/claude-auth/claude-auth/internal/test/harness"
	"github.com/claude-auth/claude-auth/internal/test/tools"
	"github.com/claude-auth/claude-auth/shell"
)

// TestScreenTools fails where the scripts with `screen` were all skipped and CI must not be so.
func TestScreenTools(t *testing.T) { tools.Need(t, append(shell.Names(), "tmux")...) }

// Every byte of the client's reaches the terminal, in order, and no other does: recordings of real sessions, those that
// quote a failure and those that have one without a transcript to confirm it, and random bytes.
func TestWatchedOutputIsUnchanged(t *testing.T) {
	t.Parallel()
	recordings, err := filepath.Glob("../internal/detect/testdata/captures/*.raw")
	if err != nil || len(recordings) == 0 {
		t.Fatalf("no recordings: %v", err)
	}
	for _, path := range recordings {
		t.Run(filepath.Base(path), func(t *testing.T) {
			t.Parallel()
			replay(t, path)
		})
	}
	t.Run("random", func(t *testing.T) {
		t.Parallel()
		size := int64(100 << 20)
		if testing.Short() {
			size = 8 << 20
		}
		path, _ := randomFile(t, size)
		replay(t, path)
	})
}

// afterwards is how long a replayed client stays when all is written: longer than a panel waits for quiet and for the
// transcript.
const afterwards = 5 * time.Second

func replay(t *testing.T, path string) {
	path, err := filepath.Abs(path)
	if err != nil {
		t.Fatal(err)
	}
	want := sha256.New()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	size, err := io.Copy(want, f)
	if err != nil {
		t.Fatal(err)
	}
	s := startWatched(t, "stty raw; cat "+path+"; exec sleep "+strconv.Itoa(int(afterwards/time.Second)))
	s.wait()
	if got := s.read.Load(); got.size != size || got.sum != hex.EncodeToString(want.Sum(nil)) {
		t.Errorf("%d bytes have come, want %d bytes, the very same", got.size, size)
	}
}

// Every key reaches the client, whatever it is.
func TestWatchedKeysReachTheClient(t *testing.T) {
	t.Parallel()
	size := int64(1 << 20)
	path, sum := randomFile(t, size)
	s := startWatched(t, "stty raw -echo; printf ready; head -c "+strconv.FormatInt(size, 10)+" | sha256sum")
	s.expect("ready")
	keys, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.master.Write(keys); err != nil {
		t.Fatal(err)
	}
	s.expect(sum)
	s.wait()
}

func randomFile(t *testing.T, size int64) (path, sum string) {
	path = filepath.Join(t.TempDir(), "random")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	h := sha256.New()
	_, err = io.Copy(io.MultiWriter(f, h), io.LimitReader(rand.NewChaCha8([32]byte{5}), size))
	if err := errors.Join(err, f.Close()); err != nil {
		t.Fatal(err)
	}
	return path, hex.EncodeToString(h.Sum(nil))
}

// watched is `claude-auth run` with a client of our own, on a terminal of its own that is only read and hashed.
type watched struct {
	t       *testing.T
	command *exec.Cmd
	master  *os.File
	read    latest
	ended   chan struct{}
}

// startWatched runs a shell script as the client. The saved login is one that could be repaired.
func startWatched(t *testing.T, script string) *watched {
	t.Helper()
	dir := t.TempDir()
	home := filepath.Join(dir, "home")
	client := filepath.Join(dir, "client")
	document, err := harness.Document("dead", nil, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	for _, err := range []error{
		os.MkdirAll(filepath.Join(home, ".claude"), 0o700),
		os.WriteFile(filepath.Join(home, ".claude", ".credentials.json"), document, 0o600),
		os.WriteFile(client, []byte("#!/bin/sh\n"+script+"\n"), 0o700),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	command := exec.Command(filepath.Join(binaries, "claude-auth"), "run", "--client", client)
	command.Dir = home
	command.Env = []string{"HOME=" + home, "PATH=" + os.Getenv("PATH"), "TERM=xterm-256color", "GORACE=atexit_sleep_ms=0",
		envArgv + "=" + filepath.Join(dir, "argv")}
	master, err := pty.StartWithSize(command, &pty.Winsize{Cols: 100, Rows: 30})
	if err != nil {
		t.Fatal(err)
	}
	s := &watched{t: t, command: command, master: master, ended: make(chan struct{})}
	go s.drain() // ends with the terminal
	t.Cleanup(func() {
		_ = command.Process.Kill() // it has ended, unless the test has failed
		_ = master.Close()
	})
	return s
}

func (s *watched) drain() {
	defer close(s.ended) // the last
	sum := sha256.New()
	defer func() { s.read.end(hex.EncodeToString(sum.Sum(nil))) }()
	buffer := make([]byte, 64<<10)
	for {
		n, err := s.master.Read(buffer)
		_, _ = sum.Write(buffer[:n]) // never fails
		s.read.add(buffer[:n])
		if err != nil { // EIO, when the last process has closed it
			return
		}
	}
}

func (s *watched) expect(text string) {
	s.t.Helper()
	for begun := time.Now(); !strings.Contains(s.read.Load().head, text); time.Sleep(20 * time.Millisecond) {
		if time.Since(begun) > harness.Patience {
			s.t.Fatalf("%q has not come; there was %q", text, s.read.Load().head)
		}
	}
}

func (s *watched) wait() {
	s.t.Helper()
	done := make(chan error, 1)
	go func() { done <- s.command.Wait() }() // ends with the program, which the cleanup kills at the latest
	select {
	case err := <-done:
		if err != nil {
			s.t.Fatal(err)
		}
	case <-time.After(2 * harness.Patience):
		_ = s.command.Process.Signal(syscall.SIGQUIT)
		s.t.Fatal("the session does not end")
	}
	<-s.ended
}

// latest is what has been read so far.
type latest struct {
	mu sync.Mutex
	received
}

type received struct {
	size int64
	sum  string // of all, once it has ended
	head string // the first bytes
}

func (l *latest) end(sum string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.sum = sum
}

func (l *latest) add(p []byte) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.size += int64(len(p))
	if len(l.head) < 4096 {
		l.head += string(p)
	}
}

// Load returns it.
func (l *latest) Load() received {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.received
}
