package cmd

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/claude-auth/claude-auth/hooks"
	"github.com/claude-auth/claude-auth/internal/paths"
	"github.com/claude-auth/claude-auth/internal/ui"
	"github.com/claude-auth/claude-auth/shell"
)

var _ = register("install", func() command {
	return command{
		group: groupShell, rank: 20,
		usage:     "add the hook to your shell's startup file",
		argsUsage: "[" + strings.Join(shell.Names(), "|") + "]",
		description: "Without an argument: the shell you use. Then it starts that shell once, without a terminal, and " +
			"checks that the hook loads. Where a new shell would not find claude-auth, the hook adds its directory " +
			"to PATH. On a terminal it offers completion and the manual page. 'claude-auth uninstall' removes all.",
		examples: "claude-auth install           # for the shell you use\n" +
			"claude-auth install zsh       # for zsh\n" +
			"claude-auth install -n        # only show what would be changed\n" +
			"claude-auth install --print   # print the line, to add it yourself",
		flags: append(hookFlags(),
			&cli.BoolFlag{Name: "print", Usage: "only print the line for the startup file"},
			&cli.BoolFlag{Name: "completion", Usage: "install completion for the shell too"},
			&cli.BoolFlag{Name: "man", Usage: "install the manual page too"},
			dryRunFlag(), yesFlag()),
		run: (*program).install, acts: true,
		maxArgs: 1, complete: completeShell,
	}
})

// installation is what one run of install works with.
type installation struct {
	shell  *shell.Shell
	file   string // its startup file
	exe    string // the program that the hook runs
	args   []string
	extras []extra
}

func (p *program) install(c *cli.Context) error {
	sh, err := p.shellOf(c)
	if err != nil {
		return err
	}
	if _, err := hooks.Render(sh, hooks.Options{Exe: p.exe, Cmd: c.String("cmd")}); errors.Is(err, hooks.ErrName) {
		return wrongUsage(c, "%v", err)
	}
	in := installation{shell: sh, exe: p.lastingExe(), args: hookArguments(c)}
	if in.file, err = hooks.FindStartupFile(c.Context, sh, p.env); err != nil {
		return err
	}
	if !c.Bool("add-path") && (!onPath(p.env, in.exe) || hooks.AddsPath(in.file)) {
		in.args = append(in.args, "--add-path")
	}
	line, err := in.line()
	if err != nil {
		return err
	}
	if c.Bool("print") {
		p.ui.Printf("%s\n", line)
		return nil
	}
	change, err := hooks.PlanInstall(in.file, line)
	if err != nil {
		return p.addYourself(err, line)
	}
	if in.extras, err = p.wantedExtras(c, in); err != nil {
		return err
	}
	if c.Bool("dry-run") {
		p.showInstall(in, change)
		return nil
	}
	if err = p.mayReplace(c, change); err == nil {
		note := p.noteDirs(in.file)
		err = change.Apply()
		note()
	}
	if c.Context.Err() != nil {
		return c.Context.Err()
	}
	if err != nil {
		return p.addYourself(err, line)
	}
	return p.finishInstall(c.Context, in, change)
}

// finishInstall checks that the hook works, installs the extras, and says what was done.
func (p *program) finishInstall(ctx context.Context, in installation, change hooks.Change) error {
	check := p.checkHook(ctx, &in, &change)
	extras := p.writeExtras(in, check.seen)
	file := in.file
	said := map[hooks.Result]string{
		hooks.Added:     "Added the claude-auth hook to " + file + ".",
		hooks.Updated:   "Updated the claude-auth hook in " + file + ".",
		hooks.Unchanged: file + " loads the hook already.",
		hooks.ByHand:    file + " loads the hook already, by a line of your own.",
	}[change.Result]
	if in.addsPath() && change.Changes() {
		said += " It also puts " + filepath.Dir(in.exe) + " on your PATH."
	}
	if check.err == nil && change.Changes() {
		said += " Start using it now: exec " + in.shell.Name
	}
	p.ui.Text(said)
	if change.Twice && change.Result != hooks.ByHand {
		p.ui.Notef("a line of your own in %s loads the hook too: one of them is enough", file)
	}
	if check.note != "" {
		p.ui.Notef("%s", check.note)
	}
	if check.hint != "" {
		p.ui.Hintf("%s", check.hint)
	}
	return errors.Join(check.err, extras)
}

func (in installation) line() (string, error) { return hooks.Line(in.shell, in.exe, in.args...) }

func (in installation) addsPath() bool { return slices.Contains(in.args, "--add-path") }

// showInstall says what install would do.
func (p *program) showInstall(in installation, change hooks.Change) {
	file := change.Path
	switch change.Result {
	case hooks.Added:
		p.ui.Text("Would add to " + file + ":")
		p.ui.Printf("%s", indented(change.Lines))
	case hooks.Updated:
		p.ui.Text("Would change the hook in " + file + " to:")
		p.ui.Printf("%s", indented(change.Lines))
	case hooks.ByHand:
		p.ui.Text(file + " loads the hook already, by a line of your own.")
	default:
		p.ui.Text(file + " loads the hook already.")
	}
	if change.ReadOnly && change.Changes() {
		p.ui.Text(file + " is read-only: you will be asked first.")
	}
	if !in.addsPath() && change.Result != hooks.ByHand && !onPath(paths.New(nil), in.exe) {
		p.ui.Text("If a new " + in.shell.Name + " does not find claude-auth, the hook also puts " +
			filepath.Dir(in.exe) + " on your PATH.")
	}
	for _, e := range in.extras {
		p.ui.Text("Would install " + e.name + ": " + cmp.Or(e.path, "where the shell looks for it"))
	}
}

// mayReplace asks before a read-only startup file is replaced.
func (p *program) mayReplace(c *cli.Context, change hooks.Change) error {
	if !change.ReadOnly || !change.Changes() || c.Bool("yes") {
		return nil
	}
	file := change.Path
	err := fmt.Errorf("%s is read-only, so it was not changed", file)
	if !p.ui.CanAsk() {
		return ui.WithHint(err, "claude-auth "+c.Command.Name+" --yes changes it anyway")
	}
	yes, askErr := p.ui.Ask(c.Context, ui.Question{Text: file + " is read-only. Change it anyway?"})
	switch {
	case c.Context.Err() != nil:
		return askErr
	case askErr != nil:
		return ui.WithHint(err, "claude-auth "+c.Command.Name+" --yes changes it anyway")
	case !yes:
		return err
	}
	return nil
}

// addYourself says why the startup file was not changed, and prints the line to add, unbroken.
func (p *program) addYourself(err error, line string) error {
	p.ui.Fail(err)
	p.ui.Hintf("add this line to it yourself, or to the file that it is made from:")
	p.ui.Printf("%s\n", line)
	return statusError{status: exitFailed}
}

// shellOf returns the shell that the argument names, or the one that the user uses.
func (p *program) shellOf(c *cli.Context) (*shell.Shell, error) {
	if c.NArg() == 1 {
		return shellNamed(c, c.Args().First())
	}
	if sh := hooks.CurrentShell(p.env, hooks.ParentName()); sh != nil {
		return sh, nil
	}
	return nil, p.unknownShell(c)
}

// unknownShell is the error when it is not known which shell the person uses.
func (p *program) unknownShell(c *cli.Context) error {
	err := errors.New("cannot tell which shell you use: SHELL is not set")
	if name := p.env.Get("SHELL"); name != "" {
		err = fmt.Errorf("claude-auth has no hook for your shell, %s", filepath.Base(name))
	}
	return ui.WithHint(err, "name one: claude-auth "+c.Command.Name+" "+strings.Join(shell.Names(), "|"))
}

// lastingExe is the path by which the hook runs this program: the one on PATH when that is this program too. A package
// manager's link stays when it replaces the program that the link leads to.
func (p *program) lastingExe() string {
	own, err := os.Stat(p.exe)
	if err != nil {
		return p.exe
	}
	for _, dir := range filepath.SplitList(p.env.Get("PATH")) {
		path := filepath.Join(dir, "claude-auth")
		if found, err := os.Stat(path); err == nil && filepath.IsAbs(dir) && os.SameFile(own, found) {
			return path
		}
	}
	return p.exe
}

// onPath reports whether the directory of exe is on PATH, or cannot be on it.
func onPath(env paths.Env, exe string) bool {
	dir := filepath.Dir(exe)
	return slices.Contains(filepath.SplitList(env.Get("PATH")), dir) ||
		strings.ContainsRune(dir, filepath.ListSeparator) || filepath.Base(exe) != "claude-auth"
}

// hookArguments returns the flags that the line in the startup file passes to init.
func hookArguments(c *cli.Context) []string {
	var args []string
	if name := c.String("cmd"); name != hooks.DefaultCmd {
		args = append(args, "--cmd", name)
	}
	for _, flag := range []string{"no-cmd", "no-prompt", "add-path"} {
		if c.Bool(flag) {
			args = append(args, "--"+flag)
		}
	}
	return args
}
