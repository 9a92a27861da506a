package cmd

import (
	"fmt"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/claude-auth/claude-auth/internal/credentials"
	"github.com/claude-auth/claude-auth/internal/diagnose"
	"github.com/claude-auth/claude-auth/internal/ledger"
	"github.com/claude-auth/claude-auth/internal/ui"
)

var _ = register("status", func() command {
	return command{
		group: groupLogin, rank: 10,
		usage: "say in which state the saved login is",
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

// report is everything that status says.
type report struct {
	state    credentials.State
	snapshot credentials.Snapshot
	login    *credentials.Login // nil when there is none
	standing ledger.Standing
	replay   *ledger.Replay // nil without history
	shadow   *diagnose.Shadow
	now      time.Time

	incomplete bool // without what the ledger knows
}

func (p *program) status(c *cli.Context) error {
	style, err := p.promptStyle(c)
	if err != nil {
		return err
	}
	show, text := p.statusFormat(c.String("format"), style)
	if show == nil {
		err := usageError{fmt.Errorf("status: no such format: %s", c.String("format"))}
		return ui.WithHint(err, "the formats are "+orList(statusFormats()))
	}
	remember := p.remembering(c, text)
	r, err := p.report(c)
	if err != nil {
		return err
	}
	if err := show(r); err != nil {
		return err
	}
	remember(r)
	status := exitOf(r)
	if status == exitOK || c.String("format") == "statusline" { // which the client shows only when all went well
		return nil
	}
	return statusError{status: status}
}

func exitOf(r report) int {
	if r.state.Usable() {
		return exitOK
	}
	return exitSignIn
}

// report gathers what status says. What the ledger cannot tell, or be told, is no reason to say nothing.
func (p *program) report(c *cli.Context) (report, error) { return p.gather(c, false) }

// gather is report, which mostly gets by without reading the ledger, or, with history, for more questions to the ledger.
func (p *program) gather(c *cli.Context, history bool) (report, error) {
	snapshot, err := p.store().Read(c.Context)
	if err != nil && c.Context.Err() != nil {
		return report{}, err
	}
	if err != nil {
		snapshot.Err = err // a state too
	}
	r := report{snapshot: snapshot, login: snapshot.Login(), now: p.now()}
	r.shadow = diagnose.FindShadow(p.env, p.paths, p.workingDir())
	tool, err := p.reader(c)
	switch {
	case err != nil && history:
		return report{}, err
	case history:
		r.standing, r.state, r.replay, err = tool.History(snapshot)
		return r, err
	case err != nil: // no directory for the ledger, say: what the file tells is there without it
		p.ui.Notef("%v", err)
		r.state, r.incomplete = snapshot.State(r.now, credentials.History{}), true
		return r, nil
	}
	r.standing, r.state = tool.Standing(snapshot)
	return r, nil
}

func (p *program) statusText(r report) error {
	style := ui.Bad
	if r.state.Usable() {
		style = ui.Good
	}
	if r.state == credentials.Expiring {
		style = ui.Warn
	}
	rows := [][]ui.Cell{
		{{Text: "login"}, {Text: string(r.state), Style: style}},
		{{Text: ""}, {Text: r.state.Sentence(r.login, r.now)}},
		{{Text: "file"}, {Text: p.displayPath(r.snapshot.Path)}},
	}
	if r.snapshot.Err != nil {
		rows = append(rows, []ui.Cell{{Text: "problem"}, {Text: r.snapshot.Err.Error(), Style: ui.Bad}})
	}
	if r.login != nil {
		rows = append(rows, loginRows(r)...)
	}
	if r.shadow != nil {
		rows = append(rows, []ui.Cell{{Text: "shadowed by"}, {Text: r.shadow.String(), Style: ui.Warn}})
	}
	p.ui.Table(rows)
	if next := nextCommand(r); next != "" {
		p.ui.Hintf("%s", next)
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
	add("access token", moment("valid for", "expired", r.login.ExpiresAt, r.now))
	add("refresh token", moment("valid for", "ended", r.login.RefreshTokenExpiresAt, r.now))
	if age, exact := r.standing.Age(r.now); age > 0 || exact {
		text := ui.Roughly(age)
		if !exact && age < time.Minute {
			text = "just seen for the first time"
		} else if !exact {
			text = "at least " + text
		}
		add("age", text)
	}
	if r.standing.OldestDeath > 0 {
		add("", "logins here have been rejected at an age of up to "+ui.Roughly(r.standing.OldestDeath))
	}
	return rows
}

// moment says when something ends or ended, relative to now; "" when that is not known.
func moment(before, after string, end, now time.Time) string {
	switch {
	case end.IsZero():
		return ""
	case end.After(now):
		return fmt.Sprintf("%s %s (until %s)", before, ui.Roughly(end.Sub(now)), end.Local().Format("2006-01-02 15:04"))
	default:
		return fmt.Sprintf("%s %s ago", after, ui.Roughly(now.Sub(end)))
	}
}

// nextCommand is the command that helps, as gh's auth status ends with one.
func nextCommand(r report) string {
	switch {
	case r.shadow != nil:
		return r.shadow.Remedy()
	case r.state == credentials.Unreadable:
		return "run 'claude-auth doctor' to see owner and mode"
	case r.state == credentials.Corrupt:
		return "run 'claude-auth recover': it keeps a backup of the file and signs in again"
	case !r.state.Usable():
		return "run 'claude-auth recover' to sign in again"
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
	Problem      string       `json:"problem,omitempty"`
	ShadowedBy   *shadowedBy  `json:"shadowed_by,omitempty"`
	Login        *statusLogin `json:"login,omitempty"`
	OldestDeathS int64        `json:"oldest_rejected_age_seconds,omitempty"`
}

type shadowedBy struct {
	Name string `json:"name"`
	File string `json:"file,omitempty"`
	Line int    `json:"line,omitempty"`
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
}

func (p *program) statusJSON(r report) error {
	doc := statusDocument{
		Schema: 1, State: string(r.state), Usable: r.state.Usable(), Summary: r.state.Sentence(r.login, r.now),
		File: r.snapshot.Path, OldestDeathS: int64(r.standing.OldestDeath / time.Second),
	}
	if r.snapshot.Err != nil {
		doc.Problem = r.snapshot.Err.Error()
	}
	if r.shadow != nil {
		doc.ShadowedBy = &shadowedBy{r.shadow.Name, r.shadow.File, r.shadow.Line}
	}
	if r.login != nil {
		doc.Login = &statusLogin{
			AccessFingerprint: r.standing.Login.Access, RefreshFingerprint: r.standing.Login.Refresh,
			ExpiresAt: r.login.ExpiresAt.UTC(), RefreshExpiresAt: r.login.RefreshTokenExpiresAt.UTC(),
			SubscriptionType: r.login.SubscriptionType, Scopes: r.login.Scopes,
		}
		if r.standing.BornExact {
			doc.Login.SignedInAt = r.standing.Born.UTC()
		} else {
			doc.Login.FirstSeenAt = r.standing.Born.UTC()
		}
	}
	return p.ui.JSON(doc)
}
