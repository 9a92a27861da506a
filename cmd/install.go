package cmd

import (
	"fmt"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/claude-auth/claude-auth/hooks"
	"github.com/claude-auth/claude-auth/internal/ui"
	"github.com/claude-auth/claude-auth/shell"
)

var _ = register("install", func() command {
	return command{
		group: groupShell, rank: 20,
		usage:       "add the hook to your shell's startup file",
		argsUsage:   "[" + strings.Join(shell.Names(), "|") + "]",
		description: "Without an argument: the shell you use. 'claude-auth uninstall' removes it again.",
		flags:       hookFlags(),
		run:         (*program).install, acts: true,
		maxArgs: 1, complete: completeShell,
		examples: "claude-auth install   # add the hook to the startup file of the shell you use\n" +
			"claude-auth install zsh   # add it for zsh",
	}
})

var _ = register("uninstall", func() command {
	return command{
		group: groupShell, rank: 30,
		usage:     "remove the hook from your shell's startup file, and turn the schedule off",
		argsUsage: "[" + strings.Join(shell.Names(), "|") + "]",
		run:       (*program).uninstall, acts: true,
		maxArgs: 1, complete: completeShell,
		examples: "claude-auth uninstall   # remove the hook again",
	}
})

func (p *program) install(c *cli.Context) error {
	sh, file, err := p.startupFile(c)
	if err != nil {
		return err
	}
	line, err := hooks.Line(sh, p.exe, hookArguments(c)...)
	if err != nil {
		return err
	}
	result, err := hooks.Install(file, line)
	if err != nil {
		return err
	}
	switch result {
	case hooks.ByHand:
		p.ui.Printf("%s loads the hook already, by a line of your own\n", p.displayPath(file))
		return nil
	case hooks.Unchanged:
		p.ui.Printf("%s loads the hook already\n", p.displayPath(file))
	default:
		p.ui.Printf("%s: the hook's line is %s\n", p.displayPath(file), result)
		p.ui.Hintf("open a new terminal to start using it; 'claude-auth uninstall' removes it")
	}
	return p.checkLoginFile(sh)
}

// checkLoginFile prints a hint when login shells do not read the startup file, as on macOS.
func (p *program) checkLoginFile(sh *shell.Shell) error {
	file, startup, err := hooks.LoginFile(sh, p.env)
	if err != nil || file == "" {
		return err
	}
	p.ui.Hintf("login shells read %s, which does not read %[2]s: add '. ~/%[2]s' there", p.displayPath(file), startup)
	return nil
}

func (p *program) uninstall(c *cli.Context) error {
	_, file, err := p.startupFile(c)
	if err != nil {
		return err
	}
	result, err := hooks.Uninstall(file)
	if err != nil {
		return err
	}
	if result == hooks.Removed {
		p.ui.Printf("%s: the hook's line is taken out\n", p.displayPath(file))
	} else {
		p.ui.Printf("%s does not load the hook\n", p.displayPath(file))
	}
	return p.unschedule(c)
}

// startupFile returns the shell that the argument names, or the one that the user uses, and its startup file.
func (p *program) startupFile(c *cli.Context) (*shell.Shell, string, error) {
	sh := hooks.CurrentShell(p.env, hooks.ParentName())
	if c.NArg() == 1 {
		var err error
		if sh, err = shellNamed(c, c.Args().First()); err != nil {
			return nil, "", err
		}
	}
	if sh == nil {
		err := fmt.Errorf("find out which shell you use: %s: no hook for this shell (there is one for %s)",
			p.env.Get("SHELL"), shell.List("and"))
		return nil, "", ui.WithHint(err, "name it: 'claude-auth "+c.Command.Name+" "+shell.Names()[0]+"'")
	}
	file, err := hooks.StartupFile(sh, p.env)
	return sh, file, err
}

// hookArguments returns the flags that the line in the startup file passes to init.
func hookArguments(c *cli.Context) []string {
	var args []string
	if name := c.String("cmd"); name != hooks.DefaultCmd {
		args = append(args, "--cmd", name)
	}
	for _, flag := range []string{"no-cmd", "no-prompt"} {
		if c.Bool(flag) {
			args = append(args, "--"+flag)
		}
	}
	return args
}
