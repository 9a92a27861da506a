package cmd

import (
	"errors"
	"fmt"
	"io"

	"github.com/urfave/cli/v2"

	"github.com/claude-auth/claude-auth/internal/ui"
	"github.com/claude-auth/claude-auth/shell"
)

// hookFlags say what the hook is to do.
func hookFlags() []cli.Flag {
	return []cli.Flag{
		&cli.StringFlag{Name: "cmd", Value: shell.DefaultCmd, Usage: "define the function under the name `NAME`"},
		&cli.BoolFlag{Name: "no-cmd", Usage: "define no function"},
		&cli.BoolFlag{Name: "no-prompt", Usage: "leave CLAUDE_AUTH_PROMPT alone"},
	}
}

var _ = register(command{
	name: "init", group: groupShell, rank: 10, build: (*program).initCommand,
	readsOnly: true, needsNoHome: true, complete: completeShell,
})

func (p *program) initCommand() *cli.Command {
	return &cli.Command{
		Usage:     "print the shell hook",
		ArgsUsage: "bash|zsh|fish",
		Description: "For the shell's startup file ('claude-auth install' puts it there):\n" +
			"  bash   eval \"$(claude-auth init bash)\"\n" +
			"  zsh    eval \"$(claude-auth init zsh)\"\n" +
			"  fish   claude-auth init fish | source",
		Flags:  hookFlags(),
		Action: p.init,
	}
}

func (p *program) init(c *cli.Context) error {
	args, err := arguments(c, 1, 1)
	if err != nil {
		return err
	}
	sh, err := shell.ByName(args[0])
	if err != nil {
		return ui.WithHint(usageError{fmt.Errorf("init: %s: %w", args[0], err)}, "run 'claude-auth init --help'")
	}
	hook, err := sh.Render(shell.Options{Exe: p.exe, Cmd: c.String("cmd"), NoCmd: c.Bool("no-cmd"), NoPrompt: c.Bool("no-prompt")})
	var name *shell.NameError
	if errors.As(err, &name) {
		return usageError{err}
	}
	if err != nil {
		return err
	}
	_, err = io.WriteString(p.ui.Out, hook) // a script for the shell, which must arrive as it is
	return err
}
