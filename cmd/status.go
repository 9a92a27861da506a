package cmd

import (
	"fmt"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/claude-auth/claude-auth/internal/credentials"
	"github.com/claude-auth/claude-auth/internal/diagnose"
	"github.com/claude-auth/claude-auth/internal/ledger"
	"github.com/claude-auth/claude-auth/internal/recovery"
	"github.com/claude-auth/claude-auth/internal/ui"
)

var _ = register("status", func() command {
	return command{
		group: groupLogin, rank: 10,
		usage: "show whether the saved login works",
		description: "Exit status 0 when the client can work with it, 4 when it cannot.\n" +
			"The states are listed by 'claude-auth help states'.",
		flags: append([]cli.Flag{choiceFlag{
			&cli.StringFlag{Name: "format", Value: "text", Usage: "print as `FORMAT`: " + orList(statusFormats())},
			statusFormats(),
		}}, promptFlags()...),
		run:       (*program).status,
		readsOnly: true,
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
	now      time.Time

	incomplete bool // it lacks what the ledger knows
}

func (p *program) status(c *cli.Context) error {
	style, err := p.promptStyle(c)
	if err != nil {
		return err
	}
	show, text := p.statusFormat(c.String("format"), style)
	if show == nil {
		return usageErrorf("the formats are "+orList(statusFormats()), "status: no such format: %s", c.String("format"))
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
			return r, err
		}
	default:
		r.standing, r.state = repairer.Standing(snapshot)
	}
	if r.heard.Rejection != nil && !r.standing.Rejected { // the ledger could not be written
		r.standing.Rejected, r.state = true, snapshot.State(r.now, credentials.History{Rejected: true})
	}
	if thorough {
		r.obstacle = diagnose.NotStorable(p.paths, r.state)
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
		return r.obstacle.Renewal()
	}
	return r.snapshot.Sentence(r.state, r.now)
}

func (p *program) statusText(r report) error {
	style := ui.Bad
	if r.state == credentials.Expiring || r.obstacle.Cause != "" {
		style = ui.Warn
	} else if r.state.Usable() {
		style = ui.Good
	}
	rows := [][]ui.Cell{
		{{Text: "login"}, {Text: string(r.state), Style: style}},
		{{Text: ""}, {Text: p.tilde(r.sentence())}},
		{{Text: "file"}, {Text: p.displayPath(r.snapshot.Place())}},
	}
	if r.cutOff != nil {
		rows = append(rows, []ui.Cell{{Text: "sign-in"}, {Text: wasCutOff(r.cutOff, r.now), Style: ui.Warn}})
	}
	if r.snapshot.Err != nil {
		rows = append(rows, []ui.Cell{{Text: "problem"}, {Text: r.snapshot.Err.Error(), Style: ui.Bad}})
	}
	if r.login != nil {
		rows = append(rows, loginRows(r)...)
	}
	if !r.snapshot.Console.IsZero() {
		rows = append(rows, []ui.Cell{{Text: "key"}, {Text: "in " + p.displayPath(p.paths.GlobalConfig)}})
	}
	if r.shadow != nil {
		rows = append(rows, []ui.Cell{{Text: "shadowed by"}, {Text: r.shadow.String(), Style: ui.Warn}})
		if r.works() {
			rows = append(rows, []ui.Cell{{}, {Text: r.shadow.Uses()}})
		}
	}
	if failure := lastFailureOf(r); failure != nil {
		rows = append(rows, failure.row(p))
	}
	p.ui.Table(rows)
	if next := nextCommand(r); next != "" {
		p.ui.Hintf("%s", p.pasteable(next))
	}
	return nil
}

func loginRows(r report) [][]ui.Cell {
	var rows [][]ui.Cell
	add := func(name, text string) {
		if text != "" {
			rows = append(rows, []ui.Cell{{Text: name}, {Text: text}})
		}
	}
	add("plan", r.login.SubscriptionType)
	add("access token", moment("expired", r.login.ExpiresAt, r.now))
	add("refresh token", moment("ended", r.login.RefreshTokenExpiresAt, r.now))
	if age, exact := r.standing.Age(r.now); age > 0 || exact {
		add("age", tellAge(age, exact))
	}
	if r.standing.OldestDeath > 0 {
		add("", "logins here have been rejected at an age of up to "+ui.Roughly(r.standing.OldestDeath))
	}
	return rows
}

// moment says how long something is valid, or how long ago it ended; "" when its end is not known.
func moment(ended string, end, now time.Time) string {
	switch {
	case end.IsZero():
		return ""
	case end.After(now):
		return fmt.Sprintf("valid for %s (until %s)", ui.Roughly(end.Sub(now)), minute(end))
	default:
		return fmt.Sprintf("%s %s ago", ended, ui.Roughly(now.Sub(end)))
	}
}

// nextCommand says which command helps; "" when there is nothing to do.
func nextCommand(r report) string {
	switch {
	case r.works():
		return r.shadow.NewToken() // it works as far as is known
	case r.shadow != nil:
		return r.shadow.Remedy()
	case r.state == credentials.Unreadable:
		return "run 'claude-auth doctor' to see owner and mode"
	case r.state == credentials.Corrupt:
		return "run 'claude-auth recover': it keeps a backup of the file and signs in again"
	case r.cutOff != nil:
		return restoreCutOff
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
	Schema       int          `json:"schema"`
	State        string       `json:"state"`
	Usable       bool         `json:"usable"`
	Summary      string       `json:"summary"`
	File         string       `json:"file"`
	Item         string       `json:"keychain_item,omitempty"` // where the login is in a keychain
	Problem      string       `json:"problem,omitempty"`
	NotStorable  string       `json:"not_storable,omitempty"` // why a renewal that is due could not be stored
	ShadowedBy   *shadowedBy  `json:"shadowed_by,omitempty"`
	Login        *statusLogin `json:"login,omitempty"`
	Console      *statusKey   `json:"console,omitempty"` // when the client uses the key of a Console sign-in
	LastFailure  *lastFailure `json:"last_failure,omitempty"`
	CutOff       *cutOff      `json:"cut_off_sign_in,omitempty"`
	OldestDeathS int64        `json:"oldest_rejected_age_seconds,omitempty"`
}

type shadowedBy struct {
	Name string `json:"name"`
	File string `json:"file,omitempty"`
	Line int    `json:"line,omitempty"`
	// Works: it is there to be used instead of the saved login, and nothing is known against it.
	Works bool `json:"works"`
}

func shadowOf(r report) *shadowedBy {
	if r.shadow == nil {
		return nil
	}
	return &shadowedBy{r.shadow.Name, r.shadow.File, r.shadow.Line, r.works()}
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
		File: r.snapshot.Path, Item: r.snapshot.Item, ShadowedBy: shadowOf(r), LastFailure: lastFailureOf(r),
		OldestDeathS: int64(r.standing.OldestDeath / time.Second), CutOff: cutOffOf(r.cutOff),
		NotStorable: r.obstacle.Cause,
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
		doc.Console = &statusKey{r.standing.Login.Access, p.paths.GlobalConfig, r.standing.Born.UTC()}
	}
	return p.ui.JSON(doc)
}
