// Package cmd is the command line of claude-auth. Each subcommand has a file; this one makes the program of them.
package cmd

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/claude-auth/claude-auth/internal/claude"
	"github.com/claude-auth/claude-auth/internal/config"
	"github.com/claude-auth/claude-auth/internal/credentials"
	"github.com/claude-auth/claude-auth/internal/diagnose"
	"github.com/claude-auth/claude-auth/internal/ledger"
	"github.com/claude-auth/claude-auth/internal/paths"
	"github.com/claude-auth/claude-auth/internal/secret"
	"github.com/claude-auth/claude-auth/internal/system"
	"github.com/claude-auth/claude-auth/internal/ui"
)

// program is one run of claude-auth, with what a subcommand works with.
type program struct {
	system system.System
	env    paths.Env
	paths  paths.Paths
	ui     *ui.UI
	debug  *ui.Debug // nil without --debug

	config    config.Config // the settings
	configErr error         // what is wrong with them; the defaults count there

	now     func() time.Time
	args    []string // without the program's name
	misused error    // what is wrong with the flags; nil when nothing is
	exe     string   // this program's own path, for hooks and external subcommands

	stateDir  string                // where the state directory should be
	trouble   diagnose.StateTrouble // what keeps it from being used
	toldState bool                  // tellState has said so
}

// Main runs the program with args (the program's name first) and returns its exit status.
func Main(args []string) int { return MainOn(system.Here(), args) }

// MainOn is Main on another system than this one, for tests.
func MainOn(on system.System, args []string) int {
	secret.KeepFromDumps()
	p := &program{system: on, env: paths.FromOS(), now: time.Now}
	p.ui = ui.New(p.env, ui.ColorAuto)
	err, again := p.noteScheduled(p.run(args))
	if err != nil && err.Error() != "" && !again {
		p.fail(err)
	}
	return exitStatus(err)
}

// written returns the error with which the program ends after a command that ended with err. Lost output is an error,
// unless the command has failed for another reason. Some statuses are errors without a text. A command that has changed
// something must not be run again for what it said.
func (p *program) written(c command, err error) error {
	lost := p.ui.Lost()
	if lost == nil {
		return err
	}
	otherReason := err != nil && err.Error() != "" && !errors.Is(err, errors.Unwrap(lost))
	switch {
	case otherReason:
		return err
	case err == nil && !c.readsOnly:
		return ui.WithHint(lost, "the change was made; only the text about it is lost")
	}
	return lost
}

func (p *program) run(args []string) error {
	p.args = args[min(1, len(args)):]
	exe, err := paths.Executable()
	if err != nil {
		return err
	}
	p.exe = exe
	l := readLine(commands, p.args)
	ctx, stop := l.command.context()
	defer stop()
	run := p.args
	p.misused = l.problem()
	switch {
	case asksForHelp(slices.Concat(l.global, l.local)):
		return p.written(command{readsOnly: true}, p.showHelp(l.words, false))
	case len(l.words) > 0:
		run = l.flagsFirst()
	case l.asksForVersion() && p.misused == nil:
		l.command, run = commands.find("version"), []string{"version"}
	}
	err = p.app(l.command).RunContext(ctx, append(args[:min(1, len(args)):1], run...))
	return p.written(l.command, afterSignal(ctx, err))
}

const programUsage = "inspect and repair the saved login of Claude Code"

func globalFlags() []cli.Flag {
	return []cli.Flag{
		&cli.StringFlag{Name: "file", Usage: "work on the credentials file `PATH`", TakesFile: true},
		&cli.BoolFlag{Name: "no-color", Usage: "print without colour"},
		debugFlag(),
		&cli.BoolFlag{Name: "version", Aliases: []string{"v"}, Usage: "print the version"},
	}
}

// app is the program that urfave runs, with the one command that the line names, if there is one.
func (p *program) app(named command) *cli.App {
	app := &cli.App{
		Name:           "claude-auth",
		Flags:          globalFlags(),
		HideVersion:    true,
		HideHelp:       true, // run looks for --help itself: urfave's templates do not fit a narrow terminal
		Writer:         p.ui.Out,
		ErrWriter:      io.Discard, // Main prints errors, once
		Before:         func(c *cli.Context) error { return p.before(c, named) },
		Action:         p.noCommand,
		ExitErrHandler: func(*cli.Context, error) {}, // the default calls os.Exit, past every defer
		OnUsageError:   p.badUsage,
	}
	if named.name != "" {
		app.Commands = []*cli.Command{named.cli(p)}
	}
	return app
}

// badUsage is the error for what urfave's parser rejects. Otherwise urfave prints its own, with the whole help.
func (p *program) badUsage(c *cli.Context, err error, _ bool) error {
	if p.misused != nil {
		return p.misused
	}
	text := strings.Replace(err.Error(), "Cannot use", "cannot use", 1) // the others begin in lower case
	return usageErrorf("run '"+c.Command.HelpName+" --help'", "%s", text)
}

// wrongUsage is the error for a command line of c that is wrong; its hint is the help of c.
func wrongUsage(c *cli.Context, format string, args ...any) error {
	name := strings.TrimPrefix(c.Command.HelpName, "claude-auth ")
	return usageErrorf("run 'claude-auth "+name+" --help'", "%s: %w", name, fmt.Errorf(format, args...))
}

// usageErrorf is the error for a command line that is wrong, with the hint that helps.
func usageErrorf(hint, format string, args ...any) error {
	return ui.WithHint(usageError{fmt.Errorf(format, args...)}, hint)
}

// before finds out where the files are for the command, once the global flags are known.
func (p *program) before(c *cli.Context, named command) error {
	if named.findsHome {
		p.ui.EndWith(c.Context.Done())
		return nil
	}
	resolved, err := paths.Resolve(p.env, c.String("file"))
	p.config, p.configErr = config.Load(p.env, resolved.Config())
	p.ui = ui.New(p.env, p.color(c))
	p.ui.EndWith(c.Context.Done())
	if err == nil {
		p.usePaths(resolved)
	}
	if err == nil && c.String("file") != "" {
		p.ui.NameFile(resolved.Credentials)
	}
	if p.misused != nil {
		return p.misused
	}
	if err != nil && !named.needsNoHome && c.Args().First() != "" {
		return ui.WithHint(err, "set HOME, or "+claude.EnvConfigDir+", XDG_STATE_HOME and XDG_CONFIG_HOME")
	}
	p.openDebug(c, named)
	rule := named.badSettings
	if named.name == "" || named.plumbing { // help, and the programs of others
		rule = passBadSetting
	}
	return p.checkSettings(rule)
}

// color says when there is colour.
func (p *program) color(c *cli.Context) ui.Color {
	if c.Bool("no-color") {
		return ui.ColorNever
	}
	return ui.Color(p.config.Get(config.Color))
}

// noCommand runs when the line names no command of this program: it prints help, or runs an external command.
func (p *program) noCommand(c *cli.Context) error {
	if c.NArg() == 0 {
		return p.showHelp(nil, false)
	}
	return p.external(c)
}

// store opens the credentials. It prints what the store comes across without failing.
func (p *program) store() credentials.Store {
	store := credentials.Open(p.system, p.paths, p.env)
	file, isFile := store.(*credentials.FileStore)
	if !isFile {
		keychain := store.(*credentials.KeychainStore)
		file, keychain.Version = keychain.File, p.versionOnPath
	}
	file.Tightened = func(was os.FileMode) {
		p.ui.Notef("changed the mode of %s from %04o to 0600: other users could read it", p.paths.Credentials, was)
	}
	file.Left = p.ui.Fail
	return store
}

// snapshot reads the saved login. One that cannot be read has its error in the snapshot.
func (p *program) snapshot(ctx context.Context) credentials.Snapshot {
	snapshot, err := p.store().Read(ctx)
	if err != nil {
		snapshot.Err = err
	}
	return snapshot
}

// ledger opens the record of what happened to each login.
func (p *program) ledger() (*ledger.Ledger, error) {
	if p.trouble.Useless {
		return nil, p.stateError()
	}
	key, err := secret.LoadKey(p.paths.Key())
	if err != nil {
		p.trouble = p.trouble.Because(p.paths, err)
		return nil, p.stateError()
	}
	return ledger.New(p.paths.Ledger(), key, p.now), nil
}
