package cmd

import (
	"errors"
	"fmt"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/claude-auth/claude-auth/hooks"
	"github.com/claude-auth/claude-auth/shell"
)

// hookFlags are the flags that say what the hook does.
func hookFlags() []cli.Flag {
	return []cli.Flag{
		&cli.StringFlag{Name: "cmd", Value: hooks.DefaultCmd, Usage: "define the function under the name `NAME`"},
		&cli.BoolFlag{Name: "no-cmd", Usage: "define no function"},
		&cli.BoolFlag{Name: "no-prompt", Usage: "leave CLAUDE_AUTH_PROMPT alone"},
		&cli.BoolFlag{Name: "add-path", Usage: "add the program's directory to PATH where claude-auth is not found"},
	}
}

var _ = register("init", func() command {
	return command{
		group: groupShell, rank: 10,
		usage:     "print the shell hook",
		argsUsage: "[" + strings.Join(shell.Names(), "|") + "]",
		description: "Without an argument: for the shell that runs it. 'claude-auth install' adds the line that loads it " +
			"to the shell's startup file:" + forEachShell(loadLine),
		flags: hookFlags(),
		run:   (*program).init, badSettings: passBadSetting,
		maxArgs: 1, readsOnly: true, needsNoHome: true, complete: completeShell,
		examples: "eval \"$(claude-auth init bash)\"   # load the hook into this bash\n" +
			"claude-auth init zsh --cmd cc   # print the hook, with cc in the place of claude",
	}
})

func completeShell(_ *program, args []string, _ string) answer {
	if len(args) > 0 {
		return answer{}
	}
	return plainValues(shell.Names())
}

// loadLine is the line that loads the hook in a shell.
func loadLine(s *shell.Shell) string { return fmt.Sprintf(s.Eval, "claude-auth init "+s.Name) }

// forEachShell lists the shells, each with a text about it.
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
	what := pick(c.Command.Name == "completion", "completion", "hook")
	return nil, usageErrorf("the shells are: "+strings.Join(shell.Names(), ", "),
		"%s: there is no %s for the shell %s", c.Command.Name, what, name)
}

func (p *program) init(c *cli.Context) error {
	return p.printScript(c, func(sh *shell.Shell) (string, error) {
		hook, err := hooks.Render(sh, hooks.Options{
			Exe: p.exe, Cmd: c.String("cmd"), NoCmd: c.Bool("no-cmd"), NoPrompt: c.Bool("no-prompt"),
			AddPath: c.Bool("add-path"),
		})
		if errors.Is(err, hooks.ErrName) {
			err = usageError{err}
		}
		return hook, err
	})
}

// printScript prints, unchanged, the script that render makes for the shell that the argument names, or that runs the
// program.
func (p *program) printScript(c *cli.Context, render func(*shell.Shell) (string, error)) error {
	sh := shell.ByName(hooks.ParentName()) // the one that evaluates the script, whatever $SHELL says
	if sh == nil {
		sh = shell.ByName(p.env.Get("SHELL"))
	}
	if c.NArg() == 1 {
		var err error
		if sh, err = shellNamed(c, c.Args().First()); err != nil {
			return err
		}
	}
	if sh == nil {
		return usageError{p.unknownShell(c)}
	}
	script, err := render(sh)
	if err != nil {
		return err
	}
	return p.write(script)
}
