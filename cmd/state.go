package cmd

import (
	"errors"
	"slices"

	"github.com/urfave/cli/v2"

	"github.com/claude-auth/claude-auth/internal/diagnose"
	"github.com/claude-auth/claude-auth/internal/ledger"
	"github.com/claude-auth/claude-auth/internal/paths"
	"github.com/claude-auth/claude-auth/internal/secret"
	"github.com/claude-auth/claude-auth/internal/ui"
)

// usePaths makes the program work on these paths, without a state directory where that may not be used. Everything but
// the records works then too: backups are kept beside the credentials file.
func (p *program) usePaths(found paths.Paths) {
	p.paths, p.stateDir = found, found.StateDir
	if p.trouble = diagnose.FindStateTrouble(found); p.trouble.Useless {
		p.paths = found.Stateless()
	}
}

// stateError says what is wrong with the state directory, nil when nothing is known to be.
func (p *program) stateError() error {
	if p.trouble.Cause == "" {
		return nil
	}
	return ui.WithHint(errors.New(p.trouble.Cause), p.trouble.Remedy)
}

// tellState says once what is wrong with the state directory, before a command that works without it. Nothing is said
// in a prompt, and `run` says nothing: the client does not need the directory.
func (p *program) tellState(c *cli.Context) {
	if p.toldState || slices.Contains([]string{"prompt", "statusline"}, c.String("format")) {
		return
	}
	p.toldState = true
	if err := p.stateError(); err != nil {
		p.ui.Fail(err)
	}
}

// stateFailed says what tellState would have said, when a directory that looked well turns out to be of no use: its
// disk is full.
func (p *program) stateFailed(c *cli.Context, err error) {
	if p.trouble.Cause != "" {
		return
	}
	p.trouble, p.toldState = p.trouble.Because(p.paths, err), false
	p.tellState(c)
}

// historyFailed is the error of a command that cannot do without the ledger, and could not read it.
func (p *program) historyFailed(err error) error {
	p.trouble = p.trouble.Because(p.paths, err)
	return p.stateError()
}

// ledgerOrNone opens the ledger, or one into which nothing can be written: its fingerprints are of a key that no other
// process has. tellState says what is wrong with the ledger.
func (p *program) ledgerOrNone() *ledger.Ledger {
	if record, err := p.ledger(); err == nil {
		return record
	}
	return ledger.New(p.paths.Stateless().Ledger(), secret.NewKey(), p.now)
}
