package cmd

import (
	"fmt"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/claude-auth/claude-auth/hooks"
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
		ArgsUsage:   "[" + strings.Join(shell.Names(), "|") + "]",
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
		ArgsUsage: "[" + strings.Join(shell.Names(), "|") + "]",
		Action:    p.uninstall,
	}
}

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
		p.ui.Hintf("it takes effect in a new shell; 'claude-auth uninstall' takes it out again")
	}
	return p.checkLoginFile(sh)
}

// checkLoginFile tells a person whose login shells never read the startup file, as on macOS.
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
	return nil
}

func (p *program) startupFile(c *cli.Context) (*shell.Shell, string, error) {
	args, err := arguments(c, 0, 1)
	if err != nil {
		return nil, "", err
	}
	sh := hooks.CurrentShell(p.env, hooks.ParentName())
	if len(args) == 1 {
		if sh, err = shellNamed(c, args[0]); err != nil {
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

// hookArguments are the flags that the line in the startup file passes to init.
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
