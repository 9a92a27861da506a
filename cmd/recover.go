package cmd

import (
	"github.com/urfave/cli/v2"

	"github.com/claude-auth/claude-auth/internal/diagnose"
	"github.com/claude-auth/claude-auth/internal/recovery"
)

var _ = register("recover", func() command {
	return command{
		group: groupLogin, rank: 40,
		usage: "find out what is wrong with the login, and fix it",
		description: "Nothing is touched where a sign-in cannot help. " +
			"However many ask at once, a dead login gets one sign-in.\n" +
			"Exit status 0 when the login works, 4 when a sign-in is still needed, 5 when none can help.\n" +
			"With --dry-run it prints the verdict and what would be done, and changes nothing.",
		flags: []cli.Flag{
			yesFlag(),
			dryRunFlag(),
			&cli.BoolFlag{Name: "json", Usage: "with --dry-run: print JSON"},
			timeoutFlag(),
		},
		run: withRepairer((*program).recover), acts: true,
	}
})

func (p *program) recover(c *cli.Context, repairer *recovery.Repairer) error {
	if c.Bool("json") && !c.Bool("dry-run") {
		return wrongUsage(c, "--json goes with --dry-run")
	}
	p.rules() // says what is wrong with the user's own
	failure, err := repairer.LastFailure(c.Context)
	if err != nil {
		p.ui.Fail(err) // without the transcripts, the credentials file may show what is wrong
	}
	failure.Auto, failure.Since = c.Bool("yes") || p.mode() == modeAuto, p.now()
	if c.Bool("dry-run") {
		return p.plan(c, repairer, failure)
	}
	out, err := repairer.Recover(c.Context, failure)
	if err != nil {
		return err
	}
	switch verdict := out.Verdict; verdict.Action {
	case diagnose.Nothing, diagnose.GoOn:
		p.ui.Printf("%s\n", verdict.Message)
		if verdict.Action == diagnose.Nothing && verdict.Hint != "" {
			p.ui.Hintf("%s", verdict.Hint)
		}
	default:
		p.tellSignedIn(c.Context)
	}
	return nil
}
