package cmd

import (
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/claude-auth/claude-auth/internal/credentials"
	"github.com/claude-auth/claude-auth/internal/recovery"
)

// removalDocument is the output of wipe --json. Members are only ever added.
type removalDocument struct {
	Schema  int      `json:"schema"`
	File    string   `json:"file"`
	DryRun  bool     `json:"dry_run"`
	Removed []string `json:"removed"`          // members of the file; empty when there was nothing to remove
	Backup  string   `json:"backup,omitempty"` // its id, for 'backups restore'
}

func (p *program) removalJSON(c *cli.Context, result recovery.WipeResult) error {
	doc := removalDocument{Schema: 1, File: p.paths.Credentials, DryRun: c.Bool("dry-run"), Removed: []string{}}
	switch {
	case result.Backup != nil:
		doc.Removed, doc.Backup = result.Backup.Labels(result.Removed), result.Backup.ID
	case len(result.Removed) > 0:
		doc.Removed = p.labels(c.Context, result.Removed)
	}
	return p.ui.JSON(doc)
}

// restoreDocument is the output of undo --json and of backups restore --json. Members are only ever added.
type restoreDocument struct {
	Schema   int      `json:"schema"`
	File     string   `json:"file"`
	DryRun   bool     `json:"dry_run"`
	Backup   string   `json:"backup"`             // the id of what is restored
	Exact    bool     `json:"exact"`              // the file is, byte for byte, what it was before
	Restored []string `json:"restored,omitempty"` // members of the file, where it is not exact
	Kept     []string `json:"kept,omitempty"`     // members that are newer, and stay
	Console  bool     `json:"console"`            // the API key of a Console sign-in is restored
	Replaced string   `json:"replaced,omitempty"` // the id of the backup of what was there
}

func (p *program) restoreJSON(c *cli.Context, backup *credentials.Backup, done credentials.Restored) error {
	doc := restoreDocument{
		Schema: 1, File: p.paths.Credentials, DryRun: c.Bool("dry-run"), Backup: backup.ID, Exact: done.Exact,
		Restored: backup.Labels(done.Keys), Kept: backup.Labels(done.Kept), Console: done.Console,
	}
	if done.Replaced != nil {
		doc.Replaced = done.Replaced.ID
	}
	return p.ui.JSON(doc)
}

// wouldRestore says what undo --dry-run would do.
func (p *program) wouldRestore(c *cli.Context, repairer *recovery.Repairer, backup *credentials.Backup) error {
	done, err := repairer.WouldUndo(c.Context, backup, c.Bool("force"))
	if err != nil {
		return p.orRejected(c, err)
	}
	if c.Bool("json") {
		return p.restoreJSON(c, backup, done)
	}
	file, from := backup.Place(), " from backup "+backup.ID+"\n"
	switch {
	case done.Exact:
		p.ui.Text("Would restore " + file + from)
	case len(done.Keys) > 0:
		p.ui.Text("Would restore in " + file + ": " + strings.Join(backup.Labels(done.Keys), ", ") + from)
	}
	if done.Console {
		p.ui.Text("Would restore the API key of your Console sign-in in " + backup.Console.Place() + "\n")
	}
	if len(done.Kept) > 0 {
		p.ui.Text("Would leave, because they are newer: " + strings.Join(backup.Labels(done.Kept), ", ") + "\n")
	}
	return nil
}

// wouldEdit says what an edit with --dry-run would do, and fails where the edit would.
func (p *program) wouldEdit(
	c *cli.Context, place credentials.Path, change func(*credentials.Document) (*credentials.Document, error),
) error {
	snapshot, err := p.store().Read(c.Context)
	if err == nil {
		err = snapshot.Err
	}
	if err != nil {
		return err
	}
	after, err := change(snapshot.Doc)
	switch {
	case err != nil:
		return err
	case after.Equal(snapshot.Doc):
		p.ui.Text("Nothing would change in " + snapshot.Place() + "\n")
	default:
		p.ui.Text("Would " + c.Command.Name + " " + place.String() + " in " + snapshot.Place() + "\n")
	}
	return nil
}
