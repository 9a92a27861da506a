package cmd

import (
	"cmp"
	"os"
	"sync"

	"github.com/urfave/cli/v2"

	"github.com/claude-auth/claude-auth/internal/config"
	"github.com/claude-auth/claude-auth/internal/detect"
	"github.com/claude-auth/claude-auth/internal/ledger"
	"github.com/claude-auth/claude-auth/internal/lifecycle"
	"github.com/claude-auth/claude-auth/internal/paths"
	"github.com/claude-auth/claude-auth/internal/recovery"
)

// repairer returns the Repairer of a command that changes the login. It works without the ledger too.
func (p *program) repairer(c *cli.Context) *recovery.Repairer {
	return p.repairerWith(c, p.ledgerOrNone())
}

// withRepairer returns the run of a command that changes the login.
func withRepairer(run func(*program, *cli.Context, *recovery.Repairer) error) func(*program, *cli.Context) error {
	return func(p *program, c *cli.Context) error {
		repairer := p.repairer(c) // first: it finds a full disk
		p.tellState(c)
		return run(p, c, repairer)
	}
}

// reader returns the Repairer of a command that only reads.
func (p *program) reader(c *cli.Context) (*recovery.Repairer, error) {
	record, err := p.ledger()
	if err != nil {
		return nil, err
	}
	return p.repairerWith(c, record), nil
}

func (p *program) repairerWith(c *cli.Context, record *ledger.Ledger) *recovery.Repairer {
	backups := p.backups()
	// Every command removes the expired backups. 'backups prune' says why one cannot be removed.
	_, _ = backups.Prune(p.now())
	return &recovery.Repairer{
		System: p.system, Paths: p.paths, Env: p.env, Dir: p.workingDir(), Now: p.now,
		Store:    p.store(),
		Backups:  backups,
		Ledger:   record,
		Client:   func() (string, error) { return paths.FindClient(p.env) },
		Terminal: terminal{p.ui},
		Debug:    p.debug,
		Timeout:  cmp.Or(c.Duration("timeout"), p.config.Timeout()),
		Browser:  p.config.Get(config.Browser),
		Rules:    p.knownRules,
		Hooks:    lifecycle.Hooks{Paths: p.paths, Env: p.env, Exe: p.exe},
		Warned:   new(sync.Map),
		Quiet:    p.trouble.Cause != "", // tellState says why
		Useless:  func(err error) { p.stateFailed(c, err) },
	}
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
		Quiet: true, // doctor has a check of the state directory
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
