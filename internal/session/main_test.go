package session

import (
	"context"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/claude-auth/claude-auth/internal/runner"
	"github.com/claude-auth/claude-auth/internal/vt"
)

// The test binary is three programs: the tests, a session's supervisor, and, with TEST_TOOL set, a small tool on top
// of the package that tests start on terminals, because signals, job control and exits can only be seen from outside.
func TestMain(m *testing.M) {
	if IsSupervisor(os.Args) {
		os.Exit(Supervise(os.Args))
	}
	if mode := os.Getenv("TEST_TOOL"); mode != "" {
		os.Unsetenv("TEST_TOOL")
		c := runner.Command{Path: os.Args[1], Args: os.Args[2:], Env: os.Environ()}
		if mode == "exec" {
			os.Exit(fail(runner.Exec(c)))
		}
		os.Exit(toolSession(c))
	}
	// The race detector's runtime sleeps for a second at each exit otherwise, and the tool exits hundreds of times.
	os.Setenv("GORACE", "atexit_sleep_ms=0")
	os.Exit(m.Run())
}

// toolSession runs a session. Its child is busy while the directory TEST_BUSY is there. With TEST_PANEL set to a word,
// a panel is shown when that word has been printed, and again each time.
func toolSession(c runner.Command) int {
	o := Options{Command: c, Busy: runner.Busy{Dir: os.Getenv("TEST_BUSY"), Fresh: time.Hour, Limit: time.Minute}}
	if limit := os.Getenv("TEST_BUSY_LIMIT"); limit != "" {
		o.Busy.Limit, _ = time.ParseDuration(limit)
	}
	var s *Session
	word := os.Getenv("TEST_PANEL")
	show := make(chan struct{}, 1)
	if word != "" {
		var tail string
		o.Output = func(p []byte) {
			tail += string(p)
			if i := len(tail) - 4096; i > 0 {
				tail = tail[i:]
			}
			if i := strings.Index(tail, word); i >= 0 {
				tail = tail[i+len(word):]
				select {
				case show <- struct{}{}:
				default:
				}
			}
		}
	}
	if os.Getenv("TEST_PANIC") != "" {
		o.Output = func(p []byte) {
			if strings.Contains(string(p), "panic now") {
				panic("as asked")
			}
		}
	}
	s, err := Start(o)
	if err != nil {
		return fail(err)
	}
	go func() {
		for {
			select {
			case <-s.Done():
				return
			case <-show:
				if os.Getenv("TEST_QUIET") != "" {
					d, _ := strconv.Atoi(os.Getenv("TEST_QUIET"))
					if s.Quiet(time.Duration(d)*time.Millisecond, nil) != nil {
						return
					}
				}
				_ = s.Overlay(toolPanel)
				if os.Getenv("TEST_ONCE") != "" {
					return
				}
			}
		}
	}()
	st, err := s.Wait()
	if err != nil {
		return fail(err)
	}
	return runner.ExitLike(st)
}

// toolPanel echoes keys until q; r runs a command on the terminal.
func toolPanel(t *Terminal) error {
	script := runner.Command{
		Path: "/bin/sh", Args: []string{"-c", `echo run:; read x; echo "got $x"; exec sleep 1000`}, Env: os.Environ(),
	}
	draw := func() {
		w, h := t.Size()
		fmt.Fprintf(t, "\x1b[2J\x1b[HPANEL %dx%d\r\n", w, h)
	}
	draw()
	for {
		k, err := t.ReadKey(context.Background())
		if err != nil {
			return err
		}
		switch {
		case k.Kind == vt.KeyResize:
			draw()
		case k.Kind == vt.Pasted:
			fmt.Fprint(t, "pasted\r\n")
		case k.Kind == vt.KeyRune && k.Rune == 'q':
			return nil
		case k.Kind == vt.KeyRune && k.Rune == 'r':
			st, err := t.Run(context.Background(), script)
			fmt.Fprintf(t, "ran %v %v\r\n", st, err)
		default:
			fmt.Fprintf(t, "key %d %q\r\n", k.Kind, k.Rune)
		}
	}
}

func fail(err error) int {
	fmt.Fprintln(os.Stderr, "tool:", err)
	return 99
}

var _ io.Writer = (*Terminal)(nil)
