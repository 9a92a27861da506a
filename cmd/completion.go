package cmd

import (
	"fmt"
	"io"

	"github.com/urfave/cli/v2"

	"github.com/claude-auth/claude-auth/internal/ui"
	"github.com/claude-auth/claude-auth/shell"
)

var _ = register(command{
	name: "completion", group: groupShell, rank: 40, build: (*program).completionCommand,
	readsOnly: true, needsNoHome: true, complete: completeShell,
})

func (p *program) completionCommand() *cli.Command {
	return &cli.Command{
		Usage:     "print the completion script of a shell",
		ArgsUsage: "bash|zsh|fish",
		Description: "For the shell's startup file, or its directory of completions:\n" +
			"  bash   source <(claude-auth completion bash)\n" +
			"  zsh    source <(claude-auth completion zsh), after compinit; or as _claude-auth in $fpath\n" +
			"  fish   claude-auth completion fish | source",
		Action: p.completion,
	}
}

func (p *program) completion(c *cli.Context) error {
	args, err := arguments(c, 1, 1)
	if err != nil {
		return err
	}
	sh, err := shell.ByName(args[0])
	if err != nil {
		return ui.WithHint(usageError{fmt.Errorf("completion: %w", err)}, "run 'claude-auth completion --help'")
	}
	script, err := sh.Completion(p.exe)
	if err != nil {
		return err
	}
	_, err = io.WriteString(p.ui.Out, script) // a script for the shell, which must arrive as it is
	return err
}
