package cmd

import (
	"fmt"

	"github.com/urfave/cli/v2"

	"github.com/claude-auth/claude-auth/internal/ui"
	"github.com/claude-auth/claude-auth/shell"
)

var _ = register(command{
	name: "install", group: groupShell, rank: 20, build: (*program).installCommand,
	complete: completeShell,
})

func (p *program) installCommand() *cli.Command {
	return &cli.Command{
		Usage:       "put the hook's line into the shell's startup file, once",
		ArgsUsage:   "[bash|zsh|fish]",
		Description: "Without an argument it is the shell that you use. 'claude-auth uninstall' takes the line out again.",
		Flags:       hookFlags(),
		Action:      p.install,
	}
}

var _ = register(command{
	name: "uninstall", group: groupShell, rank: 30, build: (*program).uninstallCommand,
	complete: completeShell,
})

func (p *program) uninstallCommand() *cli.Command {
	return &cli.Command{
		Usage:     "take the hook's line out of the shell's startup file",
		ArgsUsage: "[bash|zsh|fish]",
		Action:    p.uninstall,
	}
}

func (p *program) install(c *cli.Context) error {
	sh, file, err := p.startupFile(c)
	if err != nil {
		return err
	}
	line, err := sh.Line(p.exe, hookArguments(c)...)
	if err != nil {
		return err
	}
	result, err := shell.Install(file, line)
	if err != nil {
		return err
	}
	switch result {
	case shell.ByHand:
		p.ui.Printf("%s loads the hook already, by a line of your own\n", p.displayPath(file))
		return nil
	case shell.Unchanged:
		p.ui.Printf("%s loads the hook already\n", p.displayPath(file))
	default:
		p.ui.Printf("%s: the hook's line is %s\n", p.displayPath(file), result)
		p.ui.Hintf("it takes effect in a new shell; 'claude-auth uninstall' takes it out again")
	}
	return p.checkLoginFile(sh)
}

// checkLoginFile tells a person whose login shells never read .bashrc, as on macOS.
func (p *program) checkLoginFile(sh shell.Shell) error {
	if _, isBash := sh.(shell.Bash); !isBash {
		return nil
	}
	file, reads, err := shell.LoginFile(p.env)
	if err != nil || reads {
		return err
	}
	p.ui.Hintf("login shells read %s, which does not read .bashrc: add '. ~/.bashrc' there", p.displayPath(file))
	return nil
}

func (p *program) uninstall(c *cli.Context) error {
	_, file, err := p.startupFile(c)
	if err != nil {
		return err
	}
	result, err := shell.Uninstall(file)
	if err != nil {
		return err
	}
	switch result {
	case shell.Removed:
		p.ui.Printf("%s: the hook's line is taken out\n", p.displayPath(file))
	case shell.ByHand:
		return ui.WithHint(fmt.Errorf("%s loads the hook by a line of your own", p.displayPath(file)), "take it out by hand")
	default:
		p.ui.Printf("%s does not load the hook\n", p.displayPath(file))
	}
	return nil
}

func (p *program) startupFile(c *cli.Context) (shell.Shell, string, error) {
	args, err := arguments(c, 0, 1)
	if err != nil {
		return nil, "", err
	}
	var sh shell.Shell
	if len(args) == 1 {
		if sh, err = shell.ByName(args[0]); err != nil {
			err = ui.WithHint(usageError{fmt.Errorf("%s: %s: %w", c.Command.Name, args[0], err)}, "the shells are bash, zsh and fish")
		}
	} else if sh, err = shell.Current(p.env, shell.ParentName()); err != nil {
		err = ui.WithHint(fmt.Errorf("find out which shell you use: %w", err), "name it: 'claude-auth "+c.Command.Name+" bash'")
	}
	if err != nil {
		return nil, "", err
	}
	file, err := sh.StartupFile(p.env)
	return sh, file, err
}

// hookArguments are the flags that the line in the startup file passes to init.
func hookArguments(c *cli.Context) []string {
	var args []string
	if name := c.String("cmd"); name != shell.DefaultCmd {
		args = append(args, "--cmd", name)
	}
	for _, flag := range []string{"no-cmd", "no-prompt"} {
		if c.Bool(flag) {
			args = append(args, "--"+flag)
		}
	}
	return args
}
