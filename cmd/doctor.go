package cmd

import (
	"cmp"
	"context"
	"fmt"
	"os/exec"
	"slices"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/claude-auth/claude-auth/hooks"
	"github.com/claude-auth/claude-auth/internal/config"
	"github.com/claude-auth/claude-auth/internal/credentials"
	"github.com/claude-auth/claude-auth/internal/diagnose"
	"github.com/claude-auth/claude-auth/internal/ledger"
	"github.com/claude-auth/claude-auth/internal/recovery"
	"github.com/claude-auth/claude-auth/internal/ui"
)

var _ = register("doctor", func() command {
	return command{
		group: groupLogin, rank: 20,
		usage: "check everything the login depends on, and suggest fixes",
		description: "Each check says what it found, what it should be, and the command that fixes it. " +
			"Nothing is changed without --fix.\n" +
			"The exit status is 0 only when there is no problem.",
		flags: []cli.Flag{
			&cli.BoolFlag{Name: "fix", Usage: "fix what can be fixed without losing anything: " +
				"permissions, locks left behind, the shell hook"},
			jsonFlag(),
			&cli.BoolFlag{Name: "report", Usage: "print a report for a bug tracker, without tokens and names"},
		},
		run: (*program).doctor, badSettings: passBadSetting,
		examples: "claude-auth doctor   # check everything\n" +
			"claude-auth doctor --fix   # fix what can be fixed without losing anything\n" +
			"claude-auth doctor --report > report.txt   # for a bug report: no tokens",
	}
})

func (p *program) doctor(c *cli.Context) error {
	if c.Bool("json") && c.Bool("report") {
		return wrongUsage(c, "use --json or --report, not both")
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
		p.ui.Hintf("read it through, then send it to %s", issues)
	default:
		p.doctorText(findings, fixed)
	}
	if err == nil && slices.ContainsFunc(findings, isWrong) {
		err = statusError{status: exitFailed}
	}
	return err
}

// issues is where reports are sent.
const issues = "https://github.com/claude-auth/claude-auth/issues"

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
			p.ui.Notef("watching %s for %.0f seconds to see whether a process holds it", path, within.Seconds())
		},
	}
	history := p.historyOf(snapshot, record, replay)
	history.Rejected = history.Rejected || heard.Rejection != nil
	d.State = snapshot.State(d.Now, history)
	d.Relapsed = p.listener(record).Relapsed(snapshot, d.State)
	if f := heard.Failure; f != nil {
		d.Failed, d.FailedAt = f.Text, f.Time
	} else {
		d.Answered = heard.Answered
	}
	if record != nil {
		d.Shadow = p.listener(record).Shadow
	}
	d.Cut = p.interruption(snapshot, record, replay)
	if backup := p.listener(record).CutOff(snapshot); backup != nil {
		d.SignIn, d.SignInRemedy = wasCutOff(backup, p.now()), restoreCutOff
	} else if w := p.waitingSignIn(); w != nil {
		d.SignIn, d.SignInRemedy = recovery.Awaits(*w, p.now()), recovery.FinishWaiting
	}
	if d.State.Usable() && record != nil {
		standing := replay.Standing(p.paths.Credentials, recovery.Identify(record, snapshot))
		d.Older = p.listener(record).Older(snapshot, standing)
		d.Console = !snapshot.Console.IsZero()
	}
	d.Keychain, _ = p.store().(*credentials.KeychainStore)
	d.System, d.Browser = p.system, p.config.Get(config.Browser)
	d.SignedInHere = signedInHere(snapshot, record, replay)
	findings := d.Examine(ctx)
	return findings, ctx.Err()
}

// signedInHere reports whether the ledger knows how the saved login came into its file.
func signedInHere(snapshot credentials.Snapshot, record *ledger.Ledger, replay *ledger.Replay) bool {
	login := snapshot.Login()
	if record == nil || login == nil {
		return false
	}
	life, known := replay.Current(snapshot.Path)
	return known && life.Login == record.Identify(login.AccessToken, login.RefreshToken) &&
		(!life.SignedIn.IsZero() || life.Renewals > 0)
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
	names := map[diagnose.Result]string{diagnose.Fine: "ok", diagnose.Note: "note", diagnose.Wrong: "problem"}
	styles := map[diagnose.Result]ui.Style{diagnose.Fine: ui.Good, diagnose.Note: ui.Warn, diagnose.Wrong: ui.Bad}
	var rows [][]ui.Cell
	fixable := 0
	for _, f := range findings {
		result := names[f.Result]
		if isFixed(f, fixed) {
			result = "fixed"
		}
		add := func(result, check, text string, style ui.Style) {
			rows = append(rows, p.checkRow(ui.Cell{Text: result, Style: styles[f.Result]}, check, text, style))
		}
		add(result, f.Check, f.Found, ui.Plain)
		if isWrong(f) {
			add("", "", "should be: "+f.Expected, ui.Dim)
		}
		if f.Remedy != "" {
			add("", "", pick(isFixed(f, fixed), "to use it: ", "fix: ")+f.Remedy, ui.Plain)
		}
		if f.Fixable() {
			fixable++
		}
	}
	p.ui.Table(rows)
	p.ui.Text("\n" + count(findings, fixed) + "\n")
	if fixable > 0 {
		p.ui.Hintf("'claude-auth doctor --fix' fixes %s, and loses nothing",
			pick(fixable == len(findings)-passed(findings), "this", fmt.Sprintf("%d of these", fixable)))
	}
}

// threeColumns is the narrowest terminal with room for three columns.
const threeColumns = 60

// checkRow is a row of doctor's table: three columns, or two on a narrow terminal.
func (p *program) checkRow(result ui.Cell, check, text string, style ui.Style) []ui.Cell {
	if width := p.ui.Width(); width == 0 || width >= threeColumns {
		return []ui.Cell{result, {Text: check}, {Text: text, Style: style}}
	}
	if check != "" {
		text = check + ": " + text
	}
	return []ui.Cell{result, {Text: text, Style: style}}
}

// count says how many checks have found what.
func count(findings []diagnose.Finding, fixed []string) string {
	number := func(result diagnose.Result, one, more string) string {
		n := 0
		for _, f := range findings {
			if f.Result == result && !(result == diagnose.Note && isFixed(f, fixed)) {
				n++
			}
		}
		switch n {
		case 0:
			return ""
		case 1:
			return "1 " + one + ", "
		}
		return fmt.Sprintf("%d %s, ", n, more)
	}
	problems := cmp.Or(number(diagnose.Wrong, "problem", "problems"), "No problems, ")
	return problems + number(diagnose.Note, "note", "notes") + fmt.Sprintf("%d checks passed", passed(findings))
}

func passed(findings []diagnose.Finding) (n int) {
	for _, f := range findings {
		if f.Result == diagnose.Fine {
			n++
		}
	}
	return n
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
	State    string `json:"state,omitempty"` // of the saved login, in the check of it
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
			State:   string(f.State),
			Fixable: f.Fixable(), Fixed: isFixed(f, fixed),
		})
	}
	return p.ui.JSON(doc)
}
