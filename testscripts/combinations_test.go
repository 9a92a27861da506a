package testscripts

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// credential is one that may be there, and in which state.
type credential struct {
	name string // of its kind and its state
	env  string // script line that sets variables, for the whole script
	set  string // script line that puts it into its files
}

// kinds are the credentials, in groups of which a home has at most one.
var kinds = [][]credential{
	{
		{name: "login-good", set: "login-fixture fresh"},
		{name: "login-renewable", set: "login-fixture renewable"},
		{name: "login-rejected", set: "login-fixture stale"},
		{name: "login-emptied", set: "login-fixture blank"},
		{name: "login-expired", set: "login-fixture norefresh"},
		{name: "login-limited", set: "login-fixture limited"},
	},
	{
		{name: "console-good", set: "console-key good"},
		{name: "console-revoked", set: "console-key bad"},
	},
	{
		{name: "api-key-good", env: "env ANTHROPIC_API_KEY=good-one"},
		{name: "api-key-bad", env: "env ANTHROPIC_API_KEY=bad-one"},
	},
	{
		{name: "oauth-token-good", env: "env CLAUDE_CODE_OAUTH_TOKEN=good-one"},
		{name: "oauth-token-bad", env: "env CLAUDE_CODE_OAUTH_TOKEN=bad-one"},
	},
	{
		{name: "helper-good", set: "cp good-helper.json $HOME/.claude/settings.json"},
		{name: "helper-bad", set: "cp bad-helper.json $HOME/.claude/settings.json"},
	},
	{
		{name: "refresh-token-variable",
			env: "env CLAUDE_CODE_OAUTH_REFRESH_TOKEN=sk-ant-ort01-FIXTURE-dead CLAUDE_CODE_OAUTH_SCOPES=user:inference"},
		{name: "refresh-token-setting", set: "cp refresh.json $HOME/.claude/settings.json"},
	},
}

// repairs are the commands that may change a credential, each with what the service answers to it. What is before a
// semicolon happens first.
var repairs = map[string]struct{ service, command string }{
	"recover":             {"browser=ok", "claude-auth recover --yes"},
	"recover-refused":     {"browser=refuse", "claude-auth recover --yes"},
	"login":               {"browser=ok", "claude-auth login"},
	"login-refused":       {"browser=refuse", "claude-auth login"},
	"login-console":       {"browser=ok", "claude-auth login -- --console"},
	"login-console-nokey": {"new-key=403", "claude-auth login -- --console"},
	"wipe":                {"browser=ok", "claude-auth wipe"},
	"wipe-all":            {"browser=ok", "claude-auth wipe --all"},
	"run-auto":            {"browser=ok", "claude-auth run --mode auto -- -p ping"},
	"run-auto-refused":    {"browser=refuse", "claude-auth run --mode auto -- -p ping"},
	"renew":               {"browser=ok", "claude-auth renew"},
	"doctor-fix":          {"browser=ok", "claude-auth doctor --fix"},
	"undo":                {"browser=ok", "claude-auth undo"},
	"undo-login":          {"browser=ok", "claude-auth login; claude-auth undo"},
	"undo-console":        {"browser=ok", "claude-auth login -- --console; claude-auth undo"},
	"restore-console": {"browser=ok", "claude-auth login -- --console; " +
		"claude-auth backups restore $(ls $XDG_STATE_HOME/claude-auth/backups | cut -d. -f1)"},
}

// TestNoRepairLosesACredential tries every repair with every combination of two credentials: whatever worked before
// works afterwards, or it was said before the loss that it goes, and undo brings it back.
func TestNoRepairLosesACredential(t *testing.T) {
	t.Parallel()
	for i, kind := range kinds {
		for _, one := range kind {
			runCombination(t, one)
			for _, others := range kinds[i+1:] {
				for _, two := range others {
					runCombination(t, one, two)
				}
			}
		}
	}
}

// inFiles are the credentials of which a repair could lose something that works. Only TORTURE=full tries all others.
var inFiles = regexp.MustCompile(`login-(good|renewable)|console-good`)

func runCombination(t *testing.T, credentials ...credential) {
	var names []string
	var b strings.Builder
	b.WriteString("env CLAUDE_CODE_MAX_RETRIES=0\n")
	place := "reset\n"
	for _, c := range credentials {
		names = append(names, c.name)
		if c.env != "" {
			b.WriteString(c.env + "\n")
		}
		if c.set != "" {
			place += c.set + "\n"
		}
	}
	for _, repair := range slices.Sorted(maps.Keys(repairs)) {
		fmt.Fprintf(&b, "# %s\n%srepair %s\n", repair, place, repair)
	}
	b.WriteString("-- good-helper.json --\n{\"apiKeyHelper\": \"echo good-one\"}\n" +
		"-- bad-helper.json --\n{\"apiKeyHelper\": \"echo bad-one\"}\n" +
		"-- refresh.json --\n{\"env\": {\"CLAUDE_CODE_OAUTH_REFRESH_TOKEN\": \"dead\"}}\n")
	if !inFiles.MatchString(strings.Join(names, "+")) && os.Getenv("TORTURE") != "full" {
		return
	}
	all := maps.Clone(commands)
	all["reset"], all["repair"] = reset, repair
	t.Run(strings.Join(names, "+"), func(t *testing.T) {
		t.Parallel()
		file := filepath.Join(t.TempDir(), "combination.txtar")
		if err := os.WriteFile(file, []byte(b.String()), 0o600); err != nil {
			t.Fatal(err)
		}
		log := &leakLog{T: t}
		deadline, _ := t.Deadline()
		testscript.RunT(log, testscript.Params{
			Files: []string{file}, Setup: log.wrap(newest.setup), Cmds: all, Condition: newest.condition,
			Deadline: deadline, ContinueOnError: true,
		})
	})
}

// reset leaves no credential in the files of the home, and nothing that claude-auth knows.
func reset(ts *testscript.TestScript, _ bool, _ []string) {
	home := ts.Getenv("HOME")
	for _, path := range []string{
		ts.Getenv("CREDENTIALS"), filepath.Join(home, ".claude"), ts.Getenv("XDG_STATE_HOME"), ts.Getenv("XDG_CACHE_HOME"),
	} {
		ts.Check(os.RemoveAll(path))
	}
	ts.Check(os.MkdirAll(filepath.Join(home, ".claude"), 0o700))
	ts.Check(os.WriteFile(globalConfig(ts), []byte(`{"hasCompletedOnboarding":true}`), 0o600))
	s := worldOf(ts).service
	for name, value := range map[string]string{"token": "401", "browser": "ok", "new-key": "ok"} {
		ts.Check(s.Set(name, value))
	}
	ts.Check(s.AcceptKey("good-one"))
}

// The credentials that a repair may lose.
const (
	claudeLogin = "the login"
	consoleLine = "the Console key"
	theClient   = "the client" // it works, whatever it uses
)

// repair NAME: runs the repair, after the client, and compares what works before and after.
func repair(ts *testscript.TestScript, _ bool, args []string) {
	r := repairs[args[0]]
	name, value, _ := strings.Cut(r.service, "=")
	ts.Check(worldOf(ts).service.Set(name, value))
	answers := clientAnswers(ts)
	first, last, twice := strings.Cut(r.command, ";")
	if twice {
		_ = ts.Exec("sh", "-c", first)
		answers = clientAnswers(ts)
	} else {
		last = first
	}
	before := working(ts)
	before[theClient] = answers
	_ = ts.Exec("sh", "-c", last+" 2>&1") // its status is that of what it found
	output := ts.ReadFile("stdout")
	after := working(ts)
	after[theClient] = clientAnswers(ts)
	lost := slices.DeleteFunc(slices.Sorted(maps.Keys(before)), func(what string) bool {
		return !before[what] || after[what]
	})
	if len(lost) == 0 {
		return
	}
	for _, what := range lost {
		if !saidBefore(output, what) {
			ts.Fatalf("%s: %s is lost, and nothing was said before:\n%s", args[0], what, output)
		}
	}
	if ts.Exec("claude-auth", "undo") != nil {
		ts.Check(ts.Exec("claude-auth", "undo", "--force"))
	}
	back := working(ts)
	back[theClient] = clientAnswers(ts)
	for _, what := range lost {
		if !back[what] {
			ts.Fatalf("%s: undo does not bring %s back", args[0], what)
		}
	}
}

// lossSaid is how each loss is announced.
var lossSaid = map[string]*regexp.Regexp{
	claudeLogin: regexp.MustCompile(`your login seems to work`),
	consoleLine: regexp.MustCompile(`removes the API key of your Console sign-in`),
	theClient:   regexp.MustCompile(`your login seems to work|removes the API key of your Console sign-in`),
}

// doneSaid begins what a command or the client prints when the loss happens.
var doneSaid = regexp.MustCompile(`Opening browser to sign in|Waiting for you to finish|Removed from`)

func saidBefore(output, what string) bool {
	said := lossSaid[what].FindStringIndex(output)
	done := doneSaid.FindStringIndex(output)
	return said != nil && (done == nil || said[0] < done[0])
}

// clientAnswers reports whether the client gets an answer with what there is.
func clientAnswers(ts *testscript.TestScript) bool { return ts.Exec("claude", "-p", "ping") == nil }

// working says which of the credentials in files the service takes.
func working(ts *testscript.TestScript) map[string]bool {
	s := worldOf(ts).service
	text, _ := os.ReadFile(ts.Getenv("CREDENTIALS"))
	login := struct {
		Login struct {
			AccessToken, RefreshToken string
			Scopes                    []string
		} `json:"claudeAiOauth"`
	}{}
	_ = json.Unmarshal(text, &login) // what is not JSON has no login
	access, refresh, err := s.Good(login.Login.AccessToken, login.Login.RefreshToken)
	ts.Check(err)
	text, _ = os.ReadFile(globalConfig(ts))
	config := struct {
		PrimaryAPIKey string `json:"primaryApiKey"`
	}{}
	ts.Check(json.Unmarshal(text, &config))
	key, err := s.GoodKey(config.PrimaryAPIKey)
	ts.Check(err)
	return map[string]bool{
		claudeLogin: (access || refresh) && slices.Contains(login.Login.Scopes, "user:inference"),
		consoleLine: key,
	}
}
