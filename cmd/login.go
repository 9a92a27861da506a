package cmd

import (
	"context"

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
			"Where there is neither, nothing is changed, and the exit status is 4.",
		examples: "claude-auth login   # sign in with your browser\n" +
			"claude-auth login -- --console   # sign in with an Anthropic Console account\n",
		flags: []cli.Flag{timeoutFlag()},
		run:   withRepairer((*program).login), acts: true,
		maxArgs: anyNumber, passesArgs: true, onlyPasses: true,
	}
})

func (p *program) login(c *cli.Context, repairer *recovery.Repairer) error {
	if err := repairer.CanLogin(); err != nil {
		return err
	}
	if shadow := repairer.Shadow(diagnose.Launch{Dir: repairer.Dir}); shadow != nil {
		p.ui.Notef("%s overrides the saved login: Claude Code will not use the new one either", shadow)
		p.ui.Hintf("%s", shadow.Remedy())
	}
	if err := repairer.Login(c.Context, c.Args().Slice()); err != nil {
		return err
	}
	p.tellSignedIn(c.Context)
	return nil
}

func (p *program) tellSignedIn(ctx context.Context) {
	if s := p.snapshot(ctx); !s.Console.IsZero() {
		p.ui.Textf("Signed in with your Console account. Its API key is saved in %s", s.ConsolePlace(p.paths.GlobalConfig))
		return
	}
	p.ui.Textf("Signed in. The new login is saved in %s", credentials.PlaceOf(p.store()))
}
