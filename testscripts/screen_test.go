package testscripts

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/claude-auth/claude-auth/internal/session"
	"github.com/claude-auth/claude-auth/internal/test/harness"
)

// screen [-cols N] [-rows N] [-status N] STEPS PROGRAM ARGS…: runs a program in a tmux of its own while the steps in
// the file STEPS are gone through, and waits for its end. What a person would have read is then in stdout.
func screen(ts *testscript.TestScript, neg bool, args []string) {
	flags := flag.NewFlagSet("screen", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	columns, rows, want := flags.Int("cols", 100, ""), flags.Int("rows", 40, ""), flags.Int("status", 0, "")
	err := flags.Parse(args)
	usage(ts, err == nil && flags.NArg() >= 2 && !neg, "screen [-cols N] [-rows N] [-status N] STEPS PROGRAM ARGS…")
	steps, err := os.ReadFile(ts.MkAbs(flags.Arg(0)))
	ts.Check(err)
	command, err := scriptCommand(ts, flags.Args()[1:])
	ts.Check(err)
	s, err := harness.StartScreen(command, *columns, *rows)
	ts.Check(err)
	view := &screenView{ts: ts, Screen: s}
	stepErr := view.goThrough(string(steps))
	got := 0
	if stepErr == nil {
		got, err = s.Ended()
	}
	raw, rawErr := s.Raw()
	ts.Check(errors.Join(stepErr, err, rawErr, s.Close()))
	_, _ = fmt.Fprintln(ts.Stdout(), harness.Plain(raw)) // a buffer
	if got != *want {
		ts.Fatalf("%s ended with status %d, not %d; on its screen there was:\n%s",
			flags.Arg(1), got, *want, harness.Plain(raw))
	}
}

// screenView is a screen with what its steps remember.
type screenView struct {
	*harness.Screen
	ts     *testscript.TestScript
	client int    // the client's pid
	before string // what was on the screen at the last key
}

// goThrough goes through the steps, one a line; README.md has them.
func (v *screenView) goThrough(steps string) error {
	for number, line := range strings.Split(steps, "\n") {
		verb, text, _ := strings.Cut(strings.TrimSpace(line), " ")
		if err := v.step(verb, text); err != nil {
			return fmt.Errorf("step %d: %s: %w", number+1, line, err)
		}
	}
	return nil
}

// stillTime is how long a screen must stand still to be compared: longer than a panel waits for quiet.
const stillTime = 1500 * time.Millisecond

func (v *screenView) step(verb, text string) error {
	switch verb {
	case "", "#":
		return nil
	case "see":
		if harness.On(v.before, text) {
			return errors.New("it was on the screen before the last key: to see it says nothing")
		}
		return v.See(text)
	case "gone":
		return v.Gone(text)
	case "await":
		await(v.ts, false, []string{text})
		return nil
	case "never":
		raw, err := v.Raw()
		if err == nil && strings.Contains(harness.Plain(raw), text) {
			err = fmt.Errorf("%q has been on the screen", text)
		}
		return err
	case "still":
		return v.Still(stillTime)
	case "line", "press", "paste", "paste-plain":
		return v.send(verb, text)
	case "size":
		columns, rows, _ := strings.Cut(text, " ")
		c, err := strconv.Atoi(columns)
		r, err2 := strconv.Atoi(rows)
		if err := errors.Join(err, err2); err != nil {
			return err
		}
		v.before = "" // Resize waits until everything is drawn again
		return v.Resize(c, r)
	case "client":
		return v.sameClient()
	case "save":
		if err := v.Still(stillTime); err != nil {
			return err
		}
		return v.save(text)
	case "snap":
		return v.save(text)
	}
	return fmt.Errorf("unknown step %q", verb)
}

// send types, presses or pastes.
func (v *screenView) send(verb, text string) error {
	if err := v.remember(); err != nil {
		return err
	}
	switch verb {
	case "line":
		return v.Line(text)
	case "press":
		return v.Press(strings.Fields(text)...)
	}
	text, err := strconv.Unquote(`"` + text + `"`)
	if err != nil {
		return err
	}
	return v.Paste(text, verb == "paste-plain")
}

// remember notes what is on the screen, for what is seen after the next key must come of it.
func (v *screenView) remember() (err error) {
	v.before, err = v.Text()
	return err
}

// sameClient notes the client's pid, and from then on wants it to be the same.
func (v *screenView) sameClient() error {
	pid, err := v.Child(session.SupervisorName)
	if err == nil && v.client != 0 && pid != v.client {
		err = fmt.Errorf("the client was process %d, and is %d", v.client, pid)
	}
	v.client = pid
	return err
}

// save puts the screen into a file.
func (v *screenView) save(name string) error {
	text, err := v.Text()
	if err != nil {
		return err
	}
	return os.WriteFile(v.ts.MkAbs(name), []byte(text), 0o600)
}
