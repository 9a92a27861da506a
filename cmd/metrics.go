package cmd

import (
	"context"
	"flag"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/claude-auth/claude-auth/internal/atomicfile"
	"github.com/claude-auth/claude-auth/internal/credentials"
	"github.com/claude-auth/claude-auth/internal/diagnose"
	"github.com/claude-auth/claude-auth/internal/ledger"
	"github.com/claude-auth/claude-auth/internal/schedule"
	"github.com/claude-auth/claude-auth/internal/ui"
)

// textfileExt ends the names of the files that node_exporter's textfile collector reads (1.5.0).
const textfileExt = ".prom"

func textfileFlag(usage string) cli.Flag {
	return &cli.StringFlag{Name: "textfile", Usage: usage, TakesFile: true}
}

// textfile returns the absolute path of --textfile, "" without one.
func (p *program) textfile(c *cli.Context) (string, error) {
	path := c.String("textfile")
	switch {
	case !c.IsSet("textfile"):
		return "", nil
	case path == "":
		return "", wrongUsage(c, "--textfile needs the path of a file")
	}
	if filepath.Ext(path) != textfileExt {
		return "", wrongUsage(c, "the name of the file must end with %s: node_exporter reads no other", textfileExt)
	}
	return filepath.Abs(path)
}

// statusPrometheus prints the metrics, for node_exporter's textfile collector.
func (p *program) statusPrometheus(r report) error {
	s := p.schedule()
	return p.write(p.metrics(r, s.Record(), s.LastRun()))
}

// writeMetrics puts the metrics into a file that everybody may read: node_exporter runs as a user of its own. A reader
// never finds half of it. The directory is often a shared one, so a link that another user has made is not followed.
func (p *program) writeMetrics(file string, r report, on schedule.Record, last schedule.Run) error {
	if err := checkTextfile(file); err != nil {
		return err
	}
	text := p.metrics(r, on, last)
	return notWritten(file, atomicfile.Write(file, []byte(text), atomicfile.Options{Mode: 0o644, NoFollow: true}))
}

func checkTextfile(file string) error { return notWritten(file, schedule.CheckTextfile(file)) }

func notWritten(file string, err error) error {
	if err == nil {
		return nil
	}
	err = fmt.Errorf("the metrics were not written to %s: %w", file, atomicfile.WithoutPath(err))
	return ui.WithHint(err, "choose a new file in a directory that you may write to ('claude-auth help fleet')")
}

// writeScheduled writes the metrics for the schedule on, which has this last run, into the file that 'schedule on' was
// given, if any.
func (p *program) writeScheduled(on schedule.Record, last schedule.Run) error {
	if on.Textfile == "" {
		return nil
	}
	// The command has ended, perhaps because its own context could not be made.
	c := cli.NewContext(cli.NewApp(), flag.NewFlagSet("status", flag.ContinueOnError), nil)
	c.Context = context.Background()
	r, err := p.report(c, false)
	if err != nil {
		return err
	}
	if on.Override != "" && r.shadow == nil { // what the job's own environment does not have
		r.shadow = &diagnose.Shadow{Name: on.Override}
	}
	return p.writeMetrics(on.Textfile, r, on, last)
}

// metric is one metric with its samples, whose labels come after those that all samples have.
type metric struct {
	name, help string
	samples    []sample
}

type sample struct {
	labels string
	value  int64
}

func gauge(name, help string, value int64) metric { return metric{name, help, []sample{{"", value}}} }

// timestamp is a metric for a time. It has no sample, and is left out, where the time is not known.
func timestamp(name, help string, at time.Time) metric {
	if at.IsZero() {
		return metric{}
	}
	return gauge(name+"_timestamp_seconds", help, at.Unix())
}

// metrics returns the report in the text exposition format of Prometheus. What is not known has no sample. The metrics
// and their labels never change their meaning: others have alerts for them (docs/fleet).
func (p *program) metrics(r report, on schedule.Record, last schedule.Run) string {
	states := metric{name: "login_state", help: "The state of the saved login: 1 for the one that it is in."}
	for _, state := range credentials.States() {
		states.samples = append(states.samples,
			sample{fmt.Sprintf(`,state="%s"`, state), pick[int64](state == r.state, 1, 0)})
	}
	known := r.forPrompt()
	list := []metric{
		states,
		gauge("login_usable", "Whether Claude Code can use the saved login.", pick[int64](r.state.Usable(), 1, 0)),
		gauge("login_overridden", "Whether another credential overrides the saved login.",
			pick[int64](r.shadow != nil, 1, 0)),
		timestamp("access_token_expires", "The end of the access token.", known.ExpiresAt),
		timestamp("login_ends", "The end of the login itself: nothing renews it after that.", known.EndsAt),
		timestamp("login_signed_in", "When the login was made, if that was seen.", known.SignedInAt),
	}
	if oldest := r.standing.OldestDeath; oldest > 0 {
		list = append(list, gauge("login_oldest_rejected_age_seconds",
			"The oldest age at which a login of this user was rejected.", int64(oldest/time.Second)))
	}
	list = append(list, p.renewalMetrics(r)...)
	if on != (schedule.Record{}) {
		list = append(list, gauge("schedule_on", "Whether 'claude-auth schedule on' renews the login.", 1),
			timestamp("schedule_last_run", "When the schedule last ran.", last.At))
		if !last.At.IsZero() {
			list = append(list, gauge("schedule_last_run_status", "The exit status of that run: 0 is well, "+
				"4 a sign-in is needed, 5 the renewal cannot be stored, 75 locked.", int64(last.Status)))
		}
	}
	list = append(list, timestamp("metrics", "When these metrics were made.", r.now))
	var out strings.Builder
	file := `file="` + escapeLabel(r.snapshot.Path) + `"`
	for _, m := range slices.DeleteFunc(list, func(m metric) bool { return m.samples == nil }) {
		fmt.Fprintf(&out, "# HELP claude_auth_%s %s\n# TYPE claude_auth_%s gauge\n", m.name, m.help, m.name)
		for _, s := range m.samples {
			fmt.Fprintf(&out, "claude_auth_%s{%s%s} %d\n", m.name, file, s.labels, s.value)
		}
	}
	return out.String()
}

// renewalMetrics are about the renewals of the saved login that the ledger knows.
func (p *program) renewalMetrics(r report) []metric {
	record, err := p.ledger()
	if err != nil {
		return nil
	}
	history, err := record.Replay()
	if err != nil {
		return nil
	}
	life, ok := history.Current(r.snapshot.Path)
	if !ok {
		return nil
	}
	return []metric{
		timestamp("login_renewed", "When the login was last renewed, if that was seen.", life.LastRenewed),
		gauge("renewal_failing", "Whether the last guarded renewal of the login failed.",
			pick[int64](renewalFails(history, r.snapshot.Path), 1, 0)),
	}
}

// renewalFails reports whether the newest event about a renewal in file is a failure.
func renewalFails(history *ledger.Replay, file string) bool {
	for _, e := range slices.Backward(history.Events()) {
		if e.File != file {
			continue
		}
		switch e.Kind {
		case ledger.RenewalFailed:
			return true
		case ledger.Renewed, ledger.SignedIn:
			return false
		}
	}
	return false
}

// escapeLabel escapes the value of a label as the format asks for.
func escapeLabel(text string) string {
	return strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`).Replace(strings.ToValidUTF8(text, "\ufffd"))
}
