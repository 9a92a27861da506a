package cmd

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"sync"
	"syscall"

	"github.com/urfave/cli/v2"

	"github.com/claude-auth/claude-auth/internal/atomicfile"
	"github.com/claude-auth/claude-auth/internal/detect"
	"github.com/claude-auth/claude-auth/internal/ledger"
	"github.com/claude-auth/claude-auth/internal/lifecycle"
	"github.com/claude-auth/claude-auth/internal/paths"
	"github.com/claude-auth/claude-auth/internal/recovery"
	"github.com/claude-auth/claude-auth/internal/ui"
)

// repairer returns the Repairer of a command that changes the login.
func (p *program) repairer(c *cli.Context) (*recovery.Repairer, error) {
	if err := p.ownState(); err != nil {
		return nil, err
	}
	return p.reader(c)
}

// withRepairer returns the run of a command that changes the login.
func withRepairer(run func(*program, *cli.Context, *recovery.Repairer) error) func(*program, *cli.Context) error {
	return func(p *program, c *cli.Context) error {
		repairer, err := p.repairer(c)
		if err != nil {
			return err
		}
		return run(p, c, repairer)
	}
}

// ownState refuses a state directory that another user owns or may write to: a backup that the other user put there
// would sign this user in to another account. A file system that gives all files one mode or one owner cannot tell: the
// program works there as the client does, and 'claude-auth doctor' says so.
func (p *program) ownState() error {
	info, err := os.Stat(p.paths.StateDir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("look at the state directory: %w", err)
	}
	owner, me := int(info.Sys().(*syscall.Stat_t).Uid), os.Geteuid()
	foreign, open := me != 0 && owner != me, info.Mode().Perm()&0o002 != 0
	if foreign || open {
		if traits, err := atomicfile.TraitsOf(p.paths.Ledger()); err == nil && !traits.KeepsModes() {
			foreign, open = foreign && traits.UID != owner, false
		}
	}
	dir := p.displayPath(p.paths.StateDir)
	switch {
	case foreign:
		return ui.WithHint(fmt.Errorf("%s belongs to another user", dir), "set XDG_STATE_HOME to a directory of your own")
	case open:
		hint := "look at what is in it, then run 'chmod 700 " + dir + "'"
		return ui.WithHint(fmt.Errorf("%s can be written by all users", dir), hint)
	}
	return nil
}

// reader returns the Repairer of a command that only reads.
func (p *program) reader(c *cli.Context) (*recovery.Repairer, error) {
	record, err := p.ledger()
	if err != nil {
		return nil, err
	}
	backups := p.backups()
	// Every command removes the expired backups. 'backups prune' says why one cannot be removed.
	_, _ = backups.Prune(p.now())
	return &recovery.Repairer{
		Paths: p.paths, Env: p.env, Dir: p.workingDir(), Now: p.now,
		Store:    p.store(),
		Backups:  backups,
		Ledger:   record,
		Client:   func() (string, error) { return paths.FindClient(p.env) },
		Terminal: terminal{p.ui},
		Timeout:  c.Duration("timeout"),
		Rules:    p.knownRules,
		Hooks:    lifecycle.Hooks{Paths: p.paths, Env: p.env, Exe: p.exe},
		Warned:   new(sync.Map),
	}, nil
}

// rules returns the detection rules. It prints what is wrong with the user's own; the valid ones still apply.
func (p *program) rules() *detect.Rules {
	rules, err := detect.LoadRules(p.paths.Rules())
	if err != nil {
		p.ui.Fail(err)
	}
	return rules
}

// knownRules is rules where nobody is told of a rule that is not valid.
func (p *program) knownRules() *detect.Rules {
	if rules, _ := detect.LoadRules(p.paths.Rules()); rules != nil {
		return rules
	}
	return detect.Builtin()
}

// listener returns a Repairer for what the client's transcripts say, with the ledger or without one.
func (p *program) listener(record *ledger.Ledger) *recovery.Repairer {
	return &recovery.Repairer{
		Paths: p.paths, Env: p.env, Dir: p.workingDir(), Now: p.now, Ledger: record, Rules: p.knownRules,
		Terminal: terminal{p.ui}, Backups: p.backups(),
	}
}

// workingDir is where the client looks for the settings of a project.
func (p *program) workingDir() string {
	dir, err := os.Getwd()
	if err != nil {
		return p.paths.Home // the working directory was removed, and the settings of the project with it
	}
	return dir
}
