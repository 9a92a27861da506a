package lock

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// The test binary is also the other processes of these tests: LOCK_TEST_HELPER says what it is to do.
func TestMain(m *testing.M) {
	if role := os.Getenv("LOCK_TEST_HELPER"); role != "" {
		if err := help(role, os.Args[1:]); err != nil {
			fmt.Println("error:", err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

func help(role string, args []string) error {
	switch role {
	case "count":
		return helpCount(args[0], args[1], args[2])
	case "try":
		return helpTry(args[0])
	case "hold":
		return helpHold(args[0], func() { io.Copy(io.Discard, os.Stdin) })
	case "die":
		return helpHold(args[0], func() { syscall.Kill(os.Getpid(), syscall.SIGKILL); untilKilled() })
	}
	return errors.New("unknown role " + role)
}

// helpCount adds one to the number in a file, times over, in a way that loses numbers without the lock.
func helpCount(path, file, times string) error {
	n, err := strconv.Atoi(times)
	if err != nil {
		return err
	}
	for range n {
		l, err := tryTake(context.Background(), path, options{wait: time.Minute})
		if err != nil {
			return err
		}
		data, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		count, err := strconv.Atoi(string(data))
		if err != nil {
			return err
		}
		if err := os.WriteFile(file, []byte(strconv.Itoa(count+1)), 0o600); err != nil {
			return err
		}
		if err := errors.Join(l.check(), l.release()); err != nil {
			return err
		}
	}
	return nil
}

// helpTry tries once to take a lock when its standard input ends, and keeps it until it is killed.
func helpTry(path string) error {
	fmt.Println("ready")
	io.Copy(io.Discard, os.Stdin)
	_, err := tryTake(context.Background(), path, options{})
	var held *HeldError
	switch {
	case errors.As(err, &held):
		fmt.Println("held")
	case err != nil:
		return err
	default:
		fmt.Println("got")
	}
	return untilKilled()
}

func untilKilled() error {
	for {
		time.Sleep(time.Hour)
	}
}

func helpHold(dir string, wait func()) error {
	h, err := Client(dir).Acquire(context.Background(), 0)
	if err != nil {
		return err
	}
	fmt.Println("holding")
	wait()
	return errors.Join(h.Check(), h.Release())
}

// process is a helper that runs.
type process struct {
	t      *testing.T
	cmd    *exec.Cmd
	stdin  io.WriteCloser
	stdout *bufio.Reader
	end    func() error
}

func start(t *testing.T, role string, args ...string) *process {
	t.Helper()
	cmd := exec.Command(os.Args[0], args...)
	cmd.Env = append(os.Environ(), "LOCK_TEST_HELPER="+role)
	cmd.Stderr = os.Stderr
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	p := &process{t: t, cmd: cmd, stdin: stdin, stdout: bufio.NewReader(stdout), end: sync.OnceValue(cmd.Wait)}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = p.end()
	})
	return p
}

// line is the next line that the helper prints, or what its end says.
func (p *process) line() string {
	p.t.Helper()
	line, err := p.stdout.ReadString('\n')
	if err != nil {
		p.t.Fatalf("helper %v said %q and ended: %v", p.cmd.Args[1:], line, p.end())
	}
	return strings.TrimSpace(line)
}

func (p *process) want(line string) {
	p.t.Helper()
	if got := p.line(); got != line {
		p.t.Fatalf("helper %v says %q, want %q", p.cmd.Args[1:], got, line)
	}
}

// fakeClock stands still until it is moved.
type fakeClock struct {
	mu     sync.Mutex
	now    time.Time
	timers []fakeTimer
}

type fakeTimer struct {
	at time.Time
	c  chan time.Time
}

func newFakeClock() *fakeClock { return &fakeClock{now: time.Now().Round(0)} }

func (c *fakeClock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *fakeClock) After(d time.Duration) <-chan time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	timer := fakeTimer{at: c.now.Add(d), c: make(chan time.Time, 1)}
	c.timers = append(c.timers, timer)
	return timer.c
}

func (c *fakeClock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
	kept := c.timers[:0]
	for _, timer := range c.timers {
		if timer.at.After(c.now) {
			kept = append(kept, timer)
		} else {
			timer.c <- c.now
		}
	}
	c.timers = kept
}

func (c *fakeClock) waiting() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.timers)
}

// eventually waits for a condition.
func eventually(t *testing.T, what string, condition func() bool) {
	t.Helper()
	for deadline := time.Now().Add(90 * time.Second); time.Now().Before(deadline); time.Sleep(time.Millisecond) {
		if condition() {
			return
		}
	}
	t.Fatalf("it did not come to pass that %s", what)
}

func startOf(pid int) string {
	start := ProcessOf(pid).start
	return start
}

// testStale is proper-lockfile's own stale time.
const testStale = 10 * time.Second

// withDefaults fills in what a test leaves open.
func withDefaults(o options) options {
	if o.stale == 0 {
		o.stale = testStale
	}
	if o.lifetime == 0 {
		o.lifetime = o.stale
	}
	if o.clock == nil {
		o.clock = systemClock{}
	}
	return o
}

func tryTake(ctx context.Context, path string, o options) (*dirLock, error) {
	return take(ctx, path, withDefaults(o))
}

func mustTake(t *testing.T, path string, o options) *dirLock {
	t.Helper()
	l, err := tryTake(context.Background(), path, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.release() })
	return l
}

// makeForeign makes a lock as the client does, with an mtime of the given age.
func makeForeign(t *testing.T, path string, age time.Duration) {
	t.Helper()
	if err := os.Mkdir(path, 0o755); err != nil {
		t.Fatal(err)
	}
	setAge(t, path, age)
}

func setAge(t *testing.T, path string, age time.Duration) {
	t.Helper()
	mtime := time.Now().Add(-age)
	if err := os.Chtimes(path, mtime, mtime); err != nil {
		t.Fatal(err)
	}
}

func exists(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}

// names lists a directory.
func names(t *testing.T, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

// hasAttributes reports whether locks in dir can carry the name of their process.
func hasAttributes(t *testing.T, dir string) bool {
	t.Helper()
	probe := filepath.Join(dir, "probe")
	if err := os.Mkdir(probe, 0o700); err != nil {
		t.Fatal(err)
	}
	defer os.Remove(probe)
	_, err := setOwner(probe)
	return err == nil
}
