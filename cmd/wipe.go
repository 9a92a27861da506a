package cmd

import (
	"context"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/claude-auth/claude-auth/internal/claude"
	"github.com/claude-auth/claude-auth/internal/credentials"
	"github.com/claude-auth/claude-auth/internal/recovery"
)

var _ = register("wipe", func() command {
	return command{
		group: groupLogin, rank: 60,
		usage: "remove the saved login and nothing else",
		description: "The account's keys go (" + accountKeys() + ");\n" +
			"every other byte of the file stays. A backup is kept: 'claude-auth undo' puts it back.",
		flags: []cli.Flag{
			&cli.BoolFlag{Name: "all", Usage: "empty the whole document, MCP sign-ins included"},
			dryRunFlag(),
		},
		run: withRepairer((*program).wipe),
	}
})

func (p *program) wipe(c *cli.Context, repairer *recovery.Repairer) error {
	dry, file := c.Bool("dry-run"), p.displayPath(credentials.PlaceOf(p.store()))
	result, err := repairer.WipeByHand(c.Context, recovery.WipeOptions{All: c.Bool("all"), DryRun: dry, Reason: "wipe"})
	switch {
	case err != nil:
		return err
	case len(result.Removed) == 0:
		p.ui.Printf("nothing to wipe: no login is saved in %s\n", file)
	case dry:
		p.ui.Printf("would take out of %s: %s\n", file, strings.Join(p.labels(c.Context, result.Removed), ", "))
	default:
		place := p.displayPath(result.Backup.Place())
		p.ui.Printf("taken out of %s: %s\n", place, strings.Join(result.Backup.Labels(result.Removed), ", "))
		p.ui.Hintf("'claude-auth undo' puts it back (backup %s)", result.Backup.ID)
	}
	return nil
}

// labels returns the keys of the saved document, in the form that may be shown.
func (p *program) labels(ctx context.Context, keys []string) []string {
	if snapshot, err := p.store().Read(ctx); err == nil && snapshot.Doc != nil {
		return snapshot.Doc.Labels(keys)
	}
	return keys // of something that is not a document: our own words for it
}

// accountKeys names the members of the credentials file that belong to the account, for people.
func accountKeys() string {
	var names []string
	for _, key := range claude.AccountKeys {
		names = append(names, key.Name)
	}
	return strings.Join(names, ", ")
}
