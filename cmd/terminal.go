package cmd

import (
	"context"
	"errors"
	"fmt"
	"time"

	"golang.org/x/sys/unix"

	"github.com/claude-auth/claude-auth/internal/fdio"
	"github.com/claude-auth/claude-auth/internal/recovery"
	"github.com/claude-auth/claude-auth/internal/runner"
	"github.com/claude-auth/claude-auth/internal/signin"
	"github.com/claude-auth/claude-auth/internal/tty"
	"github.com/claude-auth/claude-auth/internal/ui"
	"github.com/claude-auth/claude-auth/internal/vt"
)

// terminal is the person at the controlling terminal, for recovery.
type terminal struct{ *ui.UI }

// SignIn implements recovery.Terminal. The client talks to the controlling terminal, so that standard input and
// output stay with the pipeline that they belong to. Without a terminal it has no input and prints to standard error.
func (t terminal) SignIn(ctx context.Context, request signin.Request) (runner.Status, error) {
	fd, err := tty.OpenFD(unix.O_RDWR)
	if err != nil {
		return t.signInBlind(ctx, request)
	}
	defer fdio.Close(fd)
	if tty.InForeground() && !request.Plain() {
		result, err := signInOnScreen(ctx, request, fd)
		if !errors.Is(err, signin.ErrNoScreen) {
			return result.Status, err
		}
	}
	t.tellLimit(ctx, request)
	defer withoutStop(fd)()
	status, err := runner.Guest(ctx, request.Command, fd, fd, fd)
	if !status.Success() && tty.InForeground() && fdio.Writable(fd) {
		_, _ = unix.Write(fd, []byte("\n")) // the prompt of the client is on the line, or ^C
	}
	return status, err
}

// nobody is the terminal of a repair beside a program that has the terminal for itself, if there is one.
type nobody struct{ *ui.UI }

// CanAsk implements recovery.Terminal.
func (nobody) CanAsk() bool { return false }

// SignIn implements recovery.Terminal.
func (n nobody) SignIn(ctx context.Context, request signin.Request) (runner.Status, error) {
	return terminal(n).signInBlind(ctx, request)
}

// signInBlind signs in where nobody can type: only the browser can finish it.
func (t terminal) signInBlind(ctx context.Context, request signin.Request) (runner.Status, error) {
	in, err := unix.Open("/dev/null", unix.O_RDONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		return runner.Status{}, fmt.Errorf("open /dev/null: %w", err)
	}
	defer fdio.Close(in)
	t.tellLimit(ctx, request)
	return runner.Guest(ctx, request.Command, in, 2, 2)
}

// tellLimit says what a sign-in without a screen of ours does not say itself.
func (t terminal) tellLimit(ctx context.Context, request signin.Request) {
	deadline, limited := ctx.Deadline()
	if !limited {
		return
	}
	cancel := "Ctrl-C cancels"
	if request.Keeps != "" {
		cancel = "Ctrl-C cancels and keeps the " + request.Keeps
	}
	t.Notef("sign in within %s; %s", recovery.Limit(time.Until(deadline).Round(time.Second)), cancel)
}

// signInOnScreen shows the sign-in on the terminal fd, which is an opening of its own.
func signInOnScreen(ctx context.Context, request signin.Request, fd int) (signin.Result, error) {
	before, err := tty.Get(fd)
	if err == nil {
		err = unix.SetNonblock(fd, true)
	}
	if err != nil {
		return signin.Result{}, errors.Join(signin.ErrNoScreen, err)
	}
	defer func() { _ = unix.SetNonblock(fd, false) }()
	wake, err := fdio.NewWake()
	if err != nil {
		return signin.Result{}, err
	}
	defer wake.Close()
	enter := func() {
		if tty.InForeground() { // else the terminal is a shell's
			tty.SetNow(fd, tty.Keyed(*before))
			_, _ = unix.Write(fd, []byte(vt.PasteOn))
		}
	}
	enter()
	defer func() {
		if tty.InForeground() {
			_, _ = unix.Write(fd, []byte(vt.PasteOff))
			tty.SetNow(fd, before)
		}
	}()
	redraw, end := signin.WatchWindow(wake, enter)
	defer end()
	return signin.Run(ctx, request, signin.Screen{In: fd, Out: fd, Wake: wake, Redraw: redraw})
}

// withoutStop takes the key that stops a job from the terminal. restore restores the terminal's settings, which a
// client that a signal ended did not. In the background the terminal is a shell's.
func withoutStop(fd int) (restore func()) {
	before, err := tty.Get(fd)
	if err != nil || !tty.InForeground() {
		return func() {}
	}
	tty.SetNow(fd, tty.WithoutStop(*before))
	return func() {
		if tty.InForeground() {
			tty.SetNow(fd, before)
		}
	}
}
