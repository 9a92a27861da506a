package runner

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// The test binary is three programs: the tests, a session's keeper, and, with RUNNER_TOOL set, a small tool on top of the package that
// tests start on terminals and in pipes, because signals, job control and exits can only be seen from outside.
func TestMain(m *testing.M) {
	if IsKeeper(os.Args) {
		os.Exit(KeeperMain(os.Args))
	}
	if len(os.Args) > 1 && os.Args[1] == "count" {
		os.Exit(count())
	}
	if mode := os.Getenv("RUNNER_TOOL"); mode != "" {
		os.Unsetenv("RUNNER_TOOL")
		os.Exit(tool(mode, os.Args[1:]))
	}
	// The race detector's runtime sleeps for a second at each exit otherwise, and the tool exits hundreds of times.
	os.Setenv("GORACE", "atexit_sleep_ms=0")
	os.Exit(m.Run())
}

func tool(mode string, args []string) int {
	c := Command{Path: args[0], Args: args[1:], Env: os.Environ()}
	switch mode {
	case "exec":
		return fail(Exec(c))
	case "run":
		st, err := Run(context.Background(), c)
		if err != nil {
			return fail(err)
		}
		return ExitLike(st)
	case "pipe":
		return toolPipe(c, nil)
	case "pipe-hold":
		return toolPipe(c, &holdAll{})
	case "pipe-twice":
		in := NewStdin("")
		defer in.Close()
		f := &holdAll{drop: true}
		if _, err := (Pipe{Command: c, Stdin: in, Filter: f}).Run(); err != nil {
			return fail(err)
		}
		if !in.CanReplay() {
			return fail(fmt.Errorf("cannot replay"))
		}
		r, err := Pipe{Command: c, Stdin: in}.Run()
		if err != nil {
			return fail(err)
		}
		return ExitLike(r.Status)
	case "session":
		return toolSession(c)
	}
	return fail(fmt.Errorf("no mode %q", mode))
}

// count is a child that counts the SIGINTs it gets, until SIGQUIT.
func count() int {
	ch := make(chan os.Signal, 16)
	signal.Notify(ch, unix.SIGINT, unix.SIGQUIT)
	fmt.Println("ready")
	for n := 0; ; {
		if <-ch == unix.SIGQUIT {
			fmt.Println("quit after", n)
			return 0
		}
		n++
		fmt.Println("int", n)
	}
}

func toolPipe(c Command, f Filter) int {
	in := NewStdin("")
	defer in.Close()
	r, err := Pipe{Command: c, Stdin: in, Filter: f}.Run()
	if err != nil {
		return fail(err)
	}
	return ExitLike(r.Status)
}

// holdAll holds everything back until the end, and then drops it or lets it go.
type holdAll struct {
	held []byte
	drop bool
}

func (h *holdAll) Write(p []byte) []byte { h.held = append(h.held, p...); return nil }
func (h *holdAll) Close(Status) []byte {
	if h.drop {
		return nil
	}
	return h.held
}

// toolSession runs a session. With RUNNER_PANEL set to a word, a panel is shown when that word has been typed or printed, and again
// each time.
func toolSession(c Command) int {
	o := SessionOptions{Command: c}
	var s *Session
	word := os.Getenv("RUNNER_PANEL")
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
	if os.Getenv("RUNNER_PANIC") != "" {
		o.Output = func(p []byte) {
			if strings.Contains(string(p), "panic now") {
				panic("as asked")
			}
		}
	}
	s, err := StartSession(o)
	if err != nil {
		return fail(err)
	}
	go func() {
		for {
			select {
			case <-s.Done():
				return
			case <-show:
				if os.Getenv("RUNNER_QUIET") != "" {
					d, _ := strconv.Atoi(os.Getenv("RUNNER_QUIET"))
					if s.Quiet(time.Duration(d)*time.Millisecond, nil) != nil {
						return
					}
				}
				_ = s.Overlay(toolPanel)
				if os.Getenv("RUNNER_ONCE") != "" {
					return
				}
			}
		}
	}()
	st, err := s.Wait()
	if err != nil {
		return fail(err)
	}
	return ExitLike(st)
}

// toolPanel echoes keys until q; r runs a command on the terminal.
func toolPanel(t *Terminal) error {
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
		case k.Kind == KeyResize:
			draw()
		case k.Kind == KeyRune && k.Rune == 'q':
			return nil
		case k.Kind == KeyRune && k.Rune == 'r':
			st, err := t.Run(context.Background(), Command{Path: "/bin/sh", Args: []string{"-c", `echo run:; read x; echo "got $x"; exec sleep 1000`}, Env: os.Environ()})
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
