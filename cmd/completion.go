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
		argsUsage: strings.Join(shell.Names(), "|"),
		examples: "source <(claude-auth completion bash)   # complete in this bash\n" +
			"claude-auth completion fish > ~/.config/fish/completions/claude-auth.fish   # in every fish",
		description: "Put this line into the shell's startup file:" +
			forEachShell(func(s *shell.Shell) string { return cmp.Or(s.Completion, hooks.ErrNoCompletion.Error()) }),
		run: (*program).completion, badSettings: passBadSetting,
		minArgs: 1, maxArgs: 1, readsOnly: true, needsNoHome: true, complete: completeShell,
	}
})

func (p *program) completion(c *cli.Context) error {
	return p.printScript(c, func(sh *shell.Shell) (string, error) { return hooks.Completion(sh, p.exe) })
}
