package cmd

import (
	"io"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/claude-auth/claude-auth/hooks"
	"github.com/claude-auth/claude-auth/shell"
)

var _ = register(command{
	name: "completion", group: groupShell, rank: 40, build: (*program).completionCommand,
	readsOnly: true, needsNoHome: true, complete: completeShell,
})

func (p *program) completionCommand() *cli.Command {
	return &cli.Command{
		Usage:     "print the completion script of a shell",
		ArgsUsage: strings.Join(shell.Names(), "|"),
		Description: "For the shell's startup file, or its directory of completions:" +
			forEachShell(func(s *shell.Shell) string { return s.Completion }),
		Action: p.completion,
	}
}

func (p *program) completion(c *cli.Context) error {
	args, err := arguments(c, 1, 1)
	if err != nil {
		return err
	}
	sh, err := shellNamed(c, args[0])
	if err != nil {
		return err
	}
	script, err := hooks.Completion(sh, p.exe)
	if err != nil {
		return err
	}
	_, err = io.WriteString(p.ui.Out, script) // a script for the shell, which must arrive as it is
	return err
}
