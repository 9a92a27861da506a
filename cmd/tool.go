package cmd

import (
	"os"

	"github.com/urfave/cli/v2"

	"github.com/claude-auth/claude-auth/internal/paths"
	"github.com/claude-auth/claude-auth/internal/recovery"
)

// tool puts together what a recovery works with.
func (p *program) tool(c *cli.Context) (*recovery.Tool, error) {
	record, err := p.ledger()
	if err != nil {
		return nil, err
	}
	backups := p.backups()
	// A backup goes when its time is over, with whatever command comes next. One that cannot be removed now stands in nobody's
	// way; 'backups prune' says why.
	_, _ = backups.Prune(p.now())
	return &recovery.Tool{
		Paths: p.paths, Env: p.env, Exe: p.exe, Dir: p.workingDir(), Now: p.now,
		Store:    p.store(),
		Backups:  backups,
		Ledger:   record,
		Client:   func() (string, error) { return paths.FindClient(p.env, "claude") },
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
