package testscripts

import (
	"cmp"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// TestOneAnswer puts the program into each situation of the table, and compares what its commands say there: before the
// repair, and after it. They have to agree, whichever is asked first.
func TestOneAnswer(t *testing.T) {
	t.Parallel()
	for _, s := range situations {
		t.Run(strings.ReplaceAll(s.name, " ", "-"), func(t *testing.T) {
			t.Parallel()
			file := filepath.Join(t.TempDir(), "situation.txtar")
			script := fmt.Sprintf("%s\nkeep $CREDENTIALS\nagree\nunchanged $CREDENTIALS\n", strings.TrimSpace(s.given))
			if !strings.Contains(s.given, "login-fixture") && !strings.Contains(s.given, "service") { // no file
				script = s.given + "\nagree\n"
			}
			script += fmt.Sprintf("status %d %s\nagree\n%s", s.status, cmp.Or(s.do, recoverYes), s.files)
			if err := os.WriteFile(file, []byte(script), 0o600); err != nil {
				t.Fatal(err)
			}
			log := &leakLog{T: t}
			deadline, _ := t.Deadline()
			testscript.RunT(log, testscript.Params{
				Files: []string{file}, Setup: log.wrap(newest.setup), Cmds: commands, Condition: newest.condition,
				Deadline: deadline,
			})
		})
	}
}

// answers is what each command says.
type answers struct {
	status struct {
		State        string
		Usable       bool
		LastFailure  struct{ Seen string } `json:"last_failure"`
		OverriddenBy *struct {
			Name  string
			Works bool
		} `json:"overridden_by"`
	}
	why struct {
		State       string
		Rejected    bool
		Current     bool
		Do          string
		LastFailure struct{ Seen string } `json:"last_failure"`
	}
	doctor struct {
		OK     bool
		Checks []struct{ Name, Result, Found, State string }
	}
	plan struct {
		State, Cause, Seen, Message, Would, Hint string
		Usable                                   bool
		SignsIn                                  bool `json:"signs_in"`
		ExitStatus                               int  `json:"exit_status"`
	}
	porcelain            map[string]string
	segment, inShell     string
	statusExit, planExit int
}

// agree: status, doctor, why, recover --dry-run and the prompt say the same, in both orders.
func agree(ts *testscript.TestScript, neg bool, args []string) {
	usage(ts, !neg && len(args) == 0, "agree")
	first := ask(ts)
	first.compare(ts)
	again := ask(ts)
	again.compare(ts)
	if first.status.State != again.status.State || first.plan.Cause != again.plan.Cause {
		ts.Fatalf("asked again: %s, %s; before: %s, %s",
			again.status.State, again.plan.Cause, first.status.State, first.plan.Cause)
	}
}

func ask(ts *testscript.TestScript) (a answers) {
	run := func(args ...string) (string, int) {
		code, err := statusOf(ts.Exec("claude-auth", args...))
		ts.Check(err)
		return ts.ReadFile("stdout"), code
	}
	read := func(into any, args ...string) int {
		text, code := run(args...)
		if err := json.Unmarshal([]byte(text), into); err != nil {
			ts.Fatalf("%q: %v", args, err)
		}
		return code
	}
	a.segment, _ = run("status", "--format", "prompt")
	text, _ := run("status", "--format", "porcelain")
	a.porcelain = map[string]string{}
	for line := range strings.Lines(text) {
		key, value, _ := strings.Cut(strings.TrimSuffix(line, "\n"), " ")
		a.porcelain[key] = value
	}
	a.inShell, _ = run("__prompt", "key")
	a.statusExit = read(&a.status, "status", "--format", "json")
	read(&a.doctor, "doctor", "--json")
	read(&a.why, "why", "--json")
	a.planExit = read(&a.plan, "recover", "--dry-run", "--json", "--yes")
	return a
}

func (a *answers) check(name string) (result, found, state string) {
	for _, c := range a.doctor.Checks {
		if c.Name == name {
			return c.Result, c.Found, c.State
		}
	}
	return "missing", "", ""
}

func (a *answers) compare(ts *testscript.TestScript) {
	expect := func(ok bool, what string) {
		if !ok {
			ts.Fatalf("%s:\n%+v", what, *a)
		}
	}
	state, shadow := a.status.State, a.status.OverriddenBy
	login, _, stateThere := a.check("login")
	_, failure, _ := a.check("last-failure")
	works := shadow != nil && shadow.Works

	expect(a.why.State == state && a.plan.State == state && a.porcelain["state"] == state &&
		stateThere == state, "the state")
	expect(a.plan.Usable == a.status.Usable && (a.porcelain["usable"] == "yes") == a.status.Usable, "usable")
	expect((login == "wrong") == (!a.status.Usable && !works), "doctor's check of the login")
	expect((a.porcelain["overridden_by"] != "-") == (shadow != nil), "what overrides the login")
	seen := a.status.LastFailure.Seen
	expect(a.why.LastFailure.Seen == seen && a.plan.Seen == seen && strings.Contains(failure, seen), "the last failure")
	expect(state != "rejected" || a.why.Rejected && a.why.Current, "why of a rejected login")

	segment := strings.TrimSpace(a.segment)
	expect(segment == strings.TrimSpace(a.inShell) || shadow != nil, "the two segments")
	expect((segment == "") == (a.status.Usable && state != "expiring" || shadow != nil), "the segment")
	expect(strings.HasSuffix(segment, "401") == (state == "rejected" && shadow == nil), "the segment of a rejected login")

	// A sign-in is needed, or not.
	expect(a.planExit == a.plan.ExitStatus, "the status of recover --dry-run")
	expect((a.statusExit == 0) == (a.status.Usable || works), "the status of status")
	expect(a.planExit != 4 || a.statusExit == 4 && !a.doctor.OK && a.why.Do != "", "recover would sign in")
	expect(!a.plan.SignsIn || a.planExit == 4, "recover signs in")
	expect(a.planExit != 0 || a.statusExit == 0 && (a.why.Do == "" || state == "expiring"), "nothing to repair")
	expect(a.statusExit != 4 || a.planExit != 0, "a sign-in is needed")
	expect(a.planExit != 5 || !a.doctor.OK || seen != "", "a sign-in cannot help: doctor says why")
}
