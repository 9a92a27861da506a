package cmd

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/claude-auth/claude-auth/internal/credentials"
	"github.com/claude-auth/claude-auth/internal/recovery"
)

var _ = register("undo", func() command {
	return command{
		group: groupRepair, rank: 70,
		usage: "restore what the last removal or edit has changed",
		description: "It undoes the last 'wipe', 'login', 'recover', 'set' or 'unset' that was not undone yet. " +
			"Run it again for the one before that. The exit status is 1 when there is nothing to undo.\n\n" +
			"If 'undo --force' has replaced a newer login, the next 'undo' restores that one.\n\n" +
			restoreDescription,
		examples: "claude-auth undo   # undo the last change\n" +
			"claude-auth undo --force   # also in the place of a newer login",
		flags: []cli.Flag{forceFlag(), dryRunFlag(), jsonFlag()},
		run:   withRepairer((*program).undo), acts: true,
	}
})

const restoreDescription = "If the file has not changed since, it becomes byte for byte what it was before. " +
	"Otherwise the removed values are added to it, and everything that is newer stays."

func forceFlag() cli.Flag {
	return &cli.BoolFlag{
		Name: "force", Aliases: []string{"f"},
		Usage: "also replace a newer login, after a backup of it",
	}
}

func (p *program) undo(c *cli.Context, repairer *recovery.Repairer) error {
	backup, err := repairer.Backups.Latest(p.paths.Credentials)
	if errors.Is(err, credentials.ErrNoBackup) {
		p.ui.Text("Nothing to undo.")
		return statusError{status: exitFailed}
	}
	if err != nil {
		return err
	}
	return p.restore(c, repairer, backup)
}

// undone says which change a restore of the backup has undone, in the middle of a sentence.
func undone(backup *credentials.Backup, now time.Time) string {
	what := "removal"
	switch backup.Reason {
	case "set":
		what = "edit"
	case "undo":
		what = "undo"
	}
	layout := time.DateTime
	if at := backup.Time.Local(); at.Format(time.DateOnly) == now.Local().Format(time.DateOnly) {
		layout = time.TimeOnly
	}
	return "undid the " + what + " of " + backup.Time.Local().Format(layout)
}

// restore restores a backup and says what came of it.
func (p *program) restore(c *cli.Context, repairer *recovery.Repairer, backup *credentials.Backup) error {
	if c.Bool("dry-run") {
		return p.wouldRestore(c, repairer, backup)
	}
	done, err := repairer.Undo(c.Context, backup, c.Bool("force"))
	if err != nil {
		return p.orRejected(c, err)
	}
	if c.Bool("json") {
		return p.restoreJSON(c, backup, done)
	}
	file := backup.Place()
	if done.Exact {
		p.ui.Textf("Restored %s (%s)", file, undone(backup, p.now()))
	} else if len(done.Keys) > 0 {
		keys := strings.Join(backup.Labels(done.Keys), ", ")
		p.ui.Textf("Restored in %s: %s (%s)", file, keys, undone(backup, p.now()))
	}
	if done.Console {
		p.ui.Textf("Restored the API key of your Console sign-in in %s", backup.Console.Place())
	}
	if len(done.Kept) > 0 {
		p.ui.Textf("Not changed, because there are newer values: %s", strings.Join(backup.Labels(done.Kept), ", "))
		p.ui.Hintf("run 'claude-auth backups restore --force %s' to replace them", backup.ID)
	}
	if done.Replaced != nil {
		p.ui.Hintf("run 'claude-auth backups restore --force %s' to get back what was there", done.Replaced.ID)
	}
	return nil
}

// orRejected adds to the error of a restore that the newer login, which keeps it from restoring, was rejected.
func (p *program) orRejected(c *cli.Context, err error) error {
	if newer := (*credentials.NewerLoginError)(nil); errors.As(err, &newer) {
		if record, replay := p.readLedger(); p.historyOf(p.snapshot(c.Context), record, replay).Rejected {
			return fmt.Errorf("%w, but Anthropic has rejected it", err)
		}
	}
	return err
}
