package cmd

import (
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/claude-auth/claude-auth/internal/credentials"
	"github.com/claude-auth/claude-auth/internal/recovery"
	"github.com/claude-auth/claude-auth/internal/ui"
)

var _ = register("undo", func() command {
	return command{
		group: groupLogin, rank: 70,
		usage:       "restore what the last wipe or edit removed",
		description: restoreDescription,
		flags:       []cli.Flag{forceFlag()},
		run:         withRepairer((*program).undo),
	}
})

const restoreDescription = "Where the file is still as it was left then, it becomes byte for byte what it was. " +
	"What has come since stays."

func forceFlag() cli.Flag {
	return &cli.BoolFlag{
		Name: "force", Aliases: []string{"f"},
		Usage: "also in the place of a newer login, which is backed up first",
	}
}

func (p *program) undo(c *cli.Context, repairer *recovery.Repairer) error {
	backup, err := repairer.Backups.Latest(p.paths.Credentials)
	if err != nil {
		return ui.WithHint(err, "'claude-auth backups' lists what there is")
	}
	return p.restore(c, repairer, backup)
}

// restore puts a backup back and says what came of it.
func (p *program) restore(c *cli.Context, repairer *recovery.Repairer, backup *credentials.Backup) error {
	done, err := repairer.Undo(c.Context, backup, c.Bool("force"))
	if err != nil {
		return err
	}
	file := p.displayPath(backup.Place())
	if done.Exact {
		p.ui.Printf("%s is what it was before %s\n", file, backup.Time.Local().Format("2006-01-02 15:04:05"))
	} else if len(done.Keys) > 0 {
		p.ui.Printf("put back into %s: %s\n", file, strings.Join(backup.Labels(done.Keys), ", "))
	}
	if done.Console {
		p.ui.Printf("restored the API key of your Console sign-in in %s\n", p.displayPath(p.paths.GlobalConfig))
	}
	if len(done.Kept) > 0 {
		p.ui.Printf("left as they are now: %s\n", strings.Join(backup.Labels(done.Kept), ", "))
		p.ui.Hintf("'--force' puts back what the backup has in their place")
	}
	if done.Replaced != nil {
		p.ui.Hintf("what was there is backup %s: 'claude-auth backups restore %[1]s'", done.Replaced.ID)
	}
	return nil
}
