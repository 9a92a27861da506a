package cmd

import (
	"context"
	"fmt"

	"github.com/urfave/cli/v2"

	"github.com/claude-auth/claude-auth/internal/credentials"
	"github.com/claude-auth/claude-auth/internal/secret"
	"github.com/claude-auth/claude-auth/internal/ui"
)

// document reads the credentials document. It is an error when there is none.
func (p *program) document(ctx context.Context) (credentials.Snapshot, error) {
	snapshot, err := p.store().Read(ctx)
	switch {
	case err != nil:
		err = ui.WithHint(err, "run 'claude-auth status' to see what it means")
	case snapshot.Err != nil:
		err = ui.WithHint(snapshot.Err, "run 'claude-auth recover': it keeps a backup of the file and signs in again")
	case !snapshot.Exists:
		err = ui.WithHint(fmt.Errorf("nothing is saved in %s", snapshot.Place()), "run 'claude-auth login' to sign in")
	}
	p.tellCutOff(snapshot)
	return snapshot, err
}

// nothingAt is the error for a path at which the document in file has no value.
func nothingAt(path, file string) error {
	return ui.WithHint(fmt.Errorf("there is nothing at %s in %s", secret.Redact(path), file),
		"'claude-auth show' shows what there is")
}

// placeArgument parses an argument that names one place in the document.
func placeArgument(c *cli.Context, text string) (credentials.Path, error) {
	path, err := credentials.ParsePath(text)
	if err != nil {
		err = usageErrorf("'claude-auth help paths' explains paths", "%s: %w", c.Command.Name, err)
	}
	return path, err
}

// edit changes the document under the client's locks. A backup keeps the value that it overwrites or removes, for
// 'claude-auth undo'. An edit that only adds something needs no backup.
func (p *program) edit(
	c *cli.Context, place credentials.Path, change func(*credentials.Document) (*credentials.Document, error),
) error {
	repairer := p.repairer(c)
	p.tellState(c)
	repairer.FinishCutOff(c.Context) // afterwards undo would take the backup of this edit
	backups := repairer.Backups
	var kept *credentials.Backup
	err := credentials.Update(c.Context, p.store(), func(current credentials.Snapshot) (*credentials.Document, error) {
		after, err := change(current.Doc)
		if err != nil || after.Equal(current.Doc) {
			return current.Doc, err
		}
		if _, there, err := current.Doc.At(place); err != nil || !there || kept != nil {
			return after, err
		}
		request := credentials.BackupRequest{
			Snapshot: current, After: after.Bytes(), Removed: []string{place[0].Name}, Reason: c.Command.Name, Time: p.now(),
		}
		request.Login = p.fingerprints(current)
		kept, err = backups.Create(request)
		return after, err
	})
	if err != nil {
		backups.Settle(c.Context, p.store(), kept)
		return fmt.Errorf("%s %s: %w", c.Command.Name, secret.Redact(place.String()), err)
	}
	if kept != nil {
		_, err = backups.PruneEdits(p.paths.Credentials)
	}
	return err
}

// fingerprints returns those of the login in a snapshot.
func (p *program) fingerprints(s credentials.Snapshot) credentials.Fingerprints {
	login := s.Login()
	if login == nil {
		return credentials.Fingerprints{}
	}
	return credentials.Fingerprints(p.ledgerOrNone().Identify(login.AccessToken, login.RefreshToken))
}
