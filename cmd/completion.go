package cmd

import (
	"cmp"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/claude-auth/claude-auth/hooks"
	"github.com/claude-auth/claude-auth/shell"
)

var _ = register("completion", func() command {
	return command{
		group: groupShell, rank: 40,
		usage:     "print the completion script of a shell",
		argsUsage: "[" + strings.Join(shell.Names(), "|") + "]",
		description: "Without an argument: for the shell that runs it. 'claude-auth install --completion' installs it.\n" +
			"To load it in a startup file:" +
			forEachShell(func(s *shell.Shell) string { return cmp.Or(s.Completion, hooks.ErrNoCompletion.Error()) }),
		examples: "claude-auth completion bash   # print the script for bash",
		run:      (*program).completion,
		maxArgs:  1, readsOnly: true, needsNoHome: true, complete: completeShell,
	}
})

func (p *program) completion(c *cli.Context) error {
	return p.printScript(c, func(sh *shell.Shell) (string, error) { return hooks.Completion(sh, p.exe) })
}
