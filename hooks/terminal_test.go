package hooks_test

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/creack/pty"
	"golang.org/x/sys/unix"

	"github.com/claude-auth/claude-auth/hooks"
	"github.com/claude-auth/claude-auth/internal/paths"
	"github.com/claude-auth/claude-auth/internal/test/shells"
	"github.com/claude-auth/claude-auth/shell"
)

// patience bounds the wait for something that is certain to come; a test that passes never waits so long.
const patience = 90 * time.Second

// terminal is an interactive shell in a pty.
type terminal struct {
	t    *testing.T
	pid  int // of the shell
	file *os.File
	mu   sync.Mutex
	seen []byte
	more chan struct{} // one is waiting when seen has grown
	from int           // where the next wait begins
	n    int
}

// start starts s interactively with startup in its startup file.
func (w *world) start(s *shell.Shell, startup string) *terminal {
	w.t.Helper()
	return w.interactive(s, shells.Of(w.t, s).Preamble+startup)
}

// interactive starts s interactively with startup as its startup file.
func (w *world) interactive(s *shell.Shell, startup string) *terminal {
	w.t.Helper()
	d := shells.Of(w.t, s)
	file, err := hooks.StartupFile(s, paths.New(w.env))
	if err != nil {
		w.t.Fatal(err)
	}
	w.write(file, startup, 0o644)
	for _, dir := range d.Folders {
		if err := os.MkdirAll(w.path(dir), 0o755); err != nil {
			w.t.Fatal(err)
		}
	}
	return w.terminal(exec.Command(s.Name, d.Interactive...))
}

// terminal starts command in a pty. The shell ends with the test: its terminal is hung up, and it is waited for.
func (w *world) terminal(command *exec.Cmd) *terminal {
	w.t.Helper()
	command.Env, command.Dir = w.env, w.home
	blocking, err := pty.StartWithSize(command, &pty.Winsize{Rows: 50, Cols: 200})
	if err != nil {
		w.t.Fatal(err)
	}
	defer blocking.Close() // its copy takes over
	// creack/pty leaves the master in blocking mode, where Close does not end a Read that waits.
	fd, err := unix.Dup(int(blocking.Fd()))
	if err == nil {
		err = unix.SetNonblock(fd, true)
	}
	if err != nil {
		w.t.Fatal(err)
	}
	file := os.NewFile(uintptr(fd), "pty")
	term := &terminal{t: w.t, pid: command.Process.Pid, file: file, more: make(chan struct{}, 1)}
	done := make(chan struct{})
	go func() { // ends with the pty
		defer close(done)
		term.read()
	}()
	w.t.Cleanup(func() {
		_ = command.Process.Kill() // an interactive shell ignores SIGTERM; it may have exited by itself
		_ = command.Wait()         // "killed" is what is expected
		_ = file.Close()
		<-done
	})
	return term
}

// What shells ask a terminal, and the answers: fish what it can do, from 4.0 on; nushell also where the cursor is. Both
// wait for the answer.
var (
	questions = regexp.MustCompile(`\x1b\[(0?c|6n)`)
	answers   = map[string]string{"\x1b[c": "\x1b[?62;c", "\x1b[0c": "\x1b[?62;c", "\x1b[6n": "\x1b[1;1R"}
)

func (m *terminal) read() {
	buf := make([]byte, 4096)
	answered := 0 // up to where in seen the shell's questions have been answered
	for {
		n, err := m.file.Read(buf)
		m.mu.Lock()
		m.seen = append(m.seen, buf[:n]...)
		asked := questions.FindAllIndex(m.seen[answered:], -1)
		for _, at := range asked {
			answer := answers[string(m.seen[answered+at[0]:answered+at[1]])]
			_, _ = io.WriteString(m.file, answer) // a shell that has gone shows in the next read
		}
		if len(asked) > 0 {
			answered += asked[len(asked)-1][1]
		}
		m.mu.Unlock()
		select {
		case m.more <- struct{}{}:
		default:
		}
		if err != nil { // closed, or EIO, which is how Linux says that the last process has closed its side
			return
		}
	}
}

// bytesRead returns how many bytes the shell has read, zero where /proc does not tell.
func (m *terminal) bytesRead() int {
	text, _ := os.ReadFile(fmt.Sprintf("/proc/%d/io", m.pid)) // only Linux has it
	var n int
	_, _ = fmt.Sscanf(string(text), "rchar: %d", &n)
	return n
}

var escapes = regexp.MustCompile(`\x1b\[[0-9;?<>=]*[a-zA-Z]|\x1b\][^\x07\x1b]*(\x07|\x1b\\)|\x1b[()=>][B0]?|\r`)

// waitFor returns what was printed since the last wait up to and with the first match of pattern, without escape
// sequences.
func (m *terminal) waitFor(pattern string) string {
	m.t.Helper()
	re := regexp.MustCompile(pattern)
	deadline := time.After(patience)
	for {
		m.mu.Lock()
		text := escapes.ReplaceAllString(string(m.seen[m.from:]), "")
		end := len(m.seen)
		m.mu.Unlock()
		if at := re.FindStringIndex(text); at != nil {
			m.from = end
			return text[:at[1]]
		}
		select {
		case <-m.more:
		case <-deadline:
			m.t.Fatalf("waited for %q, the terminal shows:\n%s", pattern, text)
		}
	}
}

// say types line and returns what the shell printed from then on, up to the second next prompt, which stands when say
// returns.
func (m *terminal) say(line string) string {
	m.t.Helper()
	m.n++
	// The words are put together by the shell, so that the echo of the line does not hold them.
	m.send(fmt.Sprintf("printf '<%%s%d>' begin; %s\n", m.n, line))
	// Typed earlier, the next line would be echoed into what this one prints.
	text := m.waitFor(fmt.Sprintf(`(?s)<begin%d>.*\[ready\]`, m.n))
	m.send(fmt.Sprintf("printf '<%%s%d>' end\n", m.n))
	text += m.waitFor(fmt.Sprintf(`(?s)<end%d>.*\[ready\]`, m.n))
	_, text, _ = strings.Cut(text, fmt.Sprintf("<begin%d>", m.n))
	return text
}

// all returns everything that was printed so far, as it came.
func (m *terminal) all() string {
	m.mu.Lock()
	defer m.mu.Unlock()
	return string(m.seen)
}

func (m *terminal) send(keys string) {
	m.t.Helper()
	if _, err := io.WriteString(m.file, keys); err != nil {
		m.t.Fatal(err)
	}
}

// has fails the test unless text holds want.
func has(t *testing.T, text, want string) {
	t.Helper()
	if !strings.Contains(text, want) {
		t.Errorf("%q is missing in:\n%s", want, text)
	}
}

// lacks fails the test when text holds what it should not.
func lacks(t *testing.T, text, unwanted string) {
	t.Helper()
	if strings.Contains(text, unwanted) {
		t.Errorf("%q should not be in:\n%s", unwanted, text)
	}
}
