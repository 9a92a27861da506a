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
		examples: `eval "$(claude-auth completion bash)"   # complete in this bash` + "\n" +
			"claude-auth completion fish > ~/.config/fish/completions/claude-auth.fish   # in every fish",
		description: "Without an argument: for the shell that runs it. 'claude-auth install --completion' installs it.\n" +
			"To load it in a startup file:" +
			forEachShell(func(s *shell.Shell) string { return cmp.Or(s.Completion, hooks.ErrNoCompletion.Error()) }),
		run: (*program).completion, badSettings: passBadSetting,
		maxArgs: 1, readsOnly: true, needsNoHome: true, complete: completeShell,
	}
})

func (p *program) completion(c *cli.Context) error {
	return p.printScript(c, func(sh *shell.Shell) (string, error) { return hooks.Completion(sh, p.exe) })
}
