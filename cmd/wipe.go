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
		group: groupRepair, rank: 60,
		usage: "remove the saved login and nothing else",
		description: "It removes the keys of the account (" + accountKeys() + "). " +
			"Every other byte of the file stays. 'claude-auth undo' restores the login.",
		examples: "claude-auth wipe   # remove the login; MCP logins stay\n" +
			"claude-auth wipe --dry-run   # show what would be removed",
		flags: []cli.Flag{
			&cli.BoolFlag{Name: "all", Usage: "remove everything in the file, MCP logins too"},
			dryRunFlag(), jsonFlag(),
		},
		run: withRepairer((*program).wipe), acts: true,
	}
})

func (p *program) wipe(c *cli.Context, repairer *recovery.Repairer) error {
	dry, file := c.Bool("dry-run"), credentials.PlaceOf(p.store())
	result, err := repairer.WipeByHand(c.Context, recovery.WipeOptions{All: c.Bool("all"), DryRun: dry, Reason: "wipe"})
	switch {
	case err != nil:
		return err
	case c.Bool("json"):
		return p.removalJSON(c, result)
	case len(result.Removed) == 0:
		p.ui.Textf("Nothing to remove: no login is saved in %s", file)
	case dry:
		p.ui.Textf("Would remove from %s: %s", file, strings.Join(p.labels(c.Context, result.Removed), ", "))
	default:
		p.ui.Textf("Removed from %s: %s", result.Backup.Place(), strings.Join(result.Backup.Labels(result.Removed), ", "))
		p.ui.Hintf("run 'claude-auth undo' to restore it (backup %s)", result.Backup.ID)
	}
	return nil
}

// labels returns the keys of the saved file, in the form that may be shown.
func (p *program) labels(ctx context.Context, keys []string) []string {
	if snapshot, err := p.store().Read(ctx); err == nil && snapshot.Doc != nil {
		return snapshot.Doc.Labels(keys)
	}
	return keys // of something that is not JSON: our own words for it
}

// accountKeys names the members of the credentials file that belong to the account, for people.
func accountKeys() string {
	var names []string
	for _, key := range claude.AccountKeys {
		names = append(names, key.Name)
	}
	return strings.Join(names, ", ")
}
