package cmd

import (
	"context"
	"slices"

	"github.com/urfave/cli/v2"

	"github.com/claude-auth/claude-auth/internal/credentials"
	"github.com/claude-auth/claude-auth/internal/diagnose"
	"github.com/claude-auth/claude-auth/internal/recovery"
)

// timeoutFlag bounds a sign-in.
func timeoutFlag() cli.Flag {
	return &cli.DurationFlag{
		Name:  "timeout",
		Usage: "give up a sign-in after `TIME`, and restore the old login (default: the setting timeout, or 5m)",
	}
}

var _ = register("login", func() command {
	return command{
		group: groupRepair, rank: 50,
		usage:     "sign in again, and check that the new login was saved",
		argsUsage: "[-- ARGUMENTS]",
		description: "Claude Code makes the sign-in: it opens your browser. Arguments after -- go to 'claude auth login'. " +
			"If no new login was saved, the old one is restored, and you are told why.\n\n" +
			"It needs a terminal, or a browser that it can open. " +
			"Where there is neither, nothing is changed, and the exit status is 4.\n\n" +
			"With --detach you sign in in two steps: it prints a link and ends, and the sign-in waits in the background. " +
			"Open the link on any machine, and give the code to 'claude-auth login --code'. " +
			"If no code comes in time, the old login is restored.",
		examples: "claude-auth login   # sign in with your browser\n" +
			"claude-auth login -- --console   # sign in with an Anthropic Console account\n" +
			"claude-auth login --detach   # print a link, and wait for the code in the background\n" +
			"claude-auth login --code   # type the code\n" +
			"claude-auth login --code < code.txt   # read it from a file\n" +
			"claude-auth login --cancel   # end the sign-in that waits, and keep the old login\n",
		flags: slices.Concat([]cli.Flag{
			&cli.BoolFlag{Name: "detach", Usage: "print the link, and wait for the code in the background"},
			&cli.BoolFlag{Name: "code", Usage: "finish the sign-in that waits: " +
				"read the code from the terminal or standard input"},
			&cli.BoolFlag{Name: "cancel", Usage: "end the sign-in that waits, and restore the old login"},
		}, linkFlags(), []cli.Flag{timeoutFlag()}),
		run: withRepairer((*program).login), acts: true,
		maxArgs: anyNumber, passesArgs: true, onlyPasses: true,
	}
})

func (p *program) login(c *cli.Context, repairer *recovery.Repairer) error {
	if err := checkSteps(c); err != nil {
		return err
	}
	switch {
	case c.Bool("code"):
		return p.giveCode(c, repairer)
	case c.Bool("cancel"):
		return p.cancelWaiting(c, repairer)
	}
	detached := c.Bool("detach")
	if detached {
		if err := repairer.CanDetach(); err != nil {
			return err
		}
	} else if err := repairer.CanLogin(); err != nil {
		return err
	}
	if shadow := repairer.Shadow(diagnose.Launch{Dir: repairer.Dir}); shadow != nil {
		p.ui.Notef("%s overrides the saved login: Claude Code will not use the new one either", shadow)
		p.ui.Hintf("%s", shadow.Remedy())
	}
	if detached {
		return p.detach(c, repairer, signInLogin, c.Args().Slice())
	}
	if err := repairer.Login(c.Context, c.Args().Slice()); err != nil {
		return err
	}
	p.tellSignedIn(c.Context)
	return nil
}

func (p *program) tellSignedIn(ctx context.Context) { p.ui.Text(p.signedIn(ctx)) }

// signedIn says what a sign-in has saved.
func (p *program) signedIn(ctx context.Context) string {
	if s := p.snapshot(ctx); !s.Console.IsZero() {
		return "Signed in with your Console account. Its API key is saved in " + s.ConsolePlace(p.paths.GlobalConfig)
	}
	return "Signed in. The new login is saved in " + credentials.PlaceOf(p.store())
}
