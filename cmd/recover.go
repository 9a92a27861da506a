package cmd

import (
	"context"
	"errors"
	"slices"

	"github.com/urfave/cli/v2"

	"github.com/claude-auth/claude-auth/internal/diagnose"
	"github.com/claude-auth/claude-auth/internal/paths"
	"github.com/claude-auth/claude-auth/internal/recovery"
)

var _ = register("recover", func() command {
	return command{
		group: groupRepair, rank: 40,
		usage: "find out what is wrong with the login, and fix it",
		description: "It asks before it signs in, and removes only the rejected login. " +
			"Where a sign-in would not help, it says what does, and changes nothing.\n" +
			"When several processes ask at once, you sign in once.\n" +
			"With --detach it does not ask, and you sign in in two steps: see 'claude-auth login --help'.\n" +
			"Exit status 0 when the login works, 4 when a sign-in is still needed, 5 when a sign-in would not help.",
		flags: slices.Concat([]cli.Flag{
			yesFlag(),
			dryRunFlag(),
			&cli.BoolFlag{Name: "json", Usage: "with --dry-run: print JSON"},
			&cli.BoolFlag{Name: "detach", Usage: "if a sign-in helps, print the link, and wait for the code in the background"},
		}, linkFlags(), []cli.Flag{timeoutFlag()}),
		run: withRepairer((*program).recover), acts: true,
		examples: "claude-auth recover   # find out what is wrong, and sign in again if that helps\n" +
			"claude-auth recover --dry-run   # only say what is wrong and what would be done\n" +
			"claude-auth recover --yes   # do not ask\n" +
			"claude-auth recover --detach   # if a sign-in helps, print the link for it",
	}
})

func (p *program) recover(c *cli.Context, repairer *recovery.Repairer) error {
	if c.Bool("json") && !c.Bool("dry-run") {
		return wrongUsage(c, "--json goes with --dry-run")
	}
	if err := checkSteps(c); err != nil {
		return err
	}
	repairer.Detached = c.Bool("detach") // for the plan
	p.rules()                            // says what is wrong with the user's own
	failure, err := repairer.LastFailure(c.Context)
	if err != nil {
		p.ui.Fail(err) // without the transcripts, the credentials file may show what is wrong
	}
	failure.Auto, failure.Since = c.Bool("yes") || p.mode() == modeAuto, p.now()
	failure.ByPerson = true
	if c.Bool("dry-run") {
		return p.plan(c, repairer, failure)
	}
	if repairer.Detached {
		if again, err := p.tellWaiting(c); again || err != nil {
			return err
		}
		switch plan, err := repairer.Plan(c.Context, failure); {
		case plan.SignsIn: // the error is that a sign-in is needed
			return p.detach(c, repairer, signInRecover, nil)
		case errors.Is(err, paths.ErrClientNotFound), errors.Is(err, paths.ErrLoop):
			return clientMissing(err)
		}
		repairer.Detached = false // this process makes no sign-in
	}
	out, err := repairer.Recover(c.Context, failure)
	switch {
	case errors.Is(err, recovery.ErrDeclined): // the question has said what that means
		return statusError{status: exitSignIn}
	case err != nil:
		return err
	}
	text, hint := p.recovered(c.Context, out)
	p.ui.Text(text)
	if hint != "" {
		p.ui.Hintf("%s", hint)
	}
	return nil
}

// recovered says what a recovery has come to.
func (p *program) recovered(ctx context.Context, out recovery.Outcome) (text, hint string) {
	switch verdict := out.Verdict; verdict.Action {
	case diagnose.Nothing:
		return verdict.Message, verdict.Hint
	case diagnose.GoOn:
		return verdict.Message, ""
	}
	return p.signedIn(ctx), ""
}
