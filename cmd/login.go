package cmd

import (
	"context"

	"github.com/urfave/cli/v2"

	"github.com/claude-auth/claude-auth/internal/credentials"
	"github.com/claude-auth/claude-auth/internal/recovery"
)

// timeoutFlag bounds a sign-in.
func timeoutFlag() cli.Flag {
	return &cli.DurationFlag{
		Name: "timeout", Value: recovery.DefaultTimeout,
		Usage: "give a sign-in up after `TIME`, and put the old login back",
	}
}

var _ = register("login", func() command {
	return command{
		group: groupLogin, rank: 50,
		usage:     "sign in again from scratch, and check that the new login was saved",
		argsUsage: "[-- CLIENT ARGS]",
		description: "What follows -- goes to 'claude auth login', for example --console or --email.\n" +
			"When no new tokens were stored, the old login is put back and the cause is named.",
		flags:   []cli.Flag{timeoutFlag()},
		run:     withRepairer((*program).login),
		maxArgs: anyNumber, passesArgs: true,
	}
})

func (p *program) login(c *cli.Context, repairer *recovery.Repairer) error {
	if err := repairer.Login(c.Context, c.Args().Slice()); err != nil {
		return err
	}
	p.tellSignedIn(c.Context)
	return nil
}

func (p *program) tellSignedIn(ctx context.Context) {
	if !p.snapshot(ctx).Console.IsZero() {
		p.ui.Printf("signed in with your Console account: its API key is stored in %s\n",
			p.displayPath(p.paths.GlobalConfig))
		return
	}
	p.ui.Printf("signed in: new tokens are stored in %s\n", p.displayPath(credentials.PlaceOf(p.store())))
}
