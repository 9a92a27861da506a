// Package schedule has the system renew the login ahead of time while nobody is there: every five minutes the system
// runs `claude-auth renew --if-due`.
//
// Each file named after a scheduler has what is different about it: a systemd user timer, a launchd agent, a line in
// the crontab. What turning the schedule on or off would do is a Plan, a list of steps, so that it can be shown before
// it is done.
//
// Two files in the state directory belong to the schedule: which scheduler runs what, and how the last run ended.
package schedule

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/claude-auth/claude-auth/internal/paths"
)

// Period is the time from one run to the next. A renewal is due 15 minutes before the access token ends, and the client
// renews 5 minutes before; so two runs see it before any client does.
const Period = 5 * time.Minute

// Job is what the schedule runs.
type Job struct {
	Program string   // absolute path of this program
	Args    []string // its arguments
	Env     []string // NAME=value, in addition to the few variables that the scheduler sets
	Unset   []string // variables that the run must not get from the scheduler

	Textfile string // what gets the metrics after each run; "" for none
	Override string // with it: the variable that overrides the saved login where the job is made; "" for none
}

// Scheduler is one way to have the system run a job every Period.
type Scheduler interface {
	// Name is what people and programs call it: systemd, launchd or cron.
	Name() string
	// Usable returns the reason why it can't be used here; nil when it can.
	Usable(ctx context.Context) error
	// TurnOn returns the steps that make it run the job; none when it does already.
	TurnOn(ctx context.Context, job Job) ([]Step, error)
	// TurnOff returns the steps that leave nothing of the job; none when there is nothing.
	TurnOff(ctx context.Context) ([]Step, error)
	// State says what it does now.
	State(ctx context.Context) (State, error)
}

// State is what a scheduler does.
type State struct {
	On      bool      // it was told to run the job
	Problem string    // why it does not, although it was told to
	Last    Run       // the last run, as far as the scheduler knows; zero when it does not
	Next    time.Time // the next run; zero when that is not known
	Linger  *bool     // systemd: whether timers run while the user is logged out; nil when that is not known
}

// Schedule is the schedule of one user on one machine.
type Schedule struct {
	schedulers []Scheduler // the first that can be used is used
	paths      paths.Paths
	now        func() time.Time
}

// New returns the schedule for an operating system, by Go's name for it.
func New(goos string, env paths.Env, p paths.Paths, now func() time.Time) *Schedule {
	s := &Schedule{paths: p, now: now}
	run := newCommands(env)
	switch goos {
	case "darwin":
		s.schedulers = []Scheduler{newLaunchd(p, run)}
	case "linux":
		s.schedulers = []Scheduler{newSystemd(env, p, run), newCron(run, now)}
	default:
		s.schedulers = []Scheduler{newCron(run, now)}
	}
	return s
}

// Plan is what turning the schedule on or off does.
type Plan struct {
	By       []string // the schedulers that it is about
	Rejected []error  // why better schedulers can't be used
	Steps    []Step   // none when nothing has to be done
	Record   Record   // what is on afterwards
	undo     func() ([]Step, error)
}

// Files returns the files that the steps write.
func (p Plan) Files() []string {
	var list []string
	for _, step := range p.Steps {
		if step.Write != "" {
			list = append(list, step.Write)
		}
	}
	return list
}

// ErrNone says that no scheduler can be used here.
var ErrNone = errors.New("renewals cannot be scheduled on this machine")

// PlanOn returns the steps that make the best scheduler run the job, and no other one.
func (s *Schedule) PlanOn(ctx context.Context, job Job) (Plan, error) {
	var plan Plan
	at := slices.IndexFunc(s.schedulers, func(one Scheduler) bool {
		err := one.Usable(ctx)
		if err != nil {
			plan.Rejected = append(plan.Rejected, err)
		}
		return err == nil
	})
	if at < 0 {
		var reasons []string
		for _, reason := range plan.Rejected {
			reasons = append(reasons, reason.Error())
		}
		return Plan{}, fmt.Errorf("%w: %s", ErrNone, strings.Join(reasons, "; "))
	}
	chosen := s.schedulers[at]
	plan.By = []string{chosen.Name()}
	job.Env = append(slices.Clone(job.Env), paths.EnvSchedule+"="+chosen.Name())
	if err := job.check(); err != nil {
		return Plan{}, err
	}
	steps, err := chosen.TurnOn(ctx, job)
	if err != nil {
		return Plan{}, err
	}
	plan.Steps = append(plan.Steps, steps...)
	for i, other := range s.schedulers {
		if steps, err := other.TurnOff(ctx); i != at && err == nil { // an error: it can't be used here, so it is off
			plan.Steps = append(plan.Steps, steps...)
		}
	}
	plan.Record = Record{chosen.Name(), job.Program, job.Textfile, job.Override}
	if before := s.Record(); before != plan.Record {
		plan.Steps = append(plan.Steps, s.writeRecord(plan.Record))
		if before.Textfile != job.Textfile {
			plan.Steps = append(plan.Steps, removeTextfile(before.Textfile, "renewals are scheduled")...)
		}
	}
	plan.undo = func() ([]Step, error) { return chosen.TurnOff(context.WithoutCancel(ctx)) }
	return plan, nil
}

// words returns the command line. systemd takes no program whose path has a quote or a backslash, and env none with
// an =; then a shell starts it.
func (j Job) words() []string {
	words := append([]string{j.Program}, j.Args...)
	if strings.ContainsAny(j.Program, `'"\$=`) {
		return append([]string{"/bin/sh", "-c", `exec "$0" "$@"`}, words...)
	}
	return words
}

// check refuses what no scheduler can be told in one line.
func (j Job) check() error {
	for _, text := range slices.Concat([]string{j.Program, j.Textfile}, j.Args, j.Env) {
		if strings.ContainsFunc(text, func(r rune) bool { return r < ' ' || r == 0x7f }) {
			return fmt.Errorf("renewals cannot be scheduled: %q contains a control character", text)
		}
	}
	return nil
}

// PlanOff returns the steps that leave nothing of the schedule.
func (s *Schedule) PlanOff(ctx context.Context) (Plan, error) {
	var plan Plan
	var failed error
	record := s.Record()
	for _, one := range s.schedulers {
		steps, err := one.TurnOff(ctx)
		if err != nil && one.Name() == record.By {
			failed = err // without that record it can't be used here, so it is off
		} else if len(steps) > 0 {
			plan.By = append(plan.By, one.Name())
			plan.Steps = append(plan.Steps, steps...)
		}
	}
	plan.Steps = append(plan.Steps, s.removeRecords()...)
	return plan, failed
}

// Carry carries out a plan. When turning on fails, it removes what it has done so far.
func (s *Schedule) Carry(ctx context.Context, plan Plan) error {
	for _, step := range plan.Steps {
		err := step.do(ctx)
		if err == nil {
			continue
		}
		if step.done != "" {
			return fmt.Errorf("%s, but %w", step.done, err)
		}
		if plan.undo != nil {
			err = errors.Join(err, undo(context.WithoutCancel(ctx), plan.undo))
		}
		return err
	}
	return nil
}

func undo(ctx context.Context, steps func() ([]Step, error)) error {
	list, err := steps()
	for _, step := range list {
		err = errors.Join(err, step.do(ctx))
	}
	return err
}

// Report is what the schedule does.
type Report struct {
	By      string // the scheduler; "" when the schedule is off
	Program string // the program that it runs; "" when that is not known
	// Textfile gets the metrics; "" for none.
	Textfile string
	State
}

// Report looks at every scheduler. The error is about those that could not be asked.
func (s *Schedule) Report(ctx context.Context) (Report, error) {
	var failed error
	record := s.Record()
	for _, one := range s.schedulers {
		state, err := one.State(ctx)
		if err != nil && one.Name() == record.By {
			failed = err
		}
		if !state.On {
			continue
		}
		r := Report{By: one.Name(), State: state}
		if record.By == r.By {
			r.Program, r.Textfile = record.Program, record.Textfile
		}
		if last := s.LastRun(); last.At.Add(time.Second).After(state.Last.At) { // systemd's times are in seconds
			r.Last = last
		}
		if r.Next.IsZero() && r.Problem == "" && !r.Last.At.IsZero() {
			r.Next = r.Last.At.Add(Period)
		}
		return r, nil
	}
	return Report{}, failed
}
