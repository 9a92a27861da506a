package cmd

import (
	"github.com/urfave/cli/v2"

	"github.com/claude-auth/claude-auth/internal/diagnose"
	"github.com/claude-auth/claude-auth/internal/recovery"
	"github.com/claude-auth/claude-auth/internal/ui"
)

// planDocument is the output of recover --dry-run --json. Members are only ever added.
type planDocument struct {
	Schema  int    `json:"schema"`
	State   string `json:"state"`  // of the saved login
	Usable  bool   `json:"usable"` // the state is one that the client can work with
	Cause   string `json:"cause"`  // the verdict in a word
	Message string `json:"message"`
	Seen    string `json:"seen,omitempty"` // the client's words
	Action  string `json:"action"`         // what helps
	SignsIn bool   `json:"signs_in"`       // recover would ask here, and sign in
	Would   string `json:"would"`          // what recover would do, for people
	Drops   string `json:"drops,omitempty"`
	Hint    string `json:"hint,omitempty"`
	Status  int    `json:"exit_status"`
}

// plan is recover --dry-run. It ends with the status of recover, and with 4 where recover would sign in: a sign-in is
// still needed afterwards.
func (p *program) plan(c *cli.Context, repairer *recovery.Repairer, failure recovery.Incident) error {
	plan, err := repairer.Plan(c.Context, failure)
	if c.Context.Err() != nil {
		return c.Context.Err()
	}
	v, status := plan.Verdict, exitStatus(err)
	doc := planDocument{
		Schema: 1, State: string(plan.State), Usable: plan.State.Usable(), Cause: string(v.Cause), Message: v.Message,
		Seen: failure.Phrase, Action: string(v.Action), SignsIn: plan.SignsIn, Would: would(plan, failure.Auto),
		Drops: plan.Drops, Hint: plan.Hint, Status: status,
	}
	if c.Bool("json") {
		if err := p.ui.JSON(doc); err != nil {
			return err
		}
		return statusError{status: status}
	}
	rows := [][]ui.Cell{{{Text: "verdict", Style: ui.Bold}, {Text: v.Message}}}
	for _, row := range [][2]string{{"would", doc.Would}, {"note", doc.Drops}, {"do", doc.Hint}} {
		if row[1] != "" {
			rows = append(rows, []ui.Cell{{Text: row[0], Style: ui.Bold}, {Text: row[1]}})
		}
	}
	p.ui.Table(rows)
	return statusError{status: status}
}

// would says what recover would do.
func would(plan recovery.Plan, auto bool) string {
	signIn := map[diagnose.Action]string{
		diagnose.SignIn:        "sign in",
		diagnose.WipeAndSignIn: "remove the rejected login, keep a backup of it, and sign in",
		diagnose.SignInConsole: "sign in with your Console account",
		diagnose.SetAside:      "back up the damaged file, and sign in",
	}[plan.Verdict.Action]
	switch {
	case plan.Waits != "":
		return "change nothing: " + plan.Waits
	case signIn == "":
		return "change nothing"
	case !plan.SignsIn:
		return "change nothing here; in a terminal: " + signIn
	}
	return pick(auto, "", "ask, then ") + signIn
}
