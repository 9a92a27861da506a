package cmd

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/claude-auth/claude-auth/internal/diagnose"
	"github.com/claude-auth/claude-auth/internal/paths"
	"github.com/claude-auth/claude-auth/internal/schedule"
	"github.com/claude-auth/claude-auth/internal/ui"
)

var _ = register("schedule", func() command {
	dryRun := dryRunFlag()
	statusFlags := []cli.Flag{jsonFlag()}
	return command{
		group: groupRepair, rank: 95,
		usage: "renew the login automatically, also while you are away",
		description: "Your system runs 'claude-auth renew --if-due' every 5 minutes: by a systemd user timer, by a launchd " +
			"agent on macOS, or by a line in your crontab. Without a subcommand it prints the status.",
		flags: statusFlags, run: (*program).scheduleStatus,
		subcommands: []command{
			{
				name: "on", usage: "renew the login automatically from now on",
				description: "It remembers which credentials file, Claude Code and proxy this shell uses, and no secret. " +
					"Run it again when these change. The file for metrics stays the same until you name another one; " +
					"--textfile '' ends the metrics.",
				flags: []cli.Flag{
					dryRun, textfileFlag("after each run, write the metrics to the file `PATH` for node_exporter"),
				},
				run: (*program).scheduleOn, acts: true,
				examples: "claude-auth schedule on --dry-run   # show what would be set up\n" +
					"claude-auth schedule on --textfile /var/lib/node_exporter/claude-auth.prom   # with metrics",
			},
			{
				name: "off", usage: "stop renewing the login automatically",
				flags: []cli.Flag{dryRun}, run: (*program).scheduleOff, acts: true,
				examples: "claude-auth schedule off   # the login is no longer renewed ahead of time",
			},
			{
				name: "status", usage: "show whether it is on, its last run and its next one",
				flags: statusFlags, run: (*program).scheduleStatus,
				examples: "claude-auth schedule status --json   # for a program",
			},
		},
		examples: "claude-auth schedule on   # renew the login from now on, also while you are away\n" +
			"claude-auth schedule   # show whether it is on",
	}
})

// schedulers says what people call each scheduler's part.
var schedulers = map[string]string{
	"systemd": "a systemd user timer", "launchd": "a launchd agent", "cron": "a line in your crontab",
}

func (p *program) schedule() *schedule.Schedule {
	return schedule.New(p.system.Name, p.env, p.paths, p.now)
}

func (p *program) scheduleOn(c *cli.Context) error {
	if err := p.stateError(); err != nil {
		return err
	}
	s := p.schedule()
	textfile, err := p.scheduledTextfile(c, s.Record().Textfile)
	if err != nil {
		return err
	}
	job, withheld, err := schedule.NewJob(p.exe, p.env, p.paths, c.IsSet("file"))
	if err != nil {
		return ui.WithHint(err, "install Claude Code, or set "+paths.EnvClient+" to its path")
	}
	if job.Textfile = textfile; textfile != "" {
		if shadow := (diagnose.Launch{}).Shadow(p.env, p.paths); shadow != nil && shadow.File == "" {
			job.Override = shadow.Name
		}
	}
	plan, err := s.PlanOn(c.Context, job)
	if errors.Is(err, schedule.ErrNone) {
		return ui.WithHint(err, "run 'claude-auth renew --if-due' every 5 minutes in another way")
	} else if err != nil {
		return err
	}
	by := schedulers[plan.By[0]]
	for _, reason := range plan.Rejected {
		p.ui.Notef("%v; using %s instead", reason, by)
	}
	for _, name := range withheld {
		p.ui.Notef("%s contains a secret, so it is not stored; scheduled renewals run without it", name)
	}
	if c.Bool("dry-run") {
		p.showSteps(plan)
		return nil
	}
	ended := s.Record().Textfile
	if err := p.turnOn(c, s, plan); err != nil {
		return err
	}
	p.ui.Textf("Renewals are scheduled%s: %s checks every 5 minutes", pick(len(plan.Steps) == 0, " already", ""), by)
	if textfile == "" && ended != "" {
		p.ui.Notef("the metrics are no longer written to %s", ended)
	}
	if r, err := s.Report(c.Context); err == nil && stopsAtLogout(r) {
		p.ui.Hintf("%s", lingerHint)
	}
	return nil
}

// scheduledTextfile returns what gets the metrics: the file of --textfile, or without the flag the one before.
func (p *program) scheduledTextfile(c *cli.Context, before string) (string, error) {
	file := before
	if c.IsSet("textfile") && c.String("textfile") == "" {
		return "", nil
	} else if c.IsSet("textfile") {
		var err error
		if file, err = p.textfile(c); err != nil {
			return "", err
		}
	}
	if file == "" {
		return "", nil
	}
	return file, checkTextfile(file)
}

// turnOn carries out the plan. The metrics are written first: a file that can't be written must not be remembered.
func (p *program) turnOn(c *cli.Context, s *schedule.Schedule, plan schedule.Plan) error {
	file := plan.Record.Textfile
	_, missing := os.Lstat(file)
	if err := p.writeScheduled(plan.Record, s.LastRun()); err != nil {
		return err
	}
	defer p.noteDirs(plan.Files()...)()
	err := s.Carry(c.Context, plan)
	if err != nil && file != "" && missing != nil && s.Record() != plan.Record {
		err = errors.Join(err, os.Remove(file))
	}
	return err
}

// lingerHint explains linger. The program never turns it on itself: it is about all of the user's services.
const lingerHint = "it runs while you are logged in; run 'loginctl enable-linger' to let it run after you log out"

func stopsAtLogout(r schedule.Report) bool { return r.Linger != nil && !*r.Linger }

// showSteps prints the steps of a plan, in the order in which they would be taken.
func (p *program) showSteps(plan schedule.Plan) {
	if len(plan.Steps) == 0 {
		p.ui.Text("Nothing to do")
	}
	for _, step := range plan.Steps {
		switch {
		case step.Write != "":
			p.ui.Printf("write %s\n%s", step.Write, indented(step.Text))
		case step.Remove != "":
			p.ui.Printf("remove %s\n", step.Remove)
		default:
			p.ui.Printf("run %s\n%s", strings.Join(step.Run, " "), indented(step.About))
		}
	}
}

func indented(text string) string {
	var out strings.Builder
	for line := range strings.Lines(text) {
		out.WriteString("    " + strings.TrimSuffix(line, "\n") + "\n")
	}
	return out.String()
}

func (p *program) scheduleOff(c *cli.Context) error {
	s := p.schedule()
	plan, err := s.PlanOff(c.Context)
	if c.Bool("dry-run") {
		p.showSteps(plan)
		return err
	}
	return errors.Join(err, p.turnOff(c, s, plan))
}

func (p *program) turnOff(c *cli.Context, s *schedule.Schedule, plan schedule.Plan) error {
	if len(plan.Steps) == 0 {
		p.ui.Text("No renewals are scheduled")
		return nil
	}
	if err := s.Carry(c.Context, plan); err != nil {
		return err
	}
	var removed []string
	for _, by := range plan.By {
		removed = append(removed, schedulers[by])
	}
	text := "Renewals are no longer scheduled"
	if len(removed) > 0 {
		text += ": removed " + strings.Join(removed, " and ")
	}
	p.ui.Text(text)
	return nil
}

// unschedule turns the schedule off when it is on for these files, because the program that it runs goes away.
// It reports whether it was on.
func (p *program) unschedule(c *cli.Context) (bool, error) {
	s := p.schedule()
	if s.Record() == (schedule.Record{}) {
		return false, nil
	}
	plan, err := s.PlanOff(c.Context)
	if c.Bool("dry-run") {
		p.showSteps(plan)
		return true, err
	}
	return true, errors.Join(err, p.turnOff(c, s, plan))
}

func (p *program) scheduleStatus(c *cli.Context) error {
	r, err := p.schedule().Report(c.Context)
	if err != nil {
		return err
	}
	if r.Problem == "" && r.Program != "" {
		if _, err := os.Stat(r.Program); err != nil {
			r.Problem = "the program that it runs is gone: " + r.Program
		}
	}
	if c.Bool("json") {
		return p.scheduleJSON(r)
	}
	p.scheduleText(r)
	return nil
}

func (p *program) scheduleText(r schedule.Report) {
	if r.By == "" {
		p.ui.Text("No renewals are scheduled")
		p.ui.Hintf("run 'claude-auth schedule on' to renew the login automatically")
		return
	}
	var rows [][]ui.Cell
	add := func(name, text string, style ui.Style) {
		rows = append(rows, []ui.Cell{{Text: name}, {Text: text, Style: style}})
	}
	add("schedule", "on: "+schedulers[r.By]+" checks every 5 minutes", ui.Good)
	if r.Problem != "" {
		rows[0][1] = ui.Cell{Text: "does not run: " + r.Problem, Style: ui.Bad}
	}
	if r.Last.At.IsZero() {
		add("last run", "none yet", ui.Plain)
	} else {
		style := pick(r.Last.Status == exitOK, ui.Good, ui.Bad)
		add("last run", ui.Roughly(p.now().Sub(r.Last.At))+" ago: "+runResult(r.Last), style)
	}
	if !r.Next.IsZero() && r.Problem == "" {
		add("next run", minute(r.Next), ui.Plain)
	}
	if r.Textfile != "" {
		add("metrics", r.Textfile, ui.Plain)
	}
	if r.Linger != nil {
		text := pick(*r.Linger, "on: it also runs while you are logged out", "off: it stops when you log out")
		add("linger", text, ui.Plain)
	}
	p.ui.Table(rows)
	if r.Problem != "" {
		p.ui.Hintf("run 'claude-auth schedule on' to set it up again")
	} else if stopsAtLogout(r) {
		p.ui.Hintf("%s", lingerHint)
	}
}

// runResult says how a run ended.
func runResult(run schedule.Run) string {
	switch run.Status {
	case exitOK:
		return "the login is renewed or not due"
	case exitSignIn:
		return cmp.Or(run.Message, "a sign-in is needed")
	case exitLocked:
		return cmp.Or(run.Message, "another process held the lock")
	}
	return cmp.Or(run.Message, fmt.Sprintf("it failed with status %d", run.Status))
}

// scheduleDocument is the output of --json. Members are only ever added.
type scheduleDocument struct {
	Schema       int          `json:"schema"`
	On           bool         `json:"on"`
	By           string       `json:"by,omitempty"` // systemd, launchd or cron
	Problem      string       `json:"problem,omitempty"`
	Program      string       `json:"program,omitempty"`
	Textfile     string       `json:"textfile,omitempty"` // what gets the metrics
	EverySeconds int          `json:"every_seconds,omitempty"`
	LastRun      *scheduleRun `json:"last_run,omitempty"`
	NextRunAt    time.Time    `json:"next_run_at,omitzero"`
	Linger       *bool        `json:"linger,omitempty"` // without it: not known
}

type scheduleRun struct {
	Time    time.Time `json:"time"`
	Status  int       `json:"exit_status"`
	Message string    `json:"message,omitempty"`
}

func (p *program) scheduleJSON(r schedule.Report) error {
	document := scheduleDocument{Schema: 1, On: r.By != "", By: r.By, Problem: r.Problem, Program: r.Program,
		Textfile: r.Textfile}
	if document.On {
		document.EverySeconds = int(schedule.Period.Seconds())
		document.NextRunAt, document.Linger = r.Next.UTC(), r.Linger
	}
	if !r.Last.At.IsZero() {
		document.LastRun = &scheduleRun{r.Last.At.UTC(), r.Last.Status, r.Last.Message}
	}
	return p.ui.JSON(document)
}

// noteScheduled records how this run ended when the schedule has started it, for 'schedule status' and the metrics. It
// reports whether the run before failed in the same way: then the failure is not printed again, every five minutes.
// Metrics that cannot be written are a failure of the run.
func (p *program) noteScheduled(err error) (ended error, again bool) {
	if p.env.Get(paths.EnvSchedule) == "" || len(p.args) == 0 || p.args[0] != "renew" || p.paths.StateDir == "" {
		return err, false
	}
	run := schedule.Run{At: p.now(), Status: exitStatus(err)}
	if metricsErr := p.writeScheduled(p.schedule().Record(), run); err == nil && metricsErr != nil {
		err, run.Status = metricsErr, exitStatus(metricsErr)
	}
	if err != nil {
		run.Message = ui.Clean(strings.Join(strings.Fields(err.Error()), " "))
	}
	again, noteErr := p.schedule().Note(run)
	if noteErr != nil {
		p.ui.Fail(fmt.Errorf("note the result for 'claude-auth schedule status': %w", noteErr))
	}
	return err, again
}
