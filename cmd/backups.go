package cmd

import (
	"errors"
	"fmt"
	"io/fs"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/claude-auth/claude-auth/internal/credentials"
	"github.com/claude-auth/claude-auth/internal/recovery"
	"github.com/claude-auth/claude-auth/internal/ui"
)

var _ = register("backups", func() command {
	listFlags := []cli.Flag{jsonFlag()}
	return command{
		group: groupRepair, rank: 80,
		usage: "list, restore and delete the backups of the credentials file",
		description: "Before anything in the file is removed or overwritten, a backup of the whole file is made. " +
			"Without a subcommand the backups are listed, the newest first.",
		examples: "claude-auth backups   # list the backups\n" +
			"claude-auth backups restore 20261127-093912   # restore one of them",
		flags: listFlags, run: (*program).listBackups,
		subcommands: []command{
			{
				name: "list", usage: "list the backups, the newest first", flags: listFlags, run: (*program).listBackups,
				examples: "claude-auth backups list --json   # for a program",
			},
			{
				name: "prune", usage: "delete expired backups",
				description: "A backup of a login expires after 7 days, if a new login was saved and works. " +
					"Of the backups of edits the newest 10 are kept. Other commands delete expired backups too.",
				examples: "claude-auth backups prune --dry-run   # show which backups have expired\n" +
					"claude-auth backups prune --all   # delete all backups, also those that 'undo' needs",
				flags: []cli.Flag{
					&cli.BoolFlag{Name: "all", Usage: "delete every backup; afterwards nothing can be undone"},
					dryRunFlag(), yesFlag(),
				},
				run: (*program).pruneBackups, acts: true,
			},
			{
				name: "restore", usage: "restore one backup", argsUsage: "ID",
				description: "'claude-auth backups' shows each ID. Its beginning is enough if no other one begins so.\n\n" +
					restoreDescription,
				examples: "claude-auth backups restore 20261127-093912   # restore the backup of that time (in UTC)",
				flags:    []cli.Flag{forceFlag(), dryRunFlag(), jsonFlag()},
				minArgs:  1, maxArgs: 1, run: withRepairer((*program).restoreBackup), acts: true,
				complete: (*program).completeBackupID,
			},
		},
	}
})

func (p *program) completeBackupID(args []string, _ string) (a answer) {
	if len(args) > 0 {
		return answer{}
	}
	list, _ := p.backups().List() // those that can be read are offered
	for _, b := range list {
		if b.File == p.paths.Credentials {
			about := fmt.Sprintf("%s, %s ago: %s", b.Reason, ui.Roughly(p.now().Sub(b.Time)), b.Content())
			a.list = append(a.list, candidate{b.ID, ui.Clean(about)})
		}
	}
	return a
}

// backupEntry is one backup in --json. Members are only ever added.
type backupEntry struct {
	ID         string                   `json:"id"`
	Time       time.Time                `json:"time"`
	File       string                   `json:"file"`
	Reason     string                   `json:"reason"`
	Removed    []string                 `json:"removed"`
	Login      credentials.Fingerprints `json:"login"`
	VerifiedAt time.Time                `json:"verified_at,omitzero"`
	RestoredAt time.Time                `json:"restored_at,omitzero"`
}

func (p *program) listBackups(c *cli.Context) error {
	list, problem := p.backups().List()
	p.tellCutOff(p.snapshot(c.Context))
	if c.Bool("json") {
		entries := make([]backupEntry, 0, len(list))
		for _, b := range list {
			entries = append(entries, backupEntry{
				b.ID, wholeSeconds(b.Time), b.File, b.Reason, b.Labels(b.Removed), b.Login,
				wholeSeconds(b.Verified), wholeSeconds(b.Restored),
			})
		}
		return errors.Join(problem, p.ui.JSON(struct {
			Schema  int           `json:"schema"`
			Backups []backupEntry `json:"backups"`
		}{1, entries}))
	}
	if len(list) == 0 {
		p.ui.Text("No backups.")
		return problem
	}
	heading := func(text string) ui.Cell { return ui.Cell{Text: text, Style: ui.Dim} }
	rows := [][]ui.Cell{{heading("id"), heading("age"), heading("before"), heading("what was removed or changed")}}
	for _, b := range list {
		rows = append(rows, []ui.Cell{
			{Text: b.ID}, {Text: shortAge(p.now().Sub(b.Time))}, {Text: b.Reason}, {Text: p.describeBackup(b)},
		})
	}
	p.ui.Table(rows)
	return problem
}

// wholeSeconds is a time as JSON has it.
func wholeSeconds(t time.Time) time.Time { return t.UTC().Truncate(time.Second) }

// shortAge says an age in a few columns, in its largest unit: 5m, 3h, 12d.
func shortAge(age time.Duration) string {
	switch {
	case age < time.Minute:
		return "now"
	case age < time.Hour:
		return fmt.Sprintf("%dm", age/time.Minute)
	case age < 24*time.Hour:
		return fmt.Sprintf("%dh", age/time.Hour)
	}
	return fmt.Sprintf("%dd", age/(24*time.Hour))
}

// describeBackup says what a backup restores, and what has happened since.
func (p *program) describeBackup(b *credentials.Backup) string {
	text := b.Content()
	if b.File != p.paths.Credentials {
		text += ", in " + b.File
	}
	if !b.Restored.IsZero() {
		text += "; restored since"
	} else if !b.Verified.IsZero() {
		text += "; a new login works"
	}
	return text
}

func (p *program) backups() *credentials.Backups {
	return credentials.OpenBackups(p.paths.Backups(), p.paths.SpareBackups())
}

func (p *program) pruneBackups(c *cli.Context) error {
	if c.Bool("all") && !c.Bool("dry-run") {
		if err := p.nothingWaits(); err != nil {
			return err
		}
	}
	list, err := p.backups().List()
	expired := p.prunable(list, c.Bool("all"))
	if c.Bool("all") && len(expired) > 0 && !c.Bool("dry-run") && !c.Bool("yes") {
		if yes, err := p.agreesToPrune(c, len(expired)); err != nil || !yes {
			return err
		}
	}
	removed := 0
	for _, b := range expired {
		verb := "Deleted"
		if c.Bool("dry-run") {
			verb = "Would delete"
		} else if removeErr := p.backups().Remove(b.ID); removeErr != nil && !errors.Is(removeErr, fs.ErrNotExist) {
			err = errors.Join(err, removeErr)
			continue
		}
		removed++
		p.ui.Textf("%s %s (%s: %s)", verb, b.ID, b.Reason, b.Content())
	}
	if removed == 0 && err == nil {
		p.ui.Text("Nothing to delete.")
	}
	return err
}

// agreesToPrune asks before every backup is deleted.
func (p *program) agreesToPrune(c *cli.Context, count int) (bool, error) {
	if !p.ui.CanAsk() {
		return false, usageErrorf("add --yes to delete them without a question",
			"backups prune --all asks first, and there is no terminal to ask on")
	}
	backups := pick(count == 1, "the only backup", fmt.Sprintf("all %d backups", count))
	yes, err := p.ui.Ask(c.Context, ui.Question{Text: "Delete " + backups + "? Afterwards nothing can be undone."})
	if err == nil && !yes {
		p.ui.Text("Nothing was deleted.")
	}
	return yes, err
}

// prunable returns the expired backups. For edits that includes all but the newest of each file.
func (p *program) prunable(list []*credentials.Backup, all bool) []*credentials.Backup {
	var expired []*credentials.Backup
	edits := map[string]int{} // by file
	for _, b := range list {
		if b.IsEdit() {
			edits[b.File]++
		}
		if all || b.Over(p.now()) || b.IsEdit() && edits[b.File] > credentials.KeepEdits {
			expired = append(expired, b)
		}
	}
	return expired
}

func (p *program) restoreBackup(c *cli.Context, repairer *recovery.Repairer) error {
	backup, err := repairer.Backups.Load(c.Args().First())
	if err != nil {
		return ui.WithHint(err, "run 'claude-auth backups' to list them")
	}
	if backup.File != p.paths.Credentials {
		return ui.WithHint(fmt.Errorf("backup %s is of another file: %s", backup.ID, backup.File),
			"add --file "+backup.File)
	}
	return p.restore(c, repairer, backup)
}
