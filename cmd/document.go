package cmd

import (
	"context"
	"fmt"

	"github.com/urfave/cli/v2"

	"github.com/claude-auth/claude-auth/internal/credentials"
	"github.com/claude-auth/claude-auth/internal/secret"
	"github.com/claude-auth/claude-auth/internal/ui"
)

// document reads the credentials document; that there is none is an error.
func (p *program) document(ctx context.Context) (credentials.Snapshot, error) {
	snapshot, err := p.store().Read(ctx)
	switch {
	case err != nil:
		return snapshot, ui.WithHint(err, "run 'claude-auth status' to see what it means")
	case snapshot.Err != nil:
		return snapshot, ui.WithHint(snapshot.Err, "run 'claude-auth recover': it keeps a backup of the file and signs in again")
	case !snapshot.Exists:
		return snapshot, ui.WithHint(fmt.Errorf("nothing is saved in %s", snapshot.Path), "run 'claude-auth login' to sign in")
	}
	return snapshot, nil
}

// placeArgument reads an argument that names one place in the document.
func placeArgument(c *cli.Context, text string) (credentials.Path, error) {
	path, err := credentials.ParsePath(text)
	if err != nil {
		return nil, ui.WithHint(usageError{fmt.Errorf("%s: %w", c.Command.Name, err)}, "'claude-auth help paths' explains paths")
	}
	return path, nil
}

// edit changes the document under the client's locks. A value that an edit overwrites or takes out is kept in a backup,
// for 'claude-auth undo'; what an edit only adds needs none.
func (p *program) edit(c *cli.Context, place credentials.Path, change func(*credentials.Document) (*credentials.Document, error)) error {
	if err := p.ownState(); err != nil {
		return err
	}
	backups := credentials.OpenBackups(p.paths.Backups())
	var kept *credentials.Backup
	err := p.store().Update(c.Context, func(current credentials.Snapshot) (*credentials.Document, error) {
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
		if request.Login, err = p.fingerprints(current); err == nil {
			kept, err = backups.Create(request)
		}
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

// fingerprints names the login in a snapshot.
func (p *program) fingerprints(s credentials.Snapshot) (credentials.Fingerprints, error) {
	login := s.Login()
	if login == nil {
		return credentials.Fingerprints{}, nil
	}
	key, err := secret.LoadKey(p.paths.Key())
	if err != nil {
		return credentials.Fingerprints{}, err
	}
	return credentials.Fingerprints{Access: login.AccessToken.Fingerprint(key), Refresh: login.RefreshToken.Fingerprint(key)}, nil
}
