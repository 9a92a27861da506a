package cmd

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/claude-auth/claude-auth/internal/claude"
	"github.com/claude-auth/claude-auth/internal/credentials"
	"github.com/claude-auth/claude-auth/internal/recovery"
	"github.com/claude-auth/claude-auth/internal/ui"
)

var _ = register("backups", func() command {
	listFlags := []cli.Flag{jsonFlag()}
	return command{
		group: groupLogin, rank: 80,
		usage: "list, prune and restore what was removed",
		description: "A wipe, and an edit that overwrites or takes out a value, keep the exact bytes from before.\n" +
			"Without a subcommand the backups are listed, the newest first.",
		flags: listFlags, run: (*program).listBackups,
		subcommands: []command{
			{name: "list", usage: "list the backups, the newest first", flags: listFlags, run: (*program).listBackups},
			{
				name: "prune", usage: "delete expired backups",
				description: "A backup's time is over when the login after it was verified and it is 7 days old; " +
					"of edits the newest 10 are kept.",
				flags: []cli.Flag{
					&cli.BoolFlag{Name: "all", Usage: "remove every backup: nothing can be put back then"},
					dryRunFlag(),
				},
				run: (*program).pruneBackups, acts: true,
			},
			{
				name: "restore", usage: "restore one backup", argsUsage: "ID",
				description: "The beginning of an id is enough when it names one backup.\n" + restoreDescription,
				flags:       []cli.Flag{forceFlag(), dryRunFlag(), jsonFlag()},
				minArgs:     1, maxArgs: 1, run: withRepairer((*program).restoreBackup), acts: true,
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
			a.list = append(a.list, candidate{b.ID, b.Reason + ": " + strings.Join(b.Labels(b.Removed), ", ")})
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
				b.ID, b.Time, b.File, b.Reason, b.Labels(b.Removed), b.Login, b.Verified, b.Restored,
			})
		}
		return errors.Join(problem, p.ui.JSON(struct {
			Schema  int           `json:"schema"`
			Backups []backupEntry `json:"backups"`
		}{1, entries}))
	}
	if len(list) == 0 {
		p.ui.Printf("no backups\n")
		return problem
	}
	heading := func(text string) ui.Cell { return ui.Cell{Text: text, Style: ui.Dim} }
	rows := [][]ui.Cell{{heading("id"), heading("made by"), heading("taken out")}}
	for _, b := range list {
		rows = append(rows, []ui.Cell{{Text: b.ID}, {Text: b.Reason}, {Text: p.describeBackup(b)}})
	}
	p.ui.Table(rows)
	return problem
}

// describeBackup says what is in a backup, and what has happened to it since.
func (p *program) describeBackup(b *credentials.Backup) string {
	removed := b.Labels(b.Removed)
	if b.Console != nil {
		removed = append(removed, claude.PrimaryKey)
	}
	text := strings.Join(removed, ", ")
	if b.File != p.paths.Credentials {
		text += " (of " + p.displayPath(b.File) + ")"
	}
	if !b.Restored.IsZero() {
		text += ", put back since"
	} else if !b.Verified.IsZero() {
		text += ", replaced by a login that works"
	}
	return text
}

func (p *program) backups() *credentials.Backups {
	return credentials.OpenBackups(p.paths.Backups(), p.paths.SpareBackups())
}

func (p *program) pruneBackups(c *cli.Context) error {
	list, err := p.backups().List()
	removed := 0
	for _, b := range p.prunable(list, c.Bool("all")) {
		verb := "removed"
		if c.Bool("dry-run") {
			verb = "would remove"
		} else if removeErr := p.backups().Remove(b.ID); removeErr != nil && !errors.Is(removeErr, fs.ErrNotExist) {
			err = errors.Join(err, removeErr)
			continue
		}
		removed++
		p.ui.Printf("%s %s (%s: %s)\n", verb, b.ID, b.Reason, strings.Join(b.Labels(b.Removed), ", "))
	}
	if removed == 0 && err == nil {
		p.ui.Printf("nothing to remove\n")
	}
	return err
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
		return ui.WithHint(err, "'claude-auth backups' lists what there is")
	}
	if backup.File != p.paths.Credentials {
		return ui.WithHint(fmt.Errorf("backups restore: %s is of another file: %s", backup.ID, backup.File),
			"name that file with --file")
	}
	return p.restore(c, repairer, backup)
}
