package cmd

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"syscall"
	"time"
	"unicode"

	"github.com/urfave/cli/v2"
	"golang.org/x/sys/unix"

	"github.com/claude-auth/claude-auth/internal/fdio"
	"github.com/claude-auth/claude-auth/internal/flock"
	"github.com/claude-auth/claude-auth/internal/headless"
	"github.com/claude-auth/claude-auth/internal/recovery"
	"github.com/claude-auth/claude-auth/internal/runner"
	"github.com/claude-auth/claude-auth/internal/signin"
	"github.com/claude-auth/claude-auth/internal/tty"
	"github.com/claude-auth/claude-auth/internal/ui"
	"github.com/claude-auth/claude-auth/internal/vt"
)

// This file is the side of the person in a sign-in in two steps: what starts it, and what gives it the code.

// linkFlags are the flags for what is done with the link of a sign-in in two steps.
func linkFlags() []cli.Flag {
	return []cli.Flag{
		&cli.StringFlag{
			Name: "link-file", TakesFile: true,
			Usage: "with --detach: also write the link to `PATH`; the file is removed when the sign-in ends",
		},
		&cli.BoolFlag{Name: "qr", Usage: "with --detach: also print the link as a QR code"},
	}
}

// checkSteps returns what is wrong with the flags of a sign-in in two steps.
func checkSteps(c *cli.Context) error {
	steps := 0
	for _, name := range []string{"detach", "code", "cancel"} {
		if c.Bool(name) {
			steps++
		}
	}
	switch {
	case steps > 1:
		return wrongUsage(c, "--detach, --code and --cancel exclude each other")
	case (c.IsSet("link-file") || c.Bool("qr")) && !c.Bool("detach"):
		return wrongUsage(c, "--link-file and --qr need --detach")
	case c.IsSet("link-file") && c.String("link-file") == "":
		return wrongUsage(c, "--link-file needs the path of a file")
	case c.NArg() > 0 && (c.Bool("code") || c.Bool("cancel")):
		return wrongUsage(c, "arguments for Claude Code go with --detach")
	}
	return nil
}

// detach starts a sign-in in the background, and ends when that has a link, or has ended.
func (p *program) detach(c *cli.Context, repairer *recovery.Repairer, kind string, args []string) error {
	if again, err := p.tellWaiting(c); again || err != nil {
		return err
	}
	if _, err := repairer.Client(); err != nil {
		return clientMissing(err)
	}
	if p.trouble.Cause != "" { // tellState has said why
		return errors.New("the sign-in was not started: that needs the state directory")
	}
	link, last, err := p.startSignIn(c, repairer.SignInTime(), kind, args)
	switch {
	case err != nil:
		return err
	case last.Kind == headless.Busy:
		return p.awaitOther(c)
	case last.Kind == headless.Done:
		return p.tellEnd(last)
	case link.Link == "":
		return errEndedEarly
	}
	return p.tellLink(c, link.Link, link.Until)
}

// startSignIn starts the process that signs in. It returns what that said about the link, or about its end.
func (p *program) startSignIn(
	c *cli.Context, limit time.Duration, kind string, args []string,
) (link, last headless.Message, err error) {
	file, err := linkFile(c)
	if err == nil && file != "" {
		err = tryLinkFile(file) // while the old login is still there
	}
	if err != nil {
		return link, last, err
	}
	out, in, err := fdio.Pipe()
	if err != nil {
		return link, last, err
	}
	words := append([]string{signInCommand, kind, limit.String(), file}, args...)
	child, err := runner.StartDetached(runner.Self(p.exe, p.paths, p.env, words...), runner.Null, in)
	fdio.Close(in)
	reader := os.NewFile(uintptr(out), "the sign-in in the background")
	defer reader.Close()
	if err != nil {
		return link, last, fmt.Errorf("start the sign-in in the background: %w", err)
	}
	defer context.AfterFunc(c.Context, func() { child.Signal(syscall.SIGTERM) })() // it restores the old login
	headless.Read(reader, func(m headless.Message) {
		switch m.Kind {
		case headless.Link:
			link = m
		case headless.Done, headless.Busy:
			last = m
		default:
			p.hear(m)
		}
	})
	return link, last, nil
}

// detachJob begins a sign-in in two steps for a job that waits, for as long as that waits. Where one waits already, the
// job waits for that. told reports that the user's hook gets the link. Standard output is the client's.
func (p *program) detachJob(c *cli.Context) (told bool, err error) {
	if _, busy := headless.Find(p.paths.SignInDir()); busy {
		return false, p.noneForAnother()
	}
	limit := c.Duration("wait")
	if c.IsSet("timeout") {
		limit = c.Duration("timeout")
	}
	link, last, err := p.startSignIn(c, limit, signInRecover, nil)
	switch {
	case err != nil:
		return false, err
	case link.Link != "":
		p.ui.Notef("sign in here: %s", link.Link)
		p.ui.Hintf("then give the code to 'claude-auth login --code'")
		return true, nil
	case last.Kind == headless.Busy:
		return false, nil
	case last.Kind == headless.Done && last.Status == exitOK: // another process has repaired the login
		return false, nil
	case last.Kind == headless.Done:
		return false, ui.WithHint(errors.New(last.Text), last.Hint)
	}
	return false, errEndedEarly
}

// errEndedEarly says that the process in the background was killed.
var errEndedEarly = errors.New("the sign-in in the background has ended early")

// hear shows what the sign-in says while it goes on.
func (p *program) hear(m headless.Message) {
	switch m.Kind {
	case headless.Note:
		p.ui.Notef("%s", m.Text)
	case headless.Said:
		p.ui.Notef("Claude Code says: %s", m.Text)
	}
}

// tellEnd says how the sign-in has ended, and returns the error with which this command ends.
func (p *program) tellEnd(m headless.Message) error {
	if m.Status == exitOK {
		p.ui.Text(m.Text)
		if m.Hint != "" {
			p.ui.Hintf("%s", m.Hint)
		}
		return nil
	}
	return statusError{m.Status, ui.WithHint(errors.New(m.Text), m.Hint)}
}

// tellLink prints the link.
func (p *program) tellLink(c *cli.Context, link string, until time.Time) error {
	p.ui.Text("Open this link in a browser, on any machine:\n")
	if err := p.ui.Reveal(link + "\n"); err != nil {
		return err
	}
	if c.Bool("qr") {
		p.ui.Picture(signin.QR(link))
	}
	p.ui.Text("Then give the code to: claude-auth login --code\n")
	p.ui.Textf("The sign-in %s.\n", recovery.Awaits(headless.Waiting{Until: until}, p.now()))
	return nil
}

// tellWaiting prints the link of a sign-in that waits already, and reports whether there is one.
func (p *program) tellWaiting(c *cli.Context) (waits bool, err error) {
	w, busy := headless.Find(p.paths.SignInDir())
	if !busy {
		return false, nil
	}
	if !w.IsFor(p.paths.Credentials) {
		return true, p.inTheWay(w)
	}
	if w.Link == "" {
		return true, p.awaitOther(c)
	}
	if err := otherLinkFile(c, w); err != nil {
		return true, err
	}
	p.ui.Notef("a sign-in waits already; to end it, run 'claude-auth login --cancel'")
	if c.IsSet("timeout") {
		p.ui.Notef("--timeout was ignored: it is for a new sign-in")
	}
	return true, p.tellLink(c, w.Link, w.Until)
}

// otherLinkFile returns an error where the sign-in that waits does not write its link to the file of --link-file: it
// would neither renew nor remove that one.
func otherLinkFile(c *cli.Context, w headless.Waiting) error {
	file, err := linkFile(c)
	if err != nil || file == "" || file == w.LinkFile {
		return err
	}
	where := pick(w.LinkFile == "", "without a link file", "with its link in "+w.LinkFile)
	err = errors.New("a sign-in waits already, " + where)
	return statusError{exitLocked, ui.WithHint(err,
		"leave out --link-file, or run 'claude-auth login --cancel' to end that sign-in")}
}

// linkPatience is how long a client may take from its start to the link.
const linkPatience = 30 * time.Second

// awaitOther waits until the sign-in that another process has begun a moment ago has a link, and prints that.
func (p *program) awaitOther(c *cli.Context) error {
	for end := time.Now().Add(linkPatience); time.Now().Before(end); {
		switch w, busy := headless.Find(p.paths.SignInDir()); {
		case !busy:
			return errors.New("another process has begun a sign-in, and that has ended")
		case !w.IsFor(p.paths.Credentials):
			return p.inTheWay(w)
		case w.Link != "":
			_, err := p.tellWaiting(c)
			return err
		}
		select {
		case <-c.Context.Done():
			return c.Context.Err()
		case <-time.After(50 * time.Millisecond):
		}
	}
	return ui.WithHint(errors.New("another process has begun a sign-in, and that has no link yet"),
		recovery.FinishWaiting)
}

// giveCode gives the code to the sign-in that waits. On the terminal it asks again after a wrong one.
func (p *program) giveCode(c *cli.Context, repairer *recovery.Repairer) error {
	onTerminal := tty.IsTerminal(os.Stdin)
	for {
		w, busy := headless.Find(p.paths.SignInDir())
		if !busy {
			return p.noneWaits(c.Context, repairer, w)
		}
		if !w.IsFor(p.paths.Credentials) {
			return p.inTheWay(w)
		}
		code, err := p.readCode(c.Context, onTerminal)
		if err != nil {
			return p.stillWaits(c.Context, err)
		}
		if onTerminal {
			p.ui.Say(signin.SayChecking)
		}
		last, err := p.call(c.Context, headless.Call{Code: code})
		switch {
		case errors.Is(err, headless.ErrNone):
			return p.notHeard(c.Context, repairer)
		case c.Context.Err() != nil && last.Kind == headless.Heard:
			return cancelled("The code was given. See what became of it: claude-auth status")
		case err != nil:
			return p.stillWaits(c.Context, err)
		case last.Kind == headless.Done:
			return p.tellEnd(last)
		}
		if w.Link != "" && last.Link != "" && last.Link != w.Link {
			p.ui.Notef("the old link no longer works; open this one:")
			if err := p.ui.Reveal(last.Link + "\n"); err != nil {
				return err
			}
		}
		if !onTerminal {
			return statusError{exitSignIn, ui.WithHint(errors.New("the code was not accepted; the sign-in still waits"),
				"run 'claude-auth login --code' with the right one")}
		}
	}
}

// call calls the sign-in that waits, and returns its last word: that it has heard, goes on, or how it has ended.
func (p *program) call(ctx context.Context, call headless.Call) (last headless.Message, err error) {
	err = headless.Ask(ctx, p.paths.SignInDir(), call, func(m headless.Message) {
		if m.Kind == headless.Heard || m.Kind == headless.Again || m.Kind == headless.Done {
			last = m
			return
		}
		p.hear(m)
	})
	switch {
	case err == nil && last.Kind != headless.Again && last.Kind != headless.Done:
		err = headless.ErrNone // it was killed
	case errors.Is(err, headless.ErrTurn):
		err = statusError{exitLocked, err}
	case errors.Is(err, headless.ErrSilent):
		holder, _ := flock.HeldBy(p.paths.AttemptLock())
		err = ui.WithHint(err, holder.Remedy())
	}
	return last, err
}

// stillWaits returns the error of a command that has not given a code. After Ctrl-C it says that the sign-in goes on.
func (p *program) stillWaits(ctx context.Context, err error) error {
	if !errors.Is(err, signin.ErrCancelled) && ctx.Err() == nil {
		return err
	}
	says := cancelled("Cancelled. The sign-in still waits. To end it: claude-auth login --cancel")
	if ctx.Err() != nil {
		return says
	}
	return interrupted{syscall.SIGINT, says}
}

// noneWaits says that no sign-in waits, and what became of the last one. One that was killed has left the old login to
// be restored.
func (p *program) noneWaits(ctx context.Context, repairer *recovery.Repairer, last headless.Waiting) error {
	repairer.FinishCutOff(ctx)
	err := headless.ErrNone
	if last.Ended != "" && last.IsFor(p.paths.Credentials) {
		err = fmt.Errorf("%w; the last one ended at %s: %s", err, recovery.Clock(last.EndedAt, p.now()), last.Ended)
	}
	return ui.WithHint(err, "run 'claude-auth login --detach' to begin one")
}

// notHeard is the error for a code of which nobody says what became of it.
func (p *program) notHeard(ctx context.Context, repairer *recovery.Repairer) error {
	if last, _ := headless.Find(p.paths.SignInDir()); last.Ended != "" {
		return p.noneWaits(ctx, repairer, last)
	}
	repairer.FinishCutOff(ctx)
	return ui.WithHint(errors.New("the sign-in in the background was killed"),
		"run 'claude-auth status' to see whether it has saved a login")
}

// cancelWaiting ends the sign-in that waits.
func (p *program) cancelWaiting(c *cli.Context, repairer *recovery.Repairer) error {
	if err := p.noneForAnother(); err != nil {
		return err
	}
	last, err := p.call(c.Context, headless.Call{Cancel: true})
	switch {
	case errors.Is(err, headless.ErrNone):
		repairer.FinishCutOff(c.Context)
		p.ui.Text("No sign-in is waiting. Nothing was changed.")
		return nil
	case c.Context.Err() != nil && last.Kind == headless.Heard:
		return cancelled("The sign-in ends soon. See what became of it: claude-auth status")
	case err != nil:
		return err
	case last.Status != exitInterrupted: // it was finished before, or the old login could not be restored
		return p.tellEnd(last)
	}
	p.ui.Text(ui.Sentence(last.Text))
	return nil
}

// maxCode bounds a code, in bytes. One has about 100.
const maxCode = 2048

// readCode reads the code from the terminal, or else from standard input.
func (p *program) readCode(ctx context.Context, onTerminal bool) (code string, err error) {
	if onTerminal {
		code, err = typedCode(ctx)
	} else {
		var data []byte
		data, err = awaitInput(ctx, func() ([]byte, error) { return io.ReadAll(io.LimitReader(p.ui.In, maxCode+1)) })
		code = string(data)
		clear(data)
	}
	if err != nil {
		return "", err
	}
	// A copied code may have been broken at the end of a line.
	code = strings.Join(strings.Fields(code), "")
	odd := func(r rune) bool { return r > unicode.MaxASCII || !unicode.IsPrint(r) }
	switch {
	case code == "":
		err = errors.New("there is no code on standard input; the sign-in still waits")
		return "", statusError{exitSignIn, ui.WithHint(err,
			"run 'claude-auth login --code' in a terminal, or give it the code on standard input")}
	case len(code) > maxCode, strings.ContainsFunc(code, odd):
		err = errors.New("that is not a code: it is too long, or has characters that no code has; the sign-in still waits")
		return "", statusError{exitSignIn, err}
	}
	return code, nil
}

// typedCode reads the code from the controlling terminal.
func typedCode(ctx context.Context) (string, error) {
	fd, err := tty.OpenFD(unix.O_RDWR)
	if err != nil {
		return "", fmt.Errorf("open the terminal: %w", err)
	}
	defer fdio.Close(fd)
	before, err := tty.Get(fd)
	if err != nil {
		return "", fmt.Errorf("read the terminal's settings: %w", err)
	}
	tty.SetNow(fd, tty.Keyed(*before))
	defer tty.SetNow(fd, before)
	_, _ = unix.Write(fd, []byte(vt.PasteOn)) // a terminal that is gone is noticed by the read
	defer func() { _, _ = unix.Write(fd, []byte(vt.PasteOff)) }()
	return signin.ReadCode(ctx, fd, "Code: ")
}

// noBrowser is a program that opens nothing: the person has the link.
func (p *program) noBrowser() string {
	for _, path := range []string{"/bin/true", "/usr/bin/true"} {
		if unix.Access(path, unix.X_OK) == nil {
			return path
		}
	}
	return cmp.Or(p.exe, "true")
}
