package cmd

import (
	"strconv"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/claude-auth/claude-auth/internal/credentials"
	"github.com/claude-auth/claude-auth/internal/diagnose"
	"github.com/claude-auth/claude-auth/internal/headless"
	"github.com/claude-auth/claude-auth/internal/ledger"
	"github.com/claude-auth/claude-auth/internal/recovery"
	"github.com/claude-auth/claude-auth/internal/running"
	"github.com/claude-auth/claude-auth/internal/ui"
)

var _ = register("status", func() command {
	return command{
		group: groupLogin, rank: 10,
		usage: "show whether the saved login works",
		description: "The exit status is 0 when Claude Code can use the login, and 4 when you have to sign in again.\n" +
			"'claude-auth help states' lists the states.",
		flags: append([]cli.Flag{choiceFlag{
			&cli.StringFlag{Name: "format", Value: "text", Usage: "print as `FORMAT`: " + orList(statusFormats())},
			statusFormats(),
		}, &cli.BoolFlag{Name: "json", Usage: "the same as --format json"},
			textfileFlag("with --format prometheus: write it to the file `PATH` for node_exporter"),
		}, promptFlags()...),
		run: (*program).status, badSettings: passBadSetting,
		readsOnly: true,
		examples: "claude-auth status   # show whether the saved login works\n" +
			"claude-auth status --format json   # the same, for a program\n" +
			"claude-auth status >/dev/null || claude-auth recover   # repair it only when it does not work",
	}
})

// report is all that status knows.
type report struct {
	state    credentials.State
	snapshot credentials.Snapshot
	login    *credentials.Login // nil when there is none, or the client uses the key of a Console sign-in
	standing ledger.Standing
	replay   *ledger.Replay // nil without history
	shadow   *diagnose.Shadow
	heard    recovery.Heard      // from the client's transcripts
	cutOff   *credentials.Backup // of the login that a sign-in had removed when it was cut off; nil for none
	obstacle diagnose.Obstacle   // to a renewal that is due; not looked for by every format
	work     diagnose.Work       // what another process is doing to it; the same
	older    []running.Client    // that run with the login from before the sign-in; only for text and json
	waiting  *headless.Waiting   // a sign-in in the background; the same
	now      time.Time

	relapsed   bool // the login was rejected right after its sign-in; not looked for by every format
	incomplete bool // it lacks what the ledger knows
}

func (p *program) status(c *cli.Context) error {
	if c.Bool("json") {
		if c.IsSet("format") && c.String("format") != "json" {
			return wrongUsage(c, "--json and --format %s exclude each other", c.String("format"))
		}
		if err := c.Set("format", "json"); err != nil {
			return err
		}
	}
	style, err := p.promptStyle(c)
	if err != nil {
		return err
	}
	show, text := p.statusFormat(c.String("format"), style)
	switch file, err := p.textfile(c); {
	case err != nil:
		return err
	case file != "" && c.String("format") != "prometheus":
		return wrongUsage(c, "--textfile needs --format prometheus")
	case file != "":
		s := p.schedule()
		show = func(r report) error { return p.writeMetrics(file, r, s.Record(), s.LastRun()) }
	}
	if format := c.String("format"); format == "text" || format == "json" { // the others must not fail for that
		if err := p.settingsError(); err != nil {
			return err
		}
	}
	remember := p.remembering(c, text)
	r, err := p.report(c, false)
	if err != nil {
		return err
	}
	if err := show(r); err != nil {
		return err
	}
	remember(r)
	if c.String("format") == "statusline" { // the client shows it only when the status is 0
		return nil
	}
	return statusError{status: exitOf(r)}
}

// exitOf is about what the client uses: no sign-in is needed where that is another credential, which works as far as is
// known.
func exitOf(r report) int { return pick(r.state.Usable() || r.works(), exitOK, exitSignIn) }

// works reports whether the client uses another credential on purpose, and nothing is known against it.
func (r report) works() bool { return r.shadow != nil && r.shadow.Meant }

// report gathers what status says. With history it reads the ledger for more questions, and fails when it cannot;
// without it mostly need not read the ledger, and reports without what the ledger knows.
func (p *program) report(c *cli.Context, history bool) (report, error) {
	snapshot := p.snapshot(c.Context)
	if c.Context.Err() != nil {
		return report{}, c.Context.Err()
	}
	r := report{snapshot: snapshot, login: snapshot.Login(), now: p.now()}
	if !snapshot.Console.IsZero() {
		r.login = nil // what is left of it is not used
	}
	r.shadow = diagnose.Launch{Dir: p.workingDir()}.Shadow(p.env, p.paths)
	repairer, err := p.reader(c)
	if err != nil && history {
		return report{}, err
	}
	if format := c.String("format"); err == nil && !history && format != "text" && format != "json" {
		repairer.Ledger.NeverWait()
	}
	p.tellState(c)
	if err != nil {
		repairer = p.listener(nil)
	}
	thorough := history || c.String("format") == "text" || c.String("format") == "json"
	if thorough { // the others do not tell of its age
		r.shadow = repairer.Shadow(diagnose.Launch{Dir: p.workingDir()})
	}
	r.hear(p, repairer, history)
	r.cutOff = repairer.CutOff(snapshot)
	switch {
	case repairer.Ledger == nil:
		r.state, r.incomplete = snapshot.State(r.now, credentials.History{}), true
	case history:
		if r.standing, r.state, r.replay, err = repairer.History(snapshot); err != nil {
			return r, p.historyFailed(err)
		}
	default:
		r.standing, r.state = repairer.Standing(snapshot)
	}
	if r.heard.Rejection != nil && !r.standing.Rejected { // the ledger could not be written
		r.standing.Rejected, r.state = true, snapshot.State(r.now, credentials.History{Rejected: true})
	}
	if thorough && !history && r.state.Usable() {
		r.older = repairer.Older(snapshot, r.standing)
	}
	if thorough {
		r.relapsed = repairer.Relapsed(snapshot, r.state)
		r.obstacle, r.work = diagnose.NotStorable(p.paths, r.state), diagnose.FindWork(p.paths)
		r.waiting = p.waitingSignIn()
	}
	return r, nil
}

// hear takes in what the client's transcripts say.
func (r *report) hear(p *program, repairer *recovery.Repairer, thorough bool) {
	var err error
	if r.heard, err = repairer.NoteTranscripts(r.snapshot, thorough); err != nil {
		p.ui.Notef("%v", err)
	}
	if r.works() && r.heard.Failure != nil { // the client has failed with it
		r.shadow.Meant = false
	}
}

// sentence describes the state.
func (r report) sentence() string {
	if r.obstacle.Cause != "" {
		return "the saved login " + r.obstacle.Renewal()
	}
	return r.snapshot.Sentence(r.state, r.now)
}

// describe is sentence beside the word "login".
func (r report) describe() string {
	if r.obstacle.Cause != "" {
		return r.obstacle.Renewal()
	}
	return r.snapshot.Describe(r.state, r.now, r.answered())
}

// answered reports whether Claude Code has had an answer with the saved login, and no failure since.
func (r report) answered() bool { return !r.heard.Answered.IsZero() && r.heard.Failure == nil }

// unverified reports whether the login looks good, and nothing shows that it works.
func (r report) unverified() bool {
	return r.state.Usable() && r.obstacle.Cause == "" && r.shadow == nil && r.heard.Failure == nil && !r.answered()
}

func (p *program) statusText(r report) error {
	style := ui.Bad
	if r.state == credentials.Expiring || r.obstacle.Cause != "" {
		style = ui.Warn
	} else if r.state.Usable() {
		style = ui.Good
	}
	var rows [][]ui.Cell
	add := func(name, text string, style ui.Style) {
		if text != "" {
			rows = append(rows, []ui.Cell{{Text: name}, {Text: text, Style: style}})
		}
	}
	add("login", r.describe(), style)
	if r.shadow != nil {
		add("overridden by", r.shadow.String(), ui.Warn)
		if r.works() {
			add("", r.shadow.Prospects(), ui.Plain)
		}
	}
	if r.waiting != nil {
		add("sign-in", recovery.Awaits(*r.waiting, r.now), ui.Warn)
	} else if r.work.What != "" {
		add("now", "a "+r.work.What+" is under way: "+r.work.By, ui.Warn)
	}
	if r.cutOff != nil {
		add("sign-in", wasCutOff(r.cutOff, r.now), ui.Warn)
	}
	rows = append(rows, r.olderRows()...)
	if failure := lastFailureOf(r); failure != nil {
		rows = append(rows, failure.row(p))
	}
	if r.login != nil {
		add("plan", r.login.SubscriptionType, ui.Plain)
		add("signed in", r.signedIn(), ui.Plain)
	}
	if r.login != nil && r.standing.OldestDeath > 0 {
		add("", "logins here were rejected after up to "+ui.Roughly(r.standing.OldestDeath), ui.Plain)
	}
	if item := r.snapshot.Item; item != "" {
		add("keychain", strconv.Quote(item), ui.Plain)
	} else {
		add("file", r.snapshot.Path, ui.Plain)
	}
	if r.snapshot.Err != nil {
		add("problem", diagnose.Reason(r.snapshot.Err, r.snapshot.Place()), ui.Bad)
	}
	if !r.snapshot.Console.IsZero() {
		add("key", r.snapshot.ConsolePlace(p.paths.GlobalConfig), ui.Plain)
	}
	p.ui.Table(rows)
	if r.unverified() {
		p.ui.Text(diagnose.NotVerified + "\n")
	}
	if next := nextCommand(r); next != "" {
		p.ui.Hintf("%s", next)
	}
	return nil
}

// signedIn says when the login was made; "" when nothing is known of that.
func (r report) signedIn() string {
	switch age, exact := r.standing.Age(r.now); {
	case exact && age < time.Minute:
		return "just now on this machine"
	case exact:
		return ui.Roughly(age) + " ago on this machine"
	case age >= time.Minute:
		return "at least " + ui.Roughly(age) + " ago"
	}
	return ""
}

// nextCommand says which command helps; "" when there is nothing to do.
func nextCommand(r report) string {
	switch {
	case r.works():
		return r.shadow.NewToken() // it works as far as is known
	case r.shadow != nil:
		return r.shadow.Remedy()
	case credentials.IsKeychainShut(r.snapshot.Err):
		return ui.HintOf(r.snapshot.Err)
	case r.state == credentials.Unreadable:
		return "run 'claude-auth doctor' to find out why"
	case r.state == credentials.Corrupt:
		return "run 'claude-auth recover' to keep a backup of the file and sign in again"
	case r.waiting != nil:
		return recovery.FinishWaiting
	case r.cutOff != nil:
		return restoreCutOff
	case r.relapsed:
		return diagnose.RelapseRemedy
	case !r.state.Usable():
		return "run 'claude-auth recover' to sign in again"
	case r.obstacle.Cause != "":
		return r.obstacle.Remedy
	case r.state == credentials.Expiring:
		return "run 'claude-auth login' to sign in again before it ends"
	}
	return ""
}

// statusDocument is the output of --format json. Members are only ever added.
type statusDocument struct {
	Schema       int           `json:"schema"`
	State        string        `json:"state"`
	Usable       bool          `json:"usable"`
	Summary      string        `json:"summary"`
	File         string        `json:"file"`
	Item         string        `json:"keychain_item,omitempty"` // where the login is in a keychain
	Problem      string        `json:"problem,omitempty"`
	NotStorable  string        `json:"not_storable,omitempty"` // why a renewal that is due could not be stored
	OverriddenBy *overriddenBy `json:"overridden_by,omitempty"`
	Login        *statusLogin  `json:"login,omitempty"`
	Console      *statusKey    `json:"console,omitempty"` // when the client uses the key of a Console sign-in
	LastFailure  *lastFailure  `json:"last_failure,omitempty"`
	CutOff       *cutOff       `json:"cut_off_sign_in,omitempty"`
	Waiting      *waiting      `json:"waiting_sign_in,omitempty"`
	UnderWay     string        `json:"under_way,omitempty"`  // sign-in or renewal, by another process
	AnsweredAt   time.Time     `json:"answered_at,omitzero"` // when Claude Code last had an answer with the login
	OldestDeathS int64         `json:"oldest_rejected_age_seconds,omitempty"`
	Running      []olderClient `json:"running,omitempty"` // clients that began before the sign-in
}

type overriddenBy struct {
	Name string `json:"name"`
	File string `json:"file,omitempty"`
	Line int    `json:"line,omitempty"`
	// Works: it is there to be used instead of the saved login, and nothing is known against it.
	Works bool `json:"works"`
}

func shadowOf(r report) *overriddenBy {
	if r.shadow == nil {
		return nil
	}
	return &overriddenBy{r.shadow.Name, r.shadow.File, r.shadow.Line, r.works()}
}

type statusLogin struct {
	AccessFingerprint  string    `json:"access_fingerprint,omitempty"`
	RefreshFingerprint string    `json:"refresh_fingerprint,omitempty"`
	ExpiresAt          time.Time `json:"expires_at,omitzero"`
	RefreshExpiresAt   time.Time `json:"refresh_expires_at,omitzero"`
	SignedInAt         time.Time `json:"signed_in_at,omitzero"`
	FirstSeenAt        time.Time `json:"first_seen_at,omitzero"`
	SubscriptionType   string    `json:"subscription_type,omitempty"`
	Scopes             []string  `json:"scopes,omitempty"`
	Problems           []string  `json:"problems,omitempty"` // members that are not as the client writes them
}

type statusKey struct {
	Fingerprint string    `json:"fingerprint,omitempty"`
	File        string    `json:"file"`
	FirstSeenAt time.Time `json:"first_seen_at,omitzero"`
}

func (p *program) statusJSON(r report) error {
	doc := statusDocument{
		Schema: 1, State: string(r.state), Usable: r.state.Usable(), Summary: r.sentence(),
		File: r.snapshot.Path, Item: r.snapshot.Item, OverriddenBy: shadowOf(r), LastFailure: lastFailureOf(r),
		OldestDeathS: int64(r.standing.OldestDeath / time.Second), CutOff: cutOffOf(r.cutOff),
		Waiting: waitingOf(r.waiting), Running: olderClients(r),
		NotStorable: r.obstacle.Cause, UnderWay: r.work.What, AnsweredAt: r.heard.Answered.UTC().Truncate(time.Second),
	}
	if r.snapshot.Err != nil {
		doc.Problem = r.snapshot.Err.Error()
	}
	if r.login != nil {
		doc.Login = &statusLogin{
			AccessFingerprint: r.standing.Login.Access, RefreshFingerprint: r.standing.Login.Refresh,
			ExpiresAt: r.login.ExpiresAt.UTC(), RefreshExpiresAt: r.login.RefreshTokenExpiresAt.UTC(),
			SubscriptionType: r.login.SubscriptionType, Scopes: r.login.Scopes,
		}
		for _, problem := range r.login.Problems {
			doc.Login.Problems = append(doc.Login.Problems, problem.String())
		}
		if r.standing.BornExact {
			doc.Login.SignedInAt = r.standing.Born.UTC()
		} else {
			doc.Login.FirstSeenAt = r.standing.Born.UTC()
		}
	}
	if !r.snapshot.Console.IsZero() {
		doc.Console = &statusKey{
			r.standing.Login.Access, r.snapshot.ConsolePlace(p.paths.GlobalConfig), r.standing.Born.UTC(),
		}
	}
	return p.ui.JSON(doc)
}
