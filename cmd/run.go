package cmd

import (
	"errors"
	"fmt"
	"os"

	"github.com/urfave/cli/v2"

	"github.com/claude-auth/claude-auth/internal/claude"
	"github.com/claude-auth/claude-auth/internal/fdio"
	"github.com/claude-auth/claude-auth/internal/guard"
	"github.com/claude-auth/claude-auth/internal/paths"
	"github.com/claude-auth/claude-auth/internal/runner"
	"github.com/claude-auth/claude-auth/internal/tty"
	"github.com/claude-auth/claude-auth/internal/watch"
)

var _ = register("run", func() command {
	return command{
		group: groupShell, rank: 100,
		usage:     "run Claude Code, and repair the login when it is rejected: the shell hook calls it",
		argsUsage: "-- CLIENT ARGS",
		description: "When Anthropic rejects the login, it says why, asks you, and signs in again. " +
			"A -p command is then repeated.\n" +
			"A login that is known to be rejected is repaired before Claude Code starts.\n" +
			"The exit status is that of Claude Code.\n" +
			"Editors and programs of the Agent SDK start a link to this program instead, which is named " +
			paths.Wrapper + ": see 'claude-auth help editors'.",
		flags: []cli.Flag{
			modeFlag(),
			&cli.StringFlag{Name: "client", Usage: "run the Claude Code at `PATH`", TakesFile: true},
			&cli.DurationFlag{Name: "wait", Usage: "when " +
				"the login of a -p command was rejected and there is no terminal to ask on, " +
				"wait `TIME` (10m, 1h) for a sign-in in another terminal"},
			&cli.BoolFlag{Name: "detach", Usage: "with --wait: begin the sign-in in the background, and tell the hook " +
				"on-rejected its link ('claude-auth login --code' takes the code)"},
			timeoutFlag(),
		},
		run: (*program).runClient, badSettings: tellBadSetting,
		maxArgs: anyNumber, passesArgs: true, needsNoHome: true,
		examples: "claude-auth run -- -p \"summarise this log\" < build.log   # run claude, and repair a rejected login\n" +
			"claude-auth run --mode auto -- -p hi   # sign in without asking first",
	}
})

func (p *program) runClient(c *cli.Context) error {
	mode := p.chosenMode(c)
	if c.Bool("detach") && c.Duration("wait") == 0 {
		return wrongUsage(c, "--detach needs --wait")
	}
	if client := c.String("client"); client != "" {
		p.env = p.env.With(paths.EnvClient, client)
	}
	client, err := paths.FindClient(p.env)
	if err != nil {
		return clientMissing(err)
	}
	invocation := watch.Parse(c.Args().Slice(), tty.IsTerminal(os.Stdout))
	p.debug.Sawf("the client %s, a command line of the kind %s", client, invocation.Kind)
	if reason := p.whyUnwatched(mode, invocation); reason != "" {
		p.debug.Decidedf("starting the client without watching it: %s", reason)
		return p.replace(client, invocation)
	}
	repairer := p.repairer(c)
	repairer.Quiet, repairer.Desktop = true, p.desktop()
	repairer.NoteLink()
	if invocation.Converses() {
		repairer.Terminal = nobody{p.ui}
	}
	w := watch.Watch{
		Repairer: repairer, Rules: p.rules(), Invocation: invocation, Client: client,
		Auto: mode == modeAuto, Unguarded: !p.config.Guarded(), Wait: c.Duration("wait"),
		Fail: p.fail, Say: p.ui.Say, Draw: p.ui.Panel,
	}
	if c.Bool("detach") {
		w.Detach = func() (told bool, err error) { return p.detachJob(c) }
	}
	status, err := w.Run(c.Context)
	switch {
	case errors.As(err, new(*guard.ResultError)), errors.As(err, new(*fdio.OutputError)): // about the client itself
		return err
	case err != nil:
		return fmt.Errorf("run %s: %w", client, err)
	}
	return statusError{status: runner.ExitLike(status)}
}

// whyUnwatched says why the client is not watched; "" when it is.
func (p *program) whyUnwatched(mode string, invocation watch.Invocation) string {
	switch {
	case mode == modeOff:
		return "the mode is off"
	case !invocation.Renews():
		return "this command line never uses the saved login"
	case p.watchedFromOutside():
		return "another run watches it"
	case p.paths.Credentials == "": // the client has other ways to find one
		return "there is no home directory"
	}
	return ""
}

// watchedFromOutside reports whether another run already watches this client, because the user's own `claude` is a
// script that calls this program. In the client's shell tool that run watches another client.
func (p *program) watchedFromOutside() bool {
	return p.env.Get(paths.EnvInside) != "" && p.env.Get(claude.EnvInside) == ""
}

// replace replaces this process by the client.
func (p *program) replace(client string, invocation watch.Invocation) error {
	command := runner.Command{Path: client, Args: invocation.Args, Env: p.env.Inside(client).Environ()}
	return fmt.Errorf("run %s: %w", client, runner.Exec(command))
}
