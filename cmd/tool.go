package cmd

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"syscall"

	"github.com/urfave/cli/v2"

	"github.com/claude-auth/claude-auth/internal/paths"
	"github.com/claude-auth/claude-auth/internal/recovery"
	"github.com/claude-auth/claude-auth/internal/ui"
)

// tool puts together what a recovery works with.
func (p *program) tool(c *cli.Context) (*recovery.Repairer, error) {
	if err := p.ownState(); err != nil {
		return nil, err
	}
	return p.reader(c)
}

// ownState refuses a state directory that another user has made, or may write to: the backups in it are put back as
// they are, and one of somebody else's would sign the user in as that somebody.
func (p *program) ownState() error {
	info, err := os.Stat(p.paths.StateDir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("look at the state directory: %w", err)
	}
	stat, ok := info.Sys().(*syscall.Stat_t)
	dir := p.displayPath(p.paths.StateDir)
	switch me := os.Geteuid(); {
	case ok && me != 0 && int(stat.Uid) != me:
		return ui.WithHint(fmt.Errorf("%s belongs to another user", dir), "set XDG_STATE_HOME to a directory of your own")
	case info.Mode().Perm()&0o002 != 0:
		hint := "look at what is in it, then run 'chmod 700 " + dir + "'"
		return ui.WithHint(fmt.Errorf("%s can be written by all users", dir), hint)
	}
	return nil
}

// reader is tool for what only reads.
func (p *program) reader(c *cli.Context) (*recovery.Repairer, error) {
	record, err := p.ledger()
	if err != nil {
		return nil, err
	}
	backups := p.backups()
	// A backup goes when its time is over, with whatever command comes next. One that cannot be removed now stands in
	// nobody's way; 'backups prune' says why.
	_, _ = backups.Prune(p.now())
	return &recovery.Repairer{
		Paths: p.paths, Env: p.env, Exe: p.exe, Dir: p.workingDir(), Now: p.now,
		Store:    p.store(),
		Backups:  backups,
		Ledger:   record,
		Client:   func() (string, error) { return paths.FindClient(p.env) },
		Terminal: terminal{p.ui},
		Timeout:  c.Duration("timeout"),
	}, nil
}

// workingDir is where the client would look for a project's settings.
func (p *program) workingDir() string {
	dir, err := os.Getwd()
	if err != nil {
		return p.paths.Home // the working directory is gone: the project's settings are too
	}
	return dir
}
