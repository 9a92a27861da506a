package testscripts

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"syscall"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/claude-auth/claude-auth/internal/claude"
	"github.com/claude-auth/claude-auth/internal/test/harness"
)

// cut [-group] [-open] [-stored | -log FILE] SIGNAL|EOF STATUS PROGRAM ARGS…: runs a program that renews, ends it on
// its way, and checks its status. It is ended when the service has taken a refresh token, which with the setting
// token-wait is long before the answer, or with -stored when the new tokens are saved, or with -log when the client's
// log FILE tells of a failed renewal. -group signals all its processes, as the kernel does with Ctrl-C and a closed
// terminal. -open keeps its standard input open.
func cut(ts *testscript.TestScript, neg bool, args []string) {
	flags := flag.NewFlagSet("cut", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	open, stored := flags.Bool("open", false, ""), flags.Bool("stored", false, "")
	group, log := flags.Bool("group", false, ""), flags.String("log", "", "")
	err := flags.Parse(args)
	usage(ts, err == nil && flags.NArg() >= 3 && !neg,
		"cut [-group] [-open] [-stored | -log FILE] SIGNAL|EOF STATUS PROGRAM ARGS…")
	want, err := strconv.Atoi(flags.Arg(1))
	ts.Check(err)
	command, err := scriptCommand(ts, flags.Args()[2:])
	ts.Check(err)
	command.Stdout, command.Stderr = ts.Stdout(), ts.Stderr()
	end := func() error { return command.Process.Signal(signals[flags.Arg(0)]) }
	if *group {
		command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
		end = func() error { return syscall.Kill(-command.Process.Pid, signals[flags.Arg(0)]) }
	}
	if *open {
		input, err := command.StdinPipe()
		ts.Check(err)
		defer input.Close()
		if flags.Arg(0) == "EOF" {
			end = input.Close
		}
	}
	before, err := countRequests(ts, "refresh_token")
	ts.Check(err)
	got, err := endWhen(command, end, func() (bool, error) {
		now, err := countRequests(ts, "refresh_token")
		switch {
		case err != nil || now == before:
			return false, err
		case *stored:
			state, err := savedState(worldOf(ts).service, ts.Getenv("CREDENTIALS"))
			return state == "good", err
		case *log != "":
			text, _ := os.ReadFile(ts.MkAbs(*log)) // an error: it is not there yet
			return claude.FindRenewalFailure(string(text)) != claude.RenewalFailure{}, nil
		}
		return true, nil
	})
	ts.Check(err)
	if got != want {
		ts.Fatalf("%s ended with status %d, not %d", flags.Arg(2), got, want)
	}
}

// endWhen runs a program, calls end when it is due, and returns the program's status.
func endWhen(command *exec.Cmd, end func() error, due func() (bool, error)) (status int, err error) {
	if err := command.Start(); err != nil {
		return 0, err
	}
	ended := make(chan error, 1)
	go func() { ended <- command.Wait() }() // ends with the program
	dueErr := errors.New("it was never due")
	for begun := time.Now(); time.Since(begun) < harness.Patience; time.Sleep(10 * time.Millisecond) {
		var now bool
		if now, dueErr = due(); dueErr != nil {
			break
		}
		if now {
			dueErr = end()
			break
		}
		select {
		case err := <-ended:
			status, statusErr := statusOf(err)
			return status, errors.Join(fmt.Errorf("ended with status %d before it was due", status), statusErr)
		default:
		}
	}
	if dueErr != nil {
		_ = command.Process.Kill() // so that it ends
	}
	select {
	case err = <-ended:
	case <-time.After(harness.Patience):
		_ = command.Process.Kill()
		dueErr, err = errors.New("it did not end"), <-ended
	}
	status, err = statusOf(err)
	return status, errors.Join(dueErr, err)
}
