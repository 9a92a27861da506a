package cmd

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/claude-auth/claude-auth/hooks"
	"github.com/claude-auth/claude-auth/internal/atomicfile"
	"github.com/claude-auth/claude-auth/internal/create"
	"github.com/claude-auth/claude-auth/internal/paths"
	"github.com/claude-auth/claude-auth/internal/ui"
	"github.com/claude-auth/claude-auth/shell"
)

var _ = register("uninstall", func() command {
	return command{
		group: groupShell, rank: 30,
		usage:     "remove what 'install' added and the plugin, and turn the schedule off",
		argsUsage: "[" + strings.Join(shell.Names(), "|") + "]",
		description: "Without an argument: the hook of every shell, completions, the manual page, the schedule and the\n" +
			"plugin. With one: the hook and the completion of that shell. Backups of logins, the history and your\n" +
			"settings stay, unless --purge is given. Lifecycle hooks and rules of yours always stay. Your login and\n" +
			"Claude Code's own files are never touched. A directory that claude-auth made is removed when nothing is\n" +
			"left in it.",
		examples: "claude-auth uninstall           # remove the hook from every shell\n" +
			"claude-auth uninstall -n        # only show what would be removed\n" +
			"claude-auth uninstall --purge   # delete backups, history and settings too",
		flags: []cli.Flag{
			&cli.BoolFlag{Name: "purge", Usage: "delete the backups, the history and the settings too"},
			dryRunFlag(), yesFlag(),
		},
		run: (*program).uninstall, acts: true,
		maxArgs: 1, complete: completeShell,
	}
})

func (p *program) uninstall(c *cli.Context) error {
	shells := shell.All()
	if c.NArg() == 1 {
		sh, err := shellNamed(c, c.Args().First())
		if err != nil {
			return err
		}
		if shells = []*shell.Shell{sh}; c.Bool("purge") {
			return wrongUsage(c, "--purge is for all shells: name none")
		}
	}
	if c.Bool("purge") {
		if err := p.nothingWaits(); err != nil {
			return err
		}
		if yes, err := p.mayPurge(c); err != nil || !yes {
			return err
		}
	}
	u := uninstallation{p: p, c: c}
	for _, sh := range shells {
		u.hook(sh)
	}
	for _, path := range p.installedExtras(shells, c.NArg() == 0) {
		u.extra(path)
	}
	if c.NArg() == 0 {
		u.schedule()
		u.plugin()
	}
	return u.finish()
}

// uninstallation is one run of uninstall.
type uninstallation struct {
	p       *program
	c       *cli.Context
	removed bool // something was removed, or would be
	hooked  bool // a hook was
	failed  error
}

// gone says that what a thing is about is removed, or would be.
func (u *uninstallation) gone(what string) {
	u.removed = true
	u.p.ui.Text(pick(u.c.Bool("dry-run"), "Would remove ", "Removed ") + what)
}

func (u *uninstallation) fail(err error) { u.failed = errors.Join(u.failed, err) }

// hook removes the hook's line from the startup file of a shell.
func (u *uninstallation) hook(sh *shell.Shell) {
	file, err := hooks.FindStartupFile(u.c.Context, sh, u.p.env)
	if err != nil {
		u.fail(err)
		return
	}
	change, err := hooks.PlanUninstall(file)
	if err == nil && change.Changes() && !u.c.Bool("dry-run") {
		if err = u.p.mayReplace(u.c, change); err == nil {
			err = change.Apply()
		}
	}
	if err != nil {
		u.fail(err)
		return
	}
	if change.Changes() {
		u.hooked = true
		u.gone("the claude-auth hook from " + file)
	}
	if byHand, err := hooks.Installed(file); err == nil && byHand && !u.c.Bool("dry-run") {
		u.p.ui.Notef("%s loads the hook by a line of your own: remove that yourself", file)
	}
	if hooks.Completes(file) && !u.c.Bool("dry-run") {
		u.p.ui.Notef("%s loads the completion by a line of your own: remove that yourself", file)
	}
}

// extra removes a completion or the manual page.
func (u *uninstallation) extra(path string) {
	if !u.c.Bool("dry-run") {
		if err := removeFile(path); err != nil {
			u.fail(err)
			return
		}
	}
	u.gone(path)
}

// schedule turns the schedule off.
func (u *uninstallation) schedule() {
	switch on, err := u.p.unschedule(u.c); {
	case err != nil:
		u.fail(err)
	case on:
		u.removed = true
	}
}

// plugin removes the plugin: its hooks run the program that goes away.
func (u *uninstallation) plugin() {
	switch was, err := u.p.removePlugin(u.c.Bool("dry-run")); {
	case err != nil:
		u.fail(err)
	case was:
		u.removed = true
	}
}

// finish says what stays, or deletes that too.
func (u *uninstallation) finish() error {
	p := u.p
	if u.failed != nil {
		return u.failed // --purge would delete the record of what is still there
	}
	if u.c.Bool("purge") {
		return u.purge()
	}
	if !u.removed {
		p.ui.Text("Nothing to remove: the hook is not installed.")
	}
	if u.c.Bool("dry-run") {
		return nil
	}
	if err := p.removeRecorded(); err != nil || u.c.NArg() == 1 {
		return err
	}
	if u.hooked {
		p.ui.Text("Open shells keep the hook until you restart them.")
	}
	rest := p.leftovers()
	if stays := slices.Concat(rest, p.userFiles()); len(stays) > 0 {
		p.ui.Text(theseStay(stays))
	}
	if len(rest) > 0 {
		p.ui.Hintf("delete the backups, the history and the settings: claude-auth uninstall --purge")
	}
	p.ui.Text("The program itself stays. " + p.howToRemove())
	return nil
}

func theseStay(paths []string) string {
	return pick(len(paths) == 1, "This stays: ", "These stay: ") + strings.Join(paths, ", ")
}

// removeRecorded removes the directories that were made for what is gone, and what is gone from the record. A directory
// with something else in it stays, and stays in the record.
func (p *program) removeRecorded() error {
	var files, dirs []string
	for _, path := range p.recorded() {
		if strings.HasSuffix(path, "/") {
			dirs = append(dirs, path)
		} else if _, err := os.Lstat(path); err == nil {
			files = append(files, path)
		}
	}
	if stay := append(files, removeEmpty(dirs)...); len(stay) > 0 {
		return p.writeRecord(stay)
	}
	return removeFile(p.paths.Installed())
}

// purgeable returns what exists of the program's own directories, and the file of the settings.
func (p *program) purgeable() []string {
	var list []string
	for _, dir := range []string{p.stateDir, p.paths.SpareBackups()} {
		if _, err := os.Lstat(dir); err == nil && strings.Contains(filepath.Base(dir), "claude-auth") {
			list = append(list, dir)
		}
	}
	if _, err := os.Lstat(p.paths.Config()); err == nil {
		list = append(list, p.paths.Config())
	}
	return list
}

// userFiles returns what is in the directory of the settings besides them, such as lifecycle hooks and rules. A person
// has made it, so it stays.
func (p *program) userFiles() []string {
	var list []string
	entries, _ := os.ReadDir(p.paths.UserConfigDir) // those that can be read
	for _, entry := range entries {
		if path := filepath.Join(p.paths.UserConfigDir, entry.Name()); path != p.paths.Config() &&
			entry.Name() != create.Made {
			list = append(list, path+" (yours)")
		}
	}
	return list
}

// leftovers describes what uninstall leaves.
func (p *program) leftovers() []string {
	list, _ := p.backups().List() // those that can be read are counted
	var rest []string
	for _, dir := range p.purgeable() {
		switch dir {
		case p.stateDir:
			about := "history"
			if len(list) > 0 {
				about = counted(len(list), "backup") + " with logins, history"
			}
			rest = append(rest, dir+" ("+about+")")
		case p.paths.Config():
			rest = append(rest, dir+" (your settings)")
		default:
			rest = append(rest, dir+" (backups with logins)")
		}
	}
	return rest
}

// counted is "1 thing" or "N things".
func counted(n int, thing string) string {
	return fmt.Sprintf("%d %s%s", n, thing, pick(n == 1, "", "s"))
}

// mayPurge asks before everything is deleted.
func (p *program) mayPurge(c *cli.Context) (bool, error) {
	rest := p.leftovers()
	if c.Bool("yes") || c.Bool("dry-run") || len(rest) == 0 {
		return true, nil
	}
	const hint = "without a question: claude-auth uninstall --purge --yes"
	if !p.ui.CanAsk() {
		return false, ui.WithHint(errors.New("nothing was deleted: there is no terminal to ask on"), hint)
	}
	yes, err := p.ui.Ask(c.Context, ui.Question{Text: "Delete " + strings.Join(rest, ", ") + "? This cannot be undone."})
	switch {
	case c.Context.Err() != nil:
		return false, err
	case err != nil:
		return false, ui.WithHint(fmt.Errorf("nothing was deleted: %w", err), hint)
	case !yes:
		p.ui.Text("Nothing was deleted. Remove only the hook: claude-auth uninstall")
	}
	return yes, nil
}

// purge deletes the program's own directories and the settings.
func (u *uninstallation) purge() error {
	made := u.p.madeDirs() // the record of them goes too
	for _, path := range u.p.purgeable() {
		if !u.c.Bool("dry-run") {
			remove := pick(path == u.p.paths.Config(), os.Remove, removeTree)
			if err := remove(path); err != nil {
				return fmt.Errorf("cannot delete %s: %w", path, atomicfile.WithoutPath(err))
			}
		}
		u.gone(path)
	}
	if stays := u.p.userFiles(); len(stays) > 0 {
		u.p.ui.Text(theseStay(stays))
	} else if err := u.emptyConfigDir(); err != nil {
		return err
	}
	if !u.c.Bool("dry-run") {
		removeEmpty(made)
	}
	if u.removed && !u.c.Bool("dry-run") {
		u.p.ui.Text("Restart open shells: one with the hook can make " + u.p.stateDir + " again.")
	}
	if !u.removed {
		u.p.ui.Text("Nothing to remove: neither the hook nor any file of claude-auth is here.")
	}
	u.p.ui.Text("The program itself stays. " + u.p.howToRemove())
	return nil
}

// packaged are parts of the paths of programs that a package manager has installed, and will remove.
var packaged = []string{"/nix/store/", "/Cellar/", "/node_modules/", "/mise/installs/", "/aquaproj-aqua/"}

// howToRemove says how the program itself is removed.
func (p *program) howToRemove() string {
	exe := p.lastingExe()
	share := filepath.Join(filepath.Dir(exe), "../share/claude-auth")
	if _, err := os.Stat(filepath.Join(share, "installed")); err == nil {
		return toRemove("sh", filepath.Join(share, "install.sh"), "--remove")
	}
	isPart := func(part string) bool { return strings.Contains(p.exe, part) }
	if strings.HasPrefix(p.exe, "/usr/bin/") || slices.ContainsFunc(packaged, isPart) {
		return "Remove it with the package manager that installed it."
	}
	command := []string{"rm", exe}
	beside := filepath.Join(filepath.Dir(exe), paths.Wrapper)
	if _, err := os.Lstat(beside); err == nil {
		command = append(command, beside)
	}
	if link, found := paths.Look(p.env, paths.Wrapper); found && link != beside {
		command = append(command, link)
	}
	// `make install` has put the manual page there.
	if man := manPath(p.env, exe); isExtra(man) {
		command = append(command, man)
	}
	return toRemove(command...)
}

// toRemove says which command removes the program.
func toRemove(command ...string) string {
	for i, word := range command {
		command[i], _ = shell.ByName("bash").Word(word) // no path has a NUL byte
	}
	return "To remove it: " + strings.Join(command, " ")
}

// emptyConfigDir removes the directory of the settings, where nothing is left in it.
func (u *uninstallation) emptyConfigDir() error {
	dir := u.p.paths.UserConfigDir
	info, err := os.Stat(dir)
	if err != nil || !info.IsDir() || u.c.Bool("dry-run") {
		return nil //nolint:nilerr // nothing is there
	}
	target, err := filepath.EvalSymlinks(dir)
	if err != nil {
		return err
	}
	for _, path := range []string{filepath.Join(target, create.Made), target, dir} {
		if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("cannot delete %s: %w", path, atomicfile.WithoutPath(err))
		}
	}
	return nil
}

// removeTree deletes a directory. Where a link leads to it, both go.
func removeTree(dir string) error {
	target, err := filepath.EvalSymlinks(dir)
	if err == nil {
		err = os.RemoveAll(target)
	} else if errors.Is(err, fs.ErrNotExist) {
		err = nil // a link that leads nowhere
	}
	return errors.Join(err, os.RemoveAll(dir))
}
