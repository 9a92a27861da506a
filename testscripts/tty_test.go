package testscripts

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/claude-auth/claude-auth/internal/test/harness"
)

// tty [-cols N] [-rows N] [-status N] [-raw FILE] STEPS PROGRAM ARGS…: runs a program on a terminal of its own while
// the steps in the file STEPS are gone through, and waits for its end. What a person would have read is then in stdout.
func tty(ts *testscript.TestScript, neg bool, args []string) {
	flags := flag.NewFlagSet("tty", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	columns, rows := flags.Uint("cols", 100, ""), flags.Uint("rows", 30, "")
	want, raw := flags.Int("status", 0, ""), flags.String("raw", "", "")
	err := flags.Parse(args)
	usage(ts, err == nil && flags.NArg() >= 2 && !neg,
		"tty [-cols N] [-rows N] [-status N] [-raw FILE] STEPS PROGRAM ARGS…")
	steps, err := os.ReadFile(ts.MkAbs(flags.Arg(0)))
	ts.Check(err)
	command, err := scriptCommand(ts, flags.Args()[1:])
	ts.Check(err)
	terminal, err := harness.StartTerminal(command, uint16(*columns), uint16(*rows))
	ts.Check(err)
	code := func(state string) (string, error) { return signInCode(ts, state) }
	stepErr := goThrough(terminal, string(steps), uint16(*rows), code)
	if stepErr != nil {
		_ = terminal.Hangup() // so that it ends
	}
	got, err := terminal.Wait()
	if *raw != "" {
		ts.Check(os.WriteFile(ts.MkAbs(*raw), []byte(terminal.Output()), 0o600))
	}
	_, _ = fmt.Fprintln(ts.Stdout(), harness.Plain(terminal.Output())) // a buffer
	ts.Check(errors.Join(stepErr, err))
	if got != *want {
		ts.Fatalf("%s ended with status %d, not %d; on its terminal there was:\n%s",
			flags.Arg(1), got, *want, harness.Plain(terminal.Output()))
	}
}

// goThrough goes through the steps, one a line:
//
//	expect TEXT   wait until TEXT is written, after what was expected before
//	never TEXT    TEXT has not been written so far
//	line TEXT     type TEXT and, when it has appeared, Enter
//	send TEXT     type TEXT, in which \r, \x1b and the like are as in Go
//	code          paste the code that the sign-in page shows on another machine; "code STATE" needs no browser here
//	resize N      make the window N columns wide
//	signal NAME   send the program INT, TERM, HUP, CONT, …
//	freeze        stop the output: what is written from now on waits
//	still         wait until the program only waits
//	hangup        close the terminal
func goThrough(t *harness.Terminal, steps string, rows uint16, code func(state string) (string, error)) error {
	for number, line := range strings.Split(steps, "\n") {
		verb, text, _ := strings.Cut(strings.TrimSpace(line), " ")
		var err error
		if verb == "code" {
			text, err = code(text)
			verb, text = "send", `\x1b[200~`+text+`\x1b[201~`
		}
		if err = errors.Join(err, step(t, verb, text, rows)); err != nil {
			return fmt.Errorf("step %d: %w", number+1, err)
		}
	}
	return nil
}

var signals = map[string]syscall.Signal{
	"INT": syscall.SIGINT, "TERM": syscall.SIGTERM, "HUP": syscall.SIGHUP, "CONT": syscall.SIGCONT,
	"TSTP": syscall.SIGTSTP, "QUIT": syscall.SIGQUIT, "KILL": syscall.SIGKILL,
}

func step(t *harness.Terminal, verb, text string, rows uint16) error {
	switch verb {
	case "", "#":
		return nil
	case "expect":
		return t.Expect(text)
	case "never":
		if strings.Contains(harness.Plain(t.Output()), text) {
			return fmt.Errorf("%q is on the terminal", text)
		}
		return nil
	case "line":
		return t.Line(text)
	case "send":
		keys, err := strconv.Unquote(`"` + text + `"`)
		if err != nil {
			return fmt.Errorf("send %s: %w", text, err)
		}
		return t.Send(keys)
	case "resize":
		columns, err := strconv.ParseUint(text, 10, 16)
		if err != nil {
			return err
		}
		return t.Resize(uint16(columns), rows)
	case "signal":
		return t.Command.Process.Signal(signals[text])
	case "freeze":
		return t.Freeze()
	case "still":
		return t.Still()
	case "hangup":
		return t.Hangup()
	}
	return fmt.Errorf("unknown step %q", verb)
}

// signInCode is the code that the sign-in page shows for the sign-in that goes on. Without a state it waits until a
// browser was opened, and takes the state from there.
func signInCode(ts *testscript.TestScript, state string) (string, error) {
	for begun := time.Now(); state == ""; time.Sleep(50 * time.Millisecond) {
		if time.Since(begun) > harness.Patience {
			return "", errors.New("no browser was opened")
		}
		var err error
		if state, err = openedState(ts.Getenv(envArgv)); err != nil {
			return "", err
		}
	}
	code, err := worldOf(ts).service.ShowCode()
	return code + "#" + state, err
}

// openedState is the state that the client has given to the browser last; "" when there was none.
func openedState(argvFile string) (state string, err error) {
	argv, err := os.ReadFile(argvFile)
	if err != nil {
		return "", err
	}
	for line := range strings.Lines(string(argv)) {
		args := strings.Split(strings.TrimSpace(line), "\x00")
		if filepath.Base(args[0]) != "fake-browser" {
			continue
		}
		page, err := url.Parse(args[len(args)-1])
		if err != nil {
			return "", err
		}
		state = page.Query().Get("state")
	}
	return state, nil
}

// scriptCommand is a command in the script's directory with the script's environment, which testscript tells to a child
// alone.
func scriptCommand(ts *testscript.TestScript, args []string) (*exec.Cmd, error) {
	file := filepath.Join(ts.Getenv("WORK"), ".environ")
	if err := ts.Exec("sh", "-c", `env -0 >"$0"`, file); err != nil {
		return nil, err
	}
	environ, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	if err := os.Remove(file); err != nil { // a script may have put a token there
		return nil, err
	}
	path, err := lookPath(ts.Getenv("PATH"), args[0])
	if err != nil {
		return nil, err
	}
	command := exec.Command(path, args[1:]...)
	command.Args[0] = args[0]
	command.Env = strings.Split(strings.TrimSuffix(string(environ), "\x00"), "\x00")
	command.Dir = ts.MkAbs(".")
	return command, nil
}

func lookPath(path, name string) (string, error) {
	if strings.ContainsRune(name, filepath.Separator) {
		return name, nil
	}
	for _, dir := range filepath.SplitList(path) {
		candidate := filepath.Join(dir, name)
		if info, err := os.Stat(candidate); err == nil && info.Mode()&0o111 != 0 && !info.IsDir() {
			return candidate, nil
		}
	}
	return "", fmt.Errorf("%s: %w", name, exec.ErrNotFound)
}
