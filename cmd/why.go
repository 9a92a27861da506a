package cmd

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/claude-auth/claude-auth/internal/credentials"
	"github.com/claude-auth/claude-auth/internal/detect"
	"github.com/claude-auth/claude-auth/internal/diagnose"
	"github.com/claude-auth/claude-auth/internal/guard"
	"github.com/claude-auth/claude-auth/internal/ledger"
	"github.com/claude-auth/claude-auth/internal/ui"
)

var _ = register("why", func() command {
	return command{
		group: groupLogin, rank: 30,
		usage: "explain why the login was last rejected, and what to do",
		description: "It shows what Claude Code said and where, what that means, and what has happened since. It also " +
			"explains\na rejection that has been repaired. Nothing is changed.\n" +
			"Whether the login works now: 'claude-auth status' and 'claude-auth doctor'.",
		flags:     []cli.Flag{jsonFlag()},
		run:       (*program).why,
		readsOnly: true,
		examples: "claude-auth why   # why the login stopped working\n" +
			"claude-auth why --json   # the same, for a program",
	}
})

// rejection is the last rejection of a login; the output of --json. Members are only ever added.
type rejection struct {
	Schema             int           `json:"schema"`
	Rejected           bool          `json:"rejected"` // false: nothing about one is set
	Time               time.Time     `json:"time,omitzero"`
	Seen               string        `json:"seen,omitempty"`  // the client's words
	Where              string        `json:"where,omitempty"` // print, session, transcript or file
	Rule               string        `json:"rule,omitempty"`
	Class              string        `json:"class,omitempty"`
	Means              string        `json:"means,omitempty"`
	AccessFingerprint  string        `json:"access_fingerprint,omitempty"`
	RefreshFingerprint string        `json:"refresh_fingerprint,omitempty"`
	AgeSeconds         int64         `json:"age_seconds,omitempty"` // of the login when it was rejected
	AgeExact           bool          `json:"age_exact,omitempty"`
	Interrupted        *interruption `json:"interrupted,omitempty"` // a renewal of the login, which explains the rejection
	Since              []laterEvent  `json:"since,omitempty"`
	State              string        `json:"state"`   // of the saved login now
	Current            bool          `json:"current"` // the rejected login is the one that is saved now
	Do                 string        `json:"do"`      // "" when nothing is to be done
	OverriddenBy       *overriddenBy `json:"overridden_by,omitempty"`
	LastFailure        *lastFailure  `json:"last_failure,omitempty"`
	NotStorable        string        `json:"not_storable,omitempty"` // why a renewal that is due could not be stored

	age  time.Duration
	same bool // the rejected login is saved now, and Anthropic has accepted it since
	now  report
}

// laterEvent is something that has happened to the credentials file since.
type laterEvent struct {
	Time time.Time `json:"time"`
	What string    `json:"what"`
}

func (p *program) why(c *cli.Context) error {
	r, err := p.lastRejection(c)
	if err != nil {
		return err
	}
	if c.Bool("json") {
		return p.ui.JSON(r)
	}
	p.tellRejection(r)
	return nil
}

func (p *program) lastRejection(c *cli.Context) (*rejection, error) {
	now, err := p.report(c, true)
	if err != nil {
		return nil, err
	}
	replay := now.replay
	r := &rejection{Schema: 1, State: string(now.state), Do: nextCommand(now), OverriddenBy: shadowOf(now), now: now}
	r.LastFailure, r.NotStorable = lastFailureOf(now), now.obstacle.Cause
	event, ok := newestRejection(replay, p.paths.Credentials)
	if !ok {
		r.interruptedOf(replay, p.paths.Credentials, now.standing.Login)
		return r, nil
	}
	r.interruptedOf(replay, p.paths.Credentials, event.Login)
	r.Rejected, r.Time = true, event.Time.UTC()
	r.Seen, r.Where, r.Rule = event.Detail["phrase"], event.Detail["where"], event.Detail["rule"]
	r.AccessFingerprint, r.RefreshFingerprint = event.Login.Access, event.Login.Refresh
	if event.Kind == ledger.Blanked {
		r.Seen, r.Where = "Claude Code has emptied the login", "file"
	}
	p.explain(r)
	r.age, r.AgeExact = replay.Standing(p.paths.Credentials, event.Login).Age(event.Time)
	r.AgeSeconds = int64(r.age / time.Second)
	r.Since = since(replay, p.paths.Credentials, event)
	life, known := replay.Current(p.paths.Credentials)
	r.Current = now.standing.Rejected || now.state == credentials.Blank && known && life.How == ledger.EndReject
	r.same = !r.Current && now.standing.Login == event.Login
	return r, nil
}

// interruptedOf fills in the renewal of a login that was interrupted, if there was one.
func (r *rejection) interruptedOf(replay *ledger.Replay, file string, login ledger.LoginID) {
	if cut, ok := replay.Cut(file, login); ok {
		r.Interrupted = interruptionOf(&cut)
	}
}

// newestRejection returns the newest event that shows that the service rejected a login of file: a rejection that was
// seen, or the client emptying the tokens.
func newestRejection(replay *ledger.Replay, file string) (ledger.Event, bool) {
	rejected, ok := replay.LastRejection(file)
	for _, e := range slices.Backward(replay.Events()) {
		if ok && e.Kind == ledger.Rejected && e.File == file {
			break
		}
		// When the client empties a login whose rejection was seen, the rejection says more.
		if e.Kind == ledger.Blanked && e.File == file && (!ok || e.Login.Access != rejected.Login.Access) {
			return e, true
		}
	}
	return rejected, ok
}

// explain fills in what the rule of the failure means.
func (p *program) explain(r *rejection) {
	rules, class := p.rules(), detect.Rejected
	if rule, ok := rules.Rule(r.Rule); ok {
		class = rule.Class
	} else if rule, ok := rules.Match(r.Seen); ok {
		class, r.Rule = rule.Class, rule.Name
	}
	r.Class = string(class)
	switch {
	case r.Interrupted != nil && class == detect.Rejected:
		r.Means = "an interrupted renewal had used the refresh token, which works only once, and did not store the new one"
	case r.Where == "file", r.Rule == guard.RejectedRule:
		r.Means = "Anthropic rejected the refresh token, so the login could not be renewed. Each refresh token works " +
			"once: this happens when a copy of the login has used it, or when a renewal was cut off"
	case class == detect.Scope:
		r.Means = "Anthropic knows the login, but it lacks a permission that Claude Code needs"
	case class == detect.Rejected:
		r.Means = "Anthropic rejected the access token, which goes with each request, and Claude Code could not " +
			"renew it: the refresh token, which gets a new one, no longer works, or an earlier renewal was lost"
	case class == detect.NoLogin:
		r.Means = "Claude Code found no login that it could use"
	default:
		r.Means = "a failure of the class " + string(class)
	}
}

// since lists the newest events of file after rejected, six at most.
func since(replay *ledger.Replay, file string, rejected ledger.Event) []laterEvent {
	const most = 6
	texts := map[ledger.Kind]string{ // of the events that matter
		ledger.SignedIn:    "signed in again",
		ledger.Wiped:       "the login was removed",
		ledger.Restored:    "the old login was restored",
		ledger.LoginFailed: "a sign-in failed",
		ledger.Declined:    "a sign-in was offered and declined",
		ledger.Accepted:    "Anthropic accepted the same login again: it had been an outage",
		ledger.Removed:     "another program removed the login",
		ledger.Renewed:     "Claude Code renewed the login: it had been an outage",
	}
	var list []laterEvent
	seen, same := false, true // same: the rejected login may still be the one that the events are about
	for _, e := range replay.Events() {
		if !seen {
			seen = e.Kind == rejected.Kind && e.Time.Equal(rejected.Time) && e.Login == rejected.Login
			continue
		}
		text, matters := texts[e.Kind]
		shows := e.Kind == ledger.Accepted || e.Kind == ledger.Renewed // that it had been an outage
		if e.File != file || !matters || shows && !same {
			continue
		}
		same = same && e.Kind != ledger.SignedIn
		if e.IsOtherAccount() {
			text += ", with another account"
		}
		if cause := e.Detail["cause"]; cause != "" {
			text += ": " + cause
		}
		list = append(list, laterEvent{e.Time.UTC(), text})
	}
	return list[max(0, len(list)-most):]
}

func (p *program) tellRejection(r *rejection) {
	var rows [][]ui.Cell
	add := func(name, text string) {
		if text != "" {
			rows = append(rows, []ui.Cell{{Text: name, Style: ui.Bold}, {Text: text}})
		}
	}
	if !r.Rejected {
		p.ui.Text("No rejected login on record\n")
		add("but", r.describeCause())
		if r.LastFailure != nil {
			rows = append(rows, r.LastFailure.row(p))
		}
	} else {
		add("seen", r.Seen)
		add("when", fmt.Sprintf("%s (%s ago)", minute(r.Time), ui.Roughly(p.now().Sub(r.Time))))
		places := map[string]string{
			"print": "in the output of 'claude -p'", "session": "on the screen of a session",
			"transcript": "in the transcript of a session", "file": "in the credentials file",
			"plugin": "in a session with the plugin",
		}
		where := cmp.Or(places[r.Where], r.Where)
		if r.Rule == guard.RejectedRule {
			where = "in a renewal by claude-auth"
		} else if r.Rule != "" {
			where += " (rule " + r.Rule + ")"
		}
		add("where", where)
		add("means", r.Means)
		add("cause", r.describeCause())
		add("login", r.describeLogin())
		for i, e := range r.Since {
			add(pick(i == 0, "since", ""), minute(e.Time)+" "+e.What)
		}
	}
	add("now", r.describeNow())
	add("do", cmp.Or(r.Do, "nothing"))
	p.ui.Table(rows)
	if r.now.unverified() {
		p.ui.Text(diagnose.NotVerified + "\n")
	}
}

func (r *rejection) describeCause() string {
	if r.Interrupted == nil {
		return ""
	}
	return r.Interrupted.String()
}

func (r *rejection) describeLogin() string {
	text := shortID(ledger.LoginID{Access: r.AccessFingerprint, Refresh: r.RefreshFingerprint})
	if r.age < time.Minute && !r.AgeExact {
		return text
	}
	return fmt.Sprintf("%s, %s%s old when it was rejected", text, pick(r.AgeExact, "", "at least "), ui.Roughly(r.age))
}

func (r *rejection) describeNow() string {
	newer := r.Rejected && !r.Current && !r.same && r.State != string(credentials.Absent)
	text := r.now.sentence()
	if r.now.answered() && r.now.state == credentials.OK {
		text = "the saved login " + r.now.describe()
	}
	switch {
	case r.State == string(credentials.Console):
	case r.Current:
		text = "the rejected login is still saved"
	case newer && r.now.answered() && r.now.state.Usable():
		text = "a newer login is saved and works"
	case newer:
		text = "a newer login is saved: " + r.now.describe()
	}
	if r.OverriddenBy != nil {
		text += "; Claude Code uses " + r.now.shadow.String() + " instead"
	}
	return text
}
