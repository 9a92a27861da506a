package cmd

import (
	"context"
	"os/exec"
	"slices"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/claude-auth/claude-auth/hooks"
	"github.com/claude-auth/claude-auth/internal/credentials"
	"github.com/claude-auth/claude-auth/internal/diagnose"
	"github.com/claude-auth/claude-auth/internal/ledger"
	"github.com/claude-auth/claude-auth/internal/ui"
)

var _ = register("doctor", func() command {
	return command{
		group: groupLogin, rank: 20,
		usage: "check everything the login depends on, and suggest fixes",
		description: "Each check says what it found, what it expected and the command that fixes it. " +
			"Nothing is changed without --fix.\n" +
			"Exit status 0 only when nothing is wrong.",
		flags: []cli.Flag{
			&cli.BoolFlag{Name: "fix", Usage: "fix what can be fixed without losing anything: " +
				"modes, locks left behind, the hook's line"},
			jsonFlag(),
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
	findings, err := p.examine(c.Context, record, replay)
	var fixed []string
	if err == nil && c.Bool("fix") {
		p.noteInterruption(c.Context, record, replay)
		if fixed = p.fix(findings); len(fixed) > 0 {
			record, replay = p.readLedger()
			findings, err = p.examine(c.Context, record, replay)
		}
	}
	if err != nil {
		return err
	}
	switch {
	case c.Bool("json"):
		err = p.doctorJSON(findings, fixed)
	case c.Bool("report"):
		p.doctorReport(c.Context, findings, replay)
	default:
		p.doctorText(findings, fixed)
	}
	if err == nil && slices.ContainsFunc(findings, isWrong) {
		err = statusError{status: exitFailed}
	}
	return err
}

// noteInterruption notes a renewal that was interrupted in the ledger, where there is one: its trace goes with the
// locks that were left behind.
func (p *program) noteInterruption(ctx context.Context, record *ledger.Ledger, replay *ledger.Replay) {
	snapshot := p.snapshot(ctx)
	cut := p.interruption(snapshot, record, replay)
	if record == nil || cut == nil || cut.Began.IsZero() {
		return
	}
	login := snapshot.Login()
	id := record.Identify(login.AccessToken, login.RefreshToken)
	if _, err := record.NoteCut(p.paths.Credentials, id, *cut); err != nil {
		p.ui.Fail(err)
	}
}

func isWrong(f diagnose.Finding) bool { return f.Result == diagnose.Wrong }

// examine runs every check.
func (p *program) examine(
	ctx context.Context, record *ledger.Ledger, replay *ledger.Replay,
) ([]diagnose.Finding, error) {
	snapshot := p.snapshot(ctx)
	heard, err := p.listener(record).NoteTranscripts(snapshot, true)
	if err != nil {
		p.ui.Notef("%v", err)
	}
	if record != nil { // something may have been noted
		record, replay = p.readLedger()
	}
	places := p.paths
	places.StateDir = p.stateDir
	d := &diagnose.Doctor{
		Paths: places, Env: p.env, Dir: p.workingDir(), Exe: p.exe, Now: p.now(), Snapshot: snapshot,
		Parent: hooks.ParentName(), Version: p.clientVersion, WasLink: p.backups().LinkOf(p.paths.Credentials),
		Watching: func(path string, within time.Duration) {
			p.ui.Notef("watching %s for %.0f seconds to see if a process holds it", p.displayPath(path), within.Seconds())
		},
	}
	history := p.historyOf(snapshot, record, replay)
	history.Rejected = history.Rejected || heard.Rejection != nil
	d.State = snapshot.State(d.Now, history)
	if f := heard.Failure; f != nil {
		d.Failed, d.FailedAt = f.Text, f.Time
	}
	if record != nil {
		d.Shadow = p.listener(record).Shadow
	}
	d.Cut = p.interruption(snapshot, record, replay)
	if backup := p.listener(record).CutOff(snapshot); backup != nil {
		d.SignIn, d.SignInRemedy = wasCutOff(backup, p.now()), restoreCutOff
	}
	d.Keychain, _ = p.store().(*credentials.KeychainStore)
	findings := d.Examine(ctx)
	return findings, ctx.Err()
}

// versionPatience is how long the client may take to print its version.
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

// fix fixes what is safe to fix, and returns the names of these checks.
func (p *program) fix(findings []diagnose.Finding) (fixed []string) {
	for _, f := range findings {
		if !f.Fixable() {
			continue
		}
		if err := f.Fix(); err != nil {
			p.ui.Fail(err)
		} else {
			fixed = append(fixed, f.Check)
		}
	}
	return fixed
}

// isFixed reports whether f is a check that was fixed, and passes now.
func isFixed(f diagnose.Finding, fixed []string) bool {
	return !isWrong(f) && slices.Contains(fixed, f.Check)
}

func (p *program) doctorText(findings []diagnose.Finding, fixed []string) {
	styles := map[diagnose.Result]ui.Style{diagnose.Fine: ui.Good, diagnose.Note: ui.Warn, diagnose.Wrong: ui.Bad}
	var rows [][]ui.Cell
	fixable := false
	for _, f := range findings {
		result := string(f.Result)
		if isFixed(f, fixed) {
			result = "fixed"
		}
		rows = append(rows, []ui.Cell{{Text: result, Style: styles[f.Result]}, {Text: f.Check}, {Text: p.tilde(f.Found)}})
		if isWrong(f) {
			rows = append(rows, []ui.Cell{{}, {}, {Text: "expected: " + p.tilde(f.Expected), Style: ui.Dim}})
		}
		if f.Remedy != "" {
			rows = append(rows, []ui.Cell{{}, {}, {Text: "remedy: " + p.pasteable(f.Remedy)}})
		}
		fixable = fixable || f.Fixable()
	}
	p.ui.Table(rows)
	if fixable {
		p.ui.Hintf("'claude-auth doctor --fix' fixes what it can without losing anything")
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

func (p *program) doctorJSON(findings []diagnose.Finding, fixed []string) error {
	doc := doctorDocument{Schema: 1, OK: !slices.ContainsFunc(findings, isWrong), Checks: []doctorCheck{}}
	for _, f := range findings {
		doc.Checks = append(doc.Checks, doctorCheck{
			Name: f.Check, Result: string(f.Result), Found: f.Found, Expected: f.Expected, Remedy: f.Remedy,
			Fixable: f.Fixable(), Fixed: isFixed(f, fixed),
		})
	}
	return p.ui.JSON(doc)
}
