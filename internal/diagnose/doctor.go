package diagnose

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/claude-auth/claude-auth/internal/credentials"
	"github.com/claude-auth/claude-auth/internal/ledger"
	"github.com/claude-auth/claude-auth/internal/paths"
	"github.com/claude-auth/claude-auth/internal/running"
	"github.com/claude-auth/claude-auth/internal/system"
)

// Doctor checks everything the login depends on. Each check says what it found, what it expected, and the command that
// fixes it.
type Doctor struct {
	Paths    paths.Paths
	Env      paths.Env
	Dir      string // the working directory
	Exe      string // this program
	Now      time.Time
	Snapshot credentials.Snapshot
	State    credentials.State
	Cut      *ledger.Cut // a renewal of the saved login that was interrupted; nil when none is known
	SignIn   string      // a sign-in that was cut off, or waits for its code; "" for none
	Failed   string      // the failure with which the client ended last, in its words; "" when an answer followed
	FailedAt time.Time
	Relapsed bool      // the saved login was rejected right after its sign-in
	Answered time.Time // when Claude Code last had an answer with the saved login; zero when that is not known
	WasLink  string    // where the credentials file led to as a symbolic link, the last time that one was seen
	Parent   string    // the name of the process that started this program, "" when unknown
	// SignInRemedy is what helps then.
	SignInRemedy string
	// Watching, unless nil, is called before a fix that watches a lock for so long.
	Watching func(path string, within time.Duration)
	// Version asks the client at path for its version.
	Version func(ctx context.Context, path string) (string, error)

	// Shadow is Launch.Shadow with what the ledger knows of it; nil where there is no ledger.
	Shadow func(Launch) *Shadow

	// Keychain is where the login is kept; nil where that is a file.
	Keychain *credentials.KeychainStore

	System       system.System
	Browser      string // the setting for the program that opens the page of a sign-in
	SignedInHere bool   // the ledger saw the sign-in, or a renewal, that stored the saved login

	// Older are the clients that run with the login from before the last sign-in, as far as is known. Console says that
	// the saved login is the key of a Console sign-in.
	Older   []running.Client
	Console bool

	answer answer
}

// Result is the result of a check.
type Result string

// The results.
const (
	Fine  Result = "ok"
	Note  Result = "note"  // worth knowing; nothing is wrong
	Wrong Result = "wrong" // it stops the client or this program from working, or will
)

// Finding is one check with its result.
type Finding struct {
	Check    string // its name, stable for scripts
	Result   Result
	Found    string
	Expected string            // "" where the result is Fine
	Remedy   string            // the command or the step that fixes it; "" where there is nothing to fix
	State    credentials.State // of the saved login, in the check of it
	Nameless string            // Found without the names of directories, for a bug report; "" where Found has none
	fix      func() error
}

// Fixable reports whether --fix can fix it: without losing anything and without a question.
func (f Finding) Fixable() bool { return f.fix != nil }

// Fix fixes a finding that is Fixable.
func (f Finding) Fix() error {
	if err := f.fix(); err != nil {
		return fmt.Errorf("fix %s: %w", f.Check, err)
	}
	return nil
}

// checks lists the checks in the order of the output. Each relies on those before it.
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
	{"overrides", (*Doctor).overrides},
	{"clock", (*Doctor).clock},
	{"client", (*Doctor).client},
	{"hook", (*Doctor).hook},
	{"state-dir", (*Doctor).stateDir},
	{"login", (*Doctor).login},
	{"last-failure", (*Doctor).lastFailure},
	{"renewal", (*Doctor).renewal},
	{"running", (*Doctor).running},
	{"client-config", (*Doctor).config},
	{"settings", (*Doctor).settings},
	{"keychain", (*Doctor).keychain},
	{"browser", (*Doctor).browser},
	{"container", (*Doctor).container},
}

// Examine runs every check.
func (d *Doctor) Examine(ctx context.Context) []Finding {
	d.askVersion(ctx)
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

func wrong(found, expected, remedy string) Finding {
	return Finding{Result: Wrong, Found: found, Expected: expected, Remedy: remedy}
}

func (f Finding) fixedBy(fix func() error) Finding {
	f.fix = fix
	return f
}

// run returns the remedy of running a command on some paths.
func run(command string, files ...string) string {
	for _, path := range files {
		command += " " + inShell(path)
	}
	return "run '" + command + "'"
}

// inShell quotes a path for a shell where necessary.
func inShell(path string) string {
	if strings.ContainsAny(path, " '\"\\$&;()<>|*?[]#~`!{}\t\n") {
		return "'" + strings.ReplaceAll(path, "'", `'\''`) + "'"
	}
	return path
}
