package cmd

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/claude-auth/claude-auth/hooks"
	"github.com/claude-auth/claude-auth/shell"
)

// hookFlags say what the hook is to do.
func hookFlags() []cli.Flag {
	return []cli.Flag{
		&cli.StringFlag{Name: "cmd", Value: hooks.DefaultCmd, Usage: "define the function under the name `NAME`"},
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
		ArgsUsage: strings.Join(shell.Names(), "|"),
		Description: "For the shell's startup file ('claude-auth install' puts it there):" +
			forEachShell(loadLine),
		Flags:  hookFlags(),
		Action: p.init,
	}
}

// loadLine is how a person loads the hook.
func loadLine(s *shell.Shell) string { return fmt.Sprintf(s.Eval, "claude-auth init "+s.Name) }

// forEachShell lists something about each shell, a line each.
func forEachShell(about func(*shell.Shell) string) string {
	var list strings.Builder
	for _, s := range shell.All() {
		fmt.Fprintf(&list, "\n  %-6s %s", s.Name, about(s))
	}
	return list.String()
}

// shellNamed returns the shell that an argument of c names.
func shellNamed(c *cli.Context, name string) (*shell.Shell, error) {
	if sh := shell.ByName(name); sh != nil {
		return sh, nil
	}
	return nil, wrongUsage(c, "%s: no hook for this shell (there is one for %s)", name, shell.List("and"))
}

func (p *program) init(c *cli.Context) error {
	args, err := arguments(c, 1, 1)
	if err != nil {
		return err
	}
	sh, err := shellNamed(c, args[0])
	if err != nil {
		return err
	}
	hook, err := hooks.Render(sh, hooks.Options{
		Exe: p.exe, Cmd: c.String("cmd"), NoCmd: c.Bool("no-cmd"), NoPrompt: c.Bool("no-prompt"),
	})
	if errors.Is(err, hooks.ErrName) {
		return usageError{err}
	}
	if err != nil {
		return err
	}
	_, err = io.WriteString(p.ui.Out, hook) // a script for the shell, which must arrive as it is
	return err
}
