package runner

import (
	"fmt"
	"os"
	"os/signal"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// The test binary is two programs: the tests, and, with TEST_TOOL set, a small tool on top of the package that tests
// start on terminals and in pipes, because signals, job control and exits can only be seen from outside.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == "count" {
		os.Exit(count())
	}
	if mode := os.Getenv("TEST_TOOL"); mode != "" {
		os.Unsetenv("TEST_TOOL")
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
	case "guest":
		return toolGuest(c)
	case "pipe":
		return toolPipe(c, nil)
	case "pipe-hold":
		return toolPipe(c, &holdAll{})
	case "pipe-twice":
		in := NewStdin()
		defer in.Close()
		f := &holdAll{drop: true}
		if _, err := (Pipe{Command: c, Stdin: in, Filter: f}).Run(); err != nil {
			return fail(err)
		}
		if !in.CanReplay() {
			return fail(fmt.Errorf("cannot replay"))
		}
		status, err := Pipe{Command: c, Stdin: in}.Run()
		if err != nil {
			return fail(err)
		}
		return ExitLike(status)
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
	in := NewStdin()
	defer in.Close()
	busy := Busy{Dir: os.Getenv("TEST_BUSY"), Fresh: time.Hour, Limit: time.Minute}
	if limit := os.Getenv("TEST_BUSY_LIMIT"); limit != "" {
		busy.Limit, _ = time.ParseDuration(limit)
	}
	status, err := Pipe{Command: c, Stdin: in, Filter: f, Busy: busy}.Run()
	if err != nil {
		return fail(err)
	}
	return ExitLike(status)
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

func fail(err error) int {
	fmt.Fprintln(os.Stderr, "tool:", err)
	return 99
}
