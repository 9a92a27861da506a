package cmd

import (
	"io"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/claude-auth/claude-auth/hooks"
	"github.com/claude-auth/claude-auth/shell"
)

var _ = register("completion", func() command {
	return command{
		group: groupShell, rank: 40,
		usage:     "print the completion script of a shell",
		argsUsage: strings.Join(shell.Names(), "|"),
		description: "For the shell's startup file, or its directory of completions:" +
			forEachShell(func(s *shell.Shell) string { return s.Completion }),
		run:     (*program).completion,
		minArgs: 1, maxArgs: 1, readsOnly: true, needsNoHome: true, complete: completeShell,
	}
})

func (p *program) completion(c *cli.Context) error {
	sh, err := shellNamed(c, c.Args().First())
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
