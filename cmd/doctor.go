package cmd

import (
	"context"
	"fmt"
	"os/exec"
	"slices"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/claude-auth/claude-auth/hooks"
	"github.com/claude-auth/claude-auth/internal/diagnose"
	"github.com/claude-auth/claude-auth/internal/ledger"
	"github.com/claude-auth/claude-auth/internal/ui"
)

var _ = register("doctor", func() command {
	return command{
		group: groupLogin, rank: 20,
		usage: "look for everything that can be wrong, and say what mends it",
		description: "Each check says what it found, what it expected and the command that mends it. Nothing is changed without --fix.\n" +
			"Exit status 0 only when nothing is wrong.",
		flags: []cli.Flag{
			&cli.BoolFlag{Name: "fix", Usage: "mend what can be mended without losing anything: modes, locks left behind, the hook's line"},
			&cli.BoolFlag{Name: "json", Usage: "print as JSON"},
			&cli.BoolFlag{Name: "report", Usage: "print a report for a bug tracker: no tokens, the home directory as ~"},
		},
		run: (*program).doctor,
	}
})

func (p *program) doctor(c *cli.Context) error {
	if c.Bool("json") && c.Bool("report") {
		return wrongUsage(c, "--json and --report are two forms of the same")
	}
	record, replay := p.readLedger()
	examine := func() ([]diagnose.Finding, error) { return p.examine(c, record, replay) }
	findings, err := examine()
	if err != nil {
		return err
	}
	var mended []string
	if c.Bool("fix") {
		if mended = p.mend(findings); len(mended) > 0 {
			if findings, err = examine(); err != nil {
				return err
			}
		}
	}
	switch {
	case c.Bool("json"):
		err = p.doctorJSON(findings, mended)
	case c.Bool("report"):
		err = p.doctorReport(c, findings, replay)
	default:
		p.doctorText(findings, mended)
	}
	if err == nil && slices.ContainsFunc(findings, isWrong) {
		err = statusError{status: exitFailed}
	}
	return err
}

func isWrong(f diagnose.Finding) bool { return f.Result == diagnose.Wrong }

// examine asks every check. A state directory that cannot be used is a finding, not a reason to say nothing.
func (p *program) examine(c *cli.Context, record *ledger.Ledger, replay *ledger.Replay) ([]diagnose.Finding, error) {
	d := p.newDoctor(c, record, replay)
	findings := d.Examine(c.Context)
	return findings, c.Context.Err()
}

func (p *program) newDoctor(c *cli.Context, record *ledger.Ledger, replay *ledger.Replay) *diagnose.Doctor {
	snapshot, err := p.store().Read(c.Context)
	if err != nil {
		snapshot.Err = err
	}
	d := &diagnose.Doctor{
		Paths: p.paths, Env: p.env, Dir: p.workingDir(), Exe: p.exe, Now: p.now(), Snapshot: snapshot,
		Parent: hooks.ParentName(), Version: p.clientVersion,
	}
	d.State = snapshot.State(d.Now, p.historyOf(snapshot, record, replay))
	return d
}

// versionPatience is how long the client may take to say its version.
const versionPatience = 30 * time.Second

func (p *program) clientVersion(ctx context.Context, path string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, versionPatience)
	defer cancel()
	command := exec.CommandContext(ctx, path, "--version")
	command.Env = p.env.Inside(path).Environ()
	command.WaitDelay = time.Second
	out, err := command.Output()
	return string(out), err
}

// mend fixes what is safe to fix, and returns the names of the checks it did something about.
func (p *program) mend(findings []diagnose.Finding) []string {
	var mended []string
	for _, f := range findings {
		if !f.Fixable() {
			continue
		}
		if err := f.Fix(); err != nil {
			p.ui.Fail(err)
			continue
		}
		mended = append(mended, f.Check)
	}
	return mended
}

func (p *program) doctorText(findings []diagnose.Finding, mended []string) {
	styles := map[diagnose.Result]ui.Style{diagnose.Fine: ui.Good, diagnose.Note: ui.Warn, diagnose.Wrong: ui.Bad}
	var rows [][]ui.Cell
	fixable := false
	for _, f := range findings {
		result := string(f.Result)
		if slices.Contains(mended, f.Check) && f.Result != diagnose.Wrong {
			result = "fixed"
		}
		rows = append(rows, []ui.Cell{{Text: result, Style: styles[f.Result]}, {Text: f.Check}, {Text: p.tilde(f.Found)}})
		if f.Result == diagnose.Wrong {
			rows = append(rows, []ui.Cell{{}, {}, {Text: "expected: " + p.tilde(f.Expected), Style: ui.Dim}})
		}
		if f.Remedy != "" {
			rows = append(rows, []ui.Cell{{}, {}, {Text: "remedy: " + p.pasteable(f.Remedy)}})
		}
		fixable = fixable || f.Fixable()
	}
	p.ui.Table(rows)
	if fixable {
		p.ui.Hintf("'claude-auth doctor --fix' mends what can be mended without losing anything")
	}
}

// doctorDocument is the output of --json. Members are only ever added.
type doctorDocument struct {
	Schema int           `json:"schema"`
	OK     bool          `json:"ok"`
	Checks []doctorCheck `json:"checks"`
}

type doctorCheck struct {
	Name     string `json:"name"`
	Result   string `json:"result"`
	Found    string `json:"found"`
	Expected string `json:"expected,omitempty"`
	Remedy   string `json:"remedy,omitempty"`
	Fixable  bool   `json:"fixable"`
	Fixed    bool   `json:"fixed"`
}

func (p *program) doctorJSON(findings []diagnose.Finding, mended []string) error {
	doc := doctorDocument{Schema: 1, OK: !slices.ContainsFunc(findings, isWrong), Checks: []doctorCheck{}}
	for _, f := range findings {
		doc.Checks = append(doc.Checks, doctorCheck{
			Name: f.Check, Result: string(f.Result), Found: f.Found, Expected: f.Expected, Remedy: f.Remedy,
			Fixable: f.Fixable(), Fixed: slices.Contains(mended, f.Check) && f.Result != diagnose.Wrong,
		})
	}
	if err := p.ui.JSON(doc); err != nil {
		return fmt.Errorf("write the checks: %w", err)
	}
	return nil
}
