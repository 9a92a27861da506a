package cmd

import (
	"context"
	"errors"
	"fmt"

	"github.com/urfave/cli/v2"

	"github.com/claude-auth/claude-auth/internal/credentials"
	"github.com/claude-auth/claude-auth/internal/secret"
	"github.com/claude-auth/claude-auth/internal/ui"
)

// document reads the credentials file. It is an error when there is none.
func (p *program) document(ctx context.Context) (credentials.Snapshot, error) {
	snapshot, err := p.store().Read(ctx)
	switch {
	case err != nil:
		err = ui.WithHint(err, "run 'claude-auth doctor' to see why")
	case snapshot.Err != nil:
		err = ui.WithHint(snapshot.Err, "run 'claude-auth recover' to sign in again; it keeps a backup of the file")
	case !snapshot.Exists:
		err = ui.WithHint(fmt.Errorf("%s does not exist", snapshot.Place()), "run 'claude-auth recover' to sign in")
	}
	p.tellCutOff(snapshot)
	return snapshot, err
}

// nothingError says that the file has no value at a path.
type nothingError struct{ path, file string }

func (e nothingError) Error() string {
	return fmt.Sprintf("there is nothing at %s in %s", secret.Redact(e.path), e.file)
}

// Hint says what helps.
func (e nothingError) Hint() string { return "run 'claude-auth show' to see what is there" }

// placeArgument parses an argument that names one place in the file.
func placeArgument(c *cli.Context, text string) (credentials.Path, error) {
	path, err := credentials.ParsePath(text)
	if err != nil {
		err = usageErrorf("run 'claude-auth help paths'", "%w", err)
	}
	return path, err
}

// edit changes the file under the client's locks. A backup keeps the value that it overwrites or removes, for
// 'claude-auth undo'. An edit that only adds something needs no backup.
func (p *program) edit(
	c *cli.Context, place credentials.Path, change func(*credentials.Document) (*credentials.Document, error),
) error {
	if w := p.waitingSignIn(); w != nil {
		return p.inTheWay(*w)
	}
	if c.Bool("dry-run") {
		return p.wouldEdit(c, place, change)
	}
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
		for _, step := range place {
			request.Edited = append(request.Edited, step.Name)
		}
		request.Login = p.fingerprints(current)
		kept, err = backups.Create(request)
		return after, err
	})
	if err != nil {
		backups.Settle(c.Context, p.store(), kept)
		if errors.As(err, new(nothingError)) {
			return err
		}
		if wrong := (*credentials.PathError)(nil); errors.As(err, &wrong) {
			err = errors.New(wrong.Msg) // the path is in the text already
		}
		return fmt.Errorf("cannot %s %s: %w", c.Command.Name, secret.Redact(place.String()), err)
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
