package diagnose

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/claude-auth/claude-auth/internal/credentials"
	"github.com/claude-auth/claude-auth/internal/paths"
)

// Doctor checks everything the login depends on: a list of small checks, each of which says what it found, what it
// expected, and the command that fixes it.
type Doctor struct {
	Paths    paths.Paths
	Env      paths.Env
	Dir      string // the working directory
	Exe      string // this program
	Now      time.Time
	Snapshot credentials.Snapshot
	State    credentials.State
	Parent   string // the name of the process that started this program, "" when not known
	// Version asks the client at path for its version.
	Version func(ctx context.Context, path string) (string, error)
}

// Result is what a check came to.
type Result string

// The results.
const (
	Fine  Result = "ok"
	Note  Result = "note"  // worth knowing; nothing is wrong
	Wrong Result = "wrong" // it keeps, or will keep, the client or this program from working
)

// Finding is one check with its result.
type Finding struct {
	Check    string // its name, stable for scripts
	Result   Result
	Found    string
	Expected string // "" where the result is Fine
	Remedy   string // the command, or the step, that fixes it; "" where nothing is to be fixed
	fix      func() error
}

// Fixable reports whether --fix may fix it: only what loses nothing and asks nobody.
func (f Finding) Fixable() bool { return f.fix != nil }

// Fix fixes what is Fixable.
func (f Finding) Fix() error {
	if err := f.fix(); err != nil {
		return fmt.Errorf("fix %s: %w", f.Check, err)
	}
	return nil
}

// checks in the order in which they are told; each rests on those before it.
var checks = []struct {
	name string
	ask  func(*Doctor, context.Context) Finding
}{
	{"file", (*Doctor).file},
	{"mode", (*Doctor).mode},
	{"owner", (*Doctor).owner},
	{"json", (*Doctor).json},
	{"locks", (*Doctor).locks},
	{"writable", (*Doctor).writable},
	{"shadowing", (*Doctor).shadowing},
	{"clock", (*Doctor).clock},
	{"client", (*Doctor).client},
	{"hook", (*Doctor).hook},
	{"state-dir", (*Doctor).stateDir},
	{"login", (*Doctor).login},
}

// Examine asks every check.
func (d *Doctor) Examine(ctx context.Context) []Finding {
	findings := make([]Finding, 0, len(checks))
	for _, c := range checks {
		finding := c.ask(d, ctx)
		finding.Check = c.name
		findings = append(findings, finding)
	}
	return findings
}

func fine(format string, args ...any) Finding {
	return Finding{Result: Fine, Found: fmt.Sprintf(format, args...)}
}

func note(remedy, format string, args ...any) Finding {
	return Finding{Result: Note, Found: fmt.Sprintf(format, args...), Remedy: remedy}
}

// wrong is a finding of something amiss; the three texts stand in the order in which they are told.
func wrong(found, expected, remedy string) Finding {
	return Finding{Result: Wrong, Found: found, Expected: expected, Remedy: remedy}
}

func (f Finding) fixedBy(fix func() error) Finding {
	f.fix = fix
	return f
}

// run is the remedy of a command for one path.
func run(command, path string) string { return "run '" + command + " " + inShell(path) + "'" }

// inShell is a path as it can be pasted into a command.
func inShell(path string) string {
	if strings.ContainsAny(path, " '\"\\$&;()<>|*?[]#~`!{}\t\n") {
		return "'" + strings.ReplaceAll(path, "'", `'\''`) + "'"
	}
	return path
}
