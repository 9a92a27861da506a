package cmd

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"sync"
	"syscall"
	"time"

	"github.com/urfave/cli/v2"
	"golang.org/x/sys/unix"

	"github.com/claude-auth/claude-auth/internal/diagnose"
	"github.com/claude-auth/claude-auth/internal/fdio"
	"github.com/claude-auth/claude-auth/internal/headless"
	"github.com/claude-auth/claude-auth/internal/recovery"
	"github.com/claude-auth/claude-auth/internal/runner"
	"github.com/claude-auth/claude-auth/internal/signin"
	"github.com/claude-auth/claude-auth/internal/ui"
)

// This file is the process in the background of a sign-in in two steps. It makes the same sign-in as `login` and
// `recover`, with the people who call it as its terminal.

// signInCommand is the subcommand that is that process. Its arguments: what to do, how long a sign-in may take, the
// link file ("" for none), and those for the client.
const signInCommand = "__sign-in"

// What it can do.
const (
	signInLogin   = "login"
	signInRecover = "recover"
)

var _ = register(signInCommand, func() command {
	return command{plumbing: true, minArgs: 3, maxArgs: anyNumber, run: withRepairer((*program).signInKeeper)}
})

// signInKeeper makes the sign-in. SIGTERM ends it, and the old login is back.
func (p *program) signInKeeper(c *cli.Context, repairer *recovery.Repairer) error {
	fdio.CloseInherited()
	closed := make(chan os.Signal, 1) // nobody reads it: a write to a caller that has gone fails instead
	signal.Notify(closed, syscall.SIGPIPE)
	defer signal.Stop(closed)
	kind, args := c.Args().First(), c.Args().Slice()[3:]
	limit, err := time.ParseDuration(c.Args().Get(1))
	if err != nil || kind != signInLogin && kind != signInRecover {
		return usageErrorf("this command is for claude-auth itself", "%s: %q %q", signInCommand, kind, c.Args().Get(1))
	}
	server, err := headless.Serve(p.paths.SignInDir(), os.Stdout)
	if err != nil {
		return beforeService(err)
	}
	_ = server.Announce(headless.Waiting{File: p.paths.Credentials}) // the link follows, and then an error counts
	ctx, cancel := context.WithCancelCause(c.Context)
	defer cancel(nil)
	k := &keeper{p: p, server: server, repairer: repairer, cancel: cancel, linkFile: c.Args().Get(2), keys: -1}
	calls := make(chan struct{})
	go func() { // ends with ctx
		defer close(calls)
		if err := server.Listen(ctx, k.call); err != nil {
			cancel(err)
		}
	}()
	repairer.Terminal, repairer.Detached, repairer.Timeout = k, true, limit
	repairer.LinkFollows, repairer.Browser = kind == signInRecover, p.noBrowser()
	var text, hint string
	if kind == signInLogin {
		if err = repairer.Login(ctx, args); err == nil {
			text = p.signedIn(context.WithoutCancel(ctx))
		}
	} else {
		text, hint, err = k.recover(ctx)
	}
	cancel(nil)
	<-calls
	if k.written != "" {
		removeLinkFile(k.linkFile, k.written)
	}
	server.Close(lastMessage(text, hint, err), p.now())
	k.told.Wait()
	return nil
}

// beforeService tells the process that has started this one why no sign-in has begun.
func beforeService(err error) error {
	last := headless.Message{Kind: headless.Busy}
	if !errors.Is(err, headless.ErrBusy) {
		started := fmt.Errorf("the sign-in was not started: %w", err)
		if errors.Is(err, headless.ErrShared) {
			started = ui.WithHint(started, "set XDG_STATE_HOME to a directory of your own, on a file system with permissions")
		}
		last = lastMessage("", "", started)
	}
	return headless.Write(os.Stdout, last)
}

// lastMessage says how the sign-in has ended.
func lastMessage(text, hint string, err error) headless.Message {
	if err != nil {
		text, hint = err.Error(), ui.HintOf(err)
	}
	return headless.Message{Kind: headless.Done, Text: text, Hint: hint, Status: exitStatus(err)}
}

// keeper is the terminal of a sign-in in the background, for recovery.
type keeper struct {
	p        *program
	server   *headless.Server
	repairer *recovery.Repairer
	cancel   context.CancelCauseFunc
	linkFile string
	told     sync.WaitGroup // of the user's hook

	mu      sync.Mutex
	keys    int // what is written here is typed for the client; -1 while that does not run
	until   time.Time
	link    string // of the client that runs
	first   string // the first link
	written string // the last link that is in the link file
	seen    int    // of what the client that runs has said, in lines
	given   bool   // it has got a code
	asked   bool   // somebody waits for what becomes of the code
	since   time.Time
}

// recover is `recover` without a question.
func (k *keeper) recover(ctx context.Context) (text, hint string, err error) {
	failure, err := k.repairer.LastFailure(ctx)
	if err != nil {
		k.Notef("%v", err) // without the transcripts, the credentials file may show what is wrong
	}
	failure.Auto, failure.Since, failure.ByPerson = true, k.p.now(), true
	out, err := k.repairer.Recover(ctx, failure)
	if k.first == "" { // no link has come
		k.repairer.TellRejected(context.WithoutCancel(ctx))
	}
	if err != nil {
		return "", "", err
	}
	text, hint = k.p.recovered(context.WithoutCancel(ctx), out)
	return text, hint, nil
}

// CanAsk implements recovery.Terminal: nobody answers a question here.
func (k *keeper) CanAsk() bool { return false }

// Ask implements recovery.Terminal.
func (k *keeper) Ask(context.Context, ui.Question) (bool, error) { return false, nil }

// Choose implements recovery.Terminal.
func (k *keeper) Choose(context.Context, ui.Question) (ui.Answer, error) { return ui.No, nil }

// Notef implements recovery.Terminal.
func (k *keeper) Notef(format string, args ...any) {
	k.server.Tell(headless.Message{Kind: headless.Note, Text: fmt.Sprintf(format, args...)})
}

// SignIn implements recovery.Terminal. A client that has got a code which is whole and wrong ends. The sign-in goes on
// with another one then, and with its link.
func (k *keeper) SignIn(ctx context.Context, request signin.Request) (runner.Status, error) {
	for {
		result, err := k.run(ctx, request)
		switch {
		case errors.Is(err, signin.ErrNeedsTerminal):
			err = errors.New("the sign-in was not completed: Claude Code wants more than a code")
			return result.Status, ui.WithHint(err, "run 'claude-auth login' in a terminal")
		case err != nil, result.Status.Success(), ctx.Err() != nil:
			return result.Status, err
		case !k.given, diagnose.FindObstacle(k.p.paths).Cause != "": // another code would not help
			return result.Status, nil
		}
	}
}

// run runs the client once.
func (k *keeper) run(ctx context.Context, request signin.Request) (signin.Result, error) {
	r, w, err := fdio.Pipe()
	if err != nil {
		return signin.Result{}, err
	}
	defer fdio.Close(r)
	wake, err := fdio.NewWake()
	if err != nil {
		fdio.Close(w)
		return signin.Result{}, err
	}
	defer wake.Close()
	k.mu.Lock()
	k.keys, k.link, k.seen, k.given = w, "", 0, false
	k.until, _ = ctx.Deadline()
	k.mu.Unlock()
	defer func() {
		k.mu.Lock()
		defer k.mu.Unlock()
		fdio.Close(k.keys)
		k.keys = -1
	}()
	return signin.Run(ctx, request, signin.Screen{
		In: r, Out: -1, Wake: wake, Redraw: func() bool { return false }, Follow: k.follow,
	})
}

// unclearTime is how long the client may be silent after words about a code that are not known. Then it seems to wait
// for another one.
const unclearTime = 10 * time.Second

// follow passes on what there is to see.
func (k *keeper) follow(now signin.Progress) {
	k.mu.Lock()
	defer k.mu.Unlock()
	said := now.Said[k.seen:]
	k.seen = len(now.Said)
	for _, line := range said {
		k.server.Tell(headless.Message{Kind: headless.Said, Text: line})
	}
	if now.Link != "" && k.link == "" {
		k.link = now.Link
		k.announce()
	}
	if len(said) > 0 {
		k.since = time.Now()
	}
	unclear := k.asked && !now.Checking && !k.since.IsZero() && time.Since(k.since) > unclearTime
	if k.asked && signin.WantsAgain(said) || unclear {
		k.again()
	}
}

// announce tells everybody of the link.
func (k *keeper) announce() {
	err := k.server.Announce(headless.Waiting{
		Link: k.link, Until: k.until, File: k.p.paths.Credentials, LinkFile: k.linkFile,
	})
	if err == nil && k.linkFile != "" {
		if err = writeLink(k.linkFile, k.link); err == nil {
			k.written = k.link
		}
	}
	if err != nil { // nobody could give the code, or nobody would see the link
		k.cancel(err)
		return
	}
	if k.first != "" {
		k.again()
		return
	}
	k.first = k.link
	k.server.Tell(headless.Message{Kind: headless.Link, Link: k.link, Until: k.until})
	k.server.HangUp()
	if k.repairer.LinkFollows {
		link := k.link
		k.told.Add(1)
		go func() { // ends with the user's hook
			defer k.told.Done()
			k.repairer.TellLink(context.Background(), link)
		}()
	}
}

// again says that the sign-in goes on after a wrong code.
func (k *keeper) again() {
	k.asked, k.since = false, time.Time{}
	k.server.Tell(headless.Message{Kind: headless.Again, Link: k.link, Until: k.until})
	k.server.HangUp()
}

// call does what a caller asks for.
func (k *keeper) call(c headless.Call) {
	k.mu.Lock()
	defer k.mu.Unlock()
	switch {
	case c.Cancel:
		k.cancel(signin.ErrCancelled)
	case k.keys < 0 || k.link == "":
		k.Notef("Claude Code does not take a code yet: try again in a moment")
		k.again()
	default:
		k.given, k.asked, k.since = true, true, time.Time{}
		text := signin.Typed(c.Code)
		_, _ = unix.Write(k.keys, text) // less than a pipe holds
		clear(text)
	}
}
