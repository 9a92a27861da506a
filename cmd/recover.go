package cmd

import (
	"github.com/urfave/cli/v2"

	"github.com/claude-auth/claude-auth/internal/detect"
	"github.com/claude-auth/claude-auth/internal/diagnose"
	"github.com/claude-auth/claude-auth/internal/ui"
)

var _ = register(command{name: "recover", group: groupLogin, rank: 40, build: (*program).recoverCommand})

func (p *program) recoverCommand() *cli.Command {
	return &cli.Command{
		Usage: "find out what is wrong with the login, and do what helps",
		Description: "Nothing is touched where a sign-in cannot help. However many ask at once, a dead login gets one sign-in.\n" +
			"Exit status 0 when the login works, 4 when a sign-in is still needed, 5 when none can help.",
		Flags: []cli.Flag{
			&cli.BoolFlag{Name: "yes", Aliases: []string{"y"}, Usage: "do not ask"},
			timeoutFlag(),
		},
		Action: p.recover,
	}
}

func (p *program) recover(c *cli.Context) error {
	if _, err := arguments(c, 0, 0); err != nil {
		return err
	}
	tool, err := p.tool(c)
	if err != nil {
		return err
	}
	rules, err := detect.LoadRules(p.paths.Rules())
	if err != nil {
		p.ui.Fail(err) // the rules that are good are in force
	}
	failure, err := tool.LastFailure(c.Context, rules)
	if err != nil {
		p.ui.Fail(err) // what the transcripts cannot tell, the file may
	}
	failure.Auto, failure.Since = c.Bool("yes") || p.mode() == modeAuto, p.now()
	out, err := tool.Recover(c.Context, failure)
	if err != nil {
		return err
	}
	if out.Verdict.Action == diagnose.Nothing {
		p.ui.Printf("%s\n", out.Verdict.Message)
		if out.Verdict.Hint != "" {
			p.ui.Hintf("%s", out.Verdict.Hint)
		}
		return nil
	}
	if out.Verdict.Action == diagnose.GoOn {
		p.ui.Printf("%s\n", out.Verdict.Message)
		return nil
	}
	p.ui.Printf("%s\n", ui.Clean("signed in: new tokens are stored in "+p.displayPath(p.paths.Credentials)))
	return nil
}
