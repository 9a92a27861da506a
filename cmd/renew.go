package cmd

import (
	"context"
	"errors"
	"os"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/claude-auth/claude-auth/internal/credentials"
	"github.com/claude-auth/claude-auth/internal/diagnose"
	"github.com/claude-auth/claude-auth/internal/guard"
	"github.com/claude-auth/claude-auth/internal/paths"
	"github.com/claude-auth/claude-auth/internal/recovery"
	"github.com/claude-auth/claude-auth/internal/ui"
)

// renewWithin is how long before the end of the access token --if-due renews. A schedule runs every five minutes, and
// `run` renews at guard.DueWithin, so a schedule comes first.
const renewWithin = 15 * time.Minute

var _ = register("renew", func() command {
	return command{
		group: groupRepair, rank: 60,
		usage: "renew the login where nothing can interrupt it",
		description: "Claude Code renews it in the background. Ctrl-C ends the wait, not the renewal.\n" +
			"If the new login could not be stored, nothing is sent.\n" +
			"Exit status: 0 renewed or not due, 4 a sign-in is needed, 5 it cannot be stored or another credential " +
			"overrides it, 75 locked.",
		flags: []cli.Flag{
			&cli.BoolFlag{Name: "if-due", Usage: "renew only when the access token ends soon"},
			&cli.DurationFlag{Name: "within", Value: renewWithin, Usage: "with --if-due: renew it when it ends within `TIME`"},
			jsonFlag(),
		},
		run: withRepairer((*program).renew), acts: true, badSettings: tellBadSetting,
		examples: "claude-auth renew   # renew the login now\n" +
			"claude-auth renew --if-due --within 1h   # only when the access token ends within an hour",
	}
})

func (p *program) renew(c *cli.Context, repairer *recovery.Repairer) error {
	if c.IsSet("within") && !c.Bool("if-due") {
		return wrongUsage(c, "--within needs --if-due")
	}
	client, err := repairer.Client()
	if err != nil {
		return clientMissing(err)
	}
	result, err := p.renewal(c, repairer, client)
	if err != nil {
		return err
	}
	if result.Outcome == guard.Rejected && p.env.Get(paths.EnvSchedule) != "" { // nobody reads what it prints
		repairer.Desktop = p.desktop()
		repairer.TellKnown(c.Context, diagnose.Launch{})
	}
	if c.Bool("json") {
		if err := p.renewalJSON(result); err != nil {
			return err
		}
		return statusError{status: exitOfRenewal(result.Outcome)}
	}
	if err := result.Err(); err != nil {
		return err
	}
	p.tellRenewed(result)
	return nil
}

// renewal returns how the renewal that the person asks for has ended.
func (p *program) renewal(c *cli.Context, repairer *recovery.Repairer, client string) (guard.Result, error) {
	repairer.Guard(client).Rescue(c.Context, nil)
	repairer.FinishCutOff(c.Context)
	snapshot, err := repairer.Store.Read(c.Context)
	if err != nil {
		return guard.Result{}, err
	}
	standing, state := repairer.Standing(snapshot)
	repairer.NotifyExpiring(c.Context, snapshot)
	login, ifDue := snapshot.Login(), c.Bool("if-due")
	switch {
	case state == credentials.Console: // a key has no end
		return guard.Result{Outcome: guard.NotDue}, nil
	case p.waitingSignIn() != nil:
		says, hint := recovery.Waits(*p.waitingSignIn(), p.paths.Credentials, p.now())
		return guard.Result{Outcome: guard.Rejected, Cause: says, Hint: hint}, nil
	case !guard.Renewable(login, p.now()), standing.Rejected && ifDue:
		return signInFirst(state, login, p.now()), nil
	case ifDue && !guard.Due(login, p.now(), c.Duration("within")):
		return guard.Result{Outcome: guard.NotDue, ExpiresAt: login.ExpiresAt}, nil
	}
	if shadow := (diagnose.Launch{Dir: p.workingDir()}).Shadow(p.env, p.paths); shadow != nil {
		return guard.OverriddenBy(shadow), nil
	}
	if p.trouble.Cause != "" { // tellState has said why
		return guard.Result{}, errors.New("the login was not renewed: that needs the state directory")
	}
	by := guard.ByRenew
	if p.env.Get(paths.EnvSchedule) != "" {
		by = guard.BySchedule
	}
	result, err := repairer.Guard(client).Renew(c.Context, guard.Request{
		By: by, Within: c.Duration("within"), Always: !ifDue,
	})
	if c.Context.Err() != nil {
		return result, cancelled("Cancelled. The renewal goes on in the background.")
	}
	return result, err
}

// signInFirst is the result for a login that no renewal helps.
func signInFirst(state credentials.State, login *credentials.Login, now time.Time) guard.Result {
	cause := state.Sentence(login, now)
	if state.Usable() {
		cause = "the saved login cannot be renewed"
	}
	return guard.Result{Outcome: guard.Rejected, Cause: cause, Hint: "run 'claude-auth recover' to sign in again"}
}

func (p *program) tellRenewed(result guard.Result) {
	until := ""
	if !result.ExpiresAt.IsZero() {
		until = ": the access token works until " + result.ExpiresAt.Local().Format("15:04")
	}
	p.ui.Textf("%s%s", pick(result.Outcome == guard.Renewed, "Renewed", "Not due yet"), until)
}

func (p *program) renewalJSON(result guard.Result) error {
	return p.ui.JSON(struct {
		Schema    int           `json:"schema"`
		Outcome   guard.Outcome `json:"outcome"`
		Cause     string        `json:"cause,omitempty"`
		Hint      string        `json:"hint,omitempty"`
		ExpiresAt time.Time     `json:"expires_at,omitzero"`
	}{1, result.Outcome, result.Cause, result.Hint, result.ExpiresAt.UTC()})
}

// exitOfRenewal is the exit status for how a renewal ended.
func exitOfRenewal(outcome guard.Outcome) int {
	switch outcome {
	case guard.Renewed, guard.NotDue:
		return exitOK
	case guard.Rejected:
		return exitSignIn
	case guard.NotStorable, guard.Overridden:
		return exitNoHelp
	case guard.Locked:
		return exitLocked
	}
	return exitFailed
}

// clientMissing is the error for a client that is not there.
func clientMissing(err error) error {
	return ui.WithHint(err, "install Claude Code, or name the client in "+paths.EnvClient)
}

var _ = register(guard.Command, func() command {
	return command{plumbing: true, maxArgs: anyNumber, run: withRepairer((*program).keeper), readsOnly: true}
})

// keeper is the process that makes a renewal (package guard). No signal may end it, so it starts without a context
// that signals end, and the guard catches them.
func (p *program) keeper(c *cli.Context, repairer *recovery.Repairer) error {
	q, err := guard.ParseRequest(c.Args().Slice())
	if err != nil {
		return usageErrorf("this command is for claude-auth itself", "%s: %w", guard.Command, err)
	}
	client, err := repairer.Client()
	if err != nil {
		return err
	}
	return repairer.Guard(client).ServeKeeper(context.WithoutCancel(c.Context), q, os.Stdout)
}
