package facts

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/claude-auth/claude-auth/internal/detect"
	"github.com/claude-auth/claude-auth/internal/paths"
	"github.com/claude-auth/claude-auth/internal/standin"
	"github.com/claude-auth/claude-auth/internal/test/emulator"
)

// The fake client is the stand-in in this test binary, which a script in the place of the real client starts.
const (
	envFake = "FACTS_TEST_FAKE"
	same    = "same"    // as the newest
	changed = "changed" // but for a message and the time of a lock

	otherMessage = "You are not logged in · Please run /login"
	otherTime    = 20 * time.Second
	newPhrase    = "Your login was mislaid · Please run /login"
	lostRule     = "login-limit"
	unknown      = "2.1.999" // a version that this program has never heard of
)

func TestMain(m *testing.M) {
	if as := os.Getenv(envFake); as != "" {
		os.Exit(fake(as))
	}
	os.Exit(m.Run())
}

func fake(as string) int {
	dir, err := os.Getwd()
	if err != nil {
		fmt.Fprintln(os.Stderr, "fake client:", err)
		return 1
	}
	p := standin.Process{
		Args: os.Args[1:], Env: paths.FromOS(), Dir: dir,
		Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr, Now: time.Now,
	}
	if as == changed {
		p.Change = standin.Change{NotLoggedIn: otherMessage, RefreshStale: otherTime}
	}
	return standin.Main(p)
}

// install puts the fake client where realclient looks, and returns its path and the environment that says so.
func install(t *testing.T, as, phrases string) (program string, env []string) {
	t.Helper()
	self, err := os.Executable()
	must(t, err)
	cache := t.TempDir()
	dir := filepath.Join(cache, "claude-auth-test", "clients", unknown, "node_modules", "@anthropic-ai", "claude-code")
	must(t, os.MkdirAll(dir, 0o755))
	program = filepath.Join(dir, "cli.js")
	text := fmt.Sprintf("#!/bin/sh\n%s=%s exec %q \"$@\"\n%s", envFake, as, self, phrases)
	must(t, os.WriteFile(program, []byte(text), 0o755))
	build, err := exec.Command("go", "env", "GOCACHE").Output()
	must(t, err)
	env = []string{"XDG_CACHE_HOME=" + cache, "GOCACHE=" + strings.TrimSpace(string(build))}
	if emulator.RaceEnabled {
		env = append(env, "GOFLAGS=-race") // what is compiled already
	}
	return program, env
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// few are scripts that take seconds: two with a fact that the fake client changes, and the main job.
var few = Suite{
	Package: Suites[0].Package,
	Run:     "^(TestMainJob|TestClient)$/^real-VERSION$/^(scopes|locks-stale|trivial|main-job)$",
}

// TestUnknownVersion: a version that is not in the program is used as the newest that is.
func TestUnknownVersion(t *testing.T) {
	if testing.Short() {
		t.Skip("not with -short")
	}
	t.Parallel()
	_, env := install(t, same, "")
	results, err := few.Try(t.Context(), unknown, env...)
	must(t, err)
	for _, r := range results {
		if r.State != Held {
			t.Errorf("%+v", r)
		}
	}
	if len(results) != 4 {
		t.Errorf("%d scripts were run, want 4", len(results))
	}
}

// TestChangesAreFound: a message and a lock's time that differ are found by the script, the comment and the line.
func TestChangesAreFound(t *testing.T) {
	if testing.Short() {
		t.Skip("not with -short")
	}
	t.Parallel()
	_, env := install(t, changed, "")
	results, err := few.Try(t.Context(), unknown, env...)
	must(t, err)
	table := Table(unknown, results)
	for _, want := range []string{
		"changed    client/scopes", "expected  stdout '^Not logged in · Please run /login$'", "seen      " + otherMessage,
		"changed    client/locks-stale", "After half a minute 2.1.165 does", "held       client/trivial",
		"held       both/main-job", "client 2.1.999: 2 held, 2 changed, 0 not tried",
	} {
		if !strings.Contains(table, want) {
			t.Errorf("the table has no %q:\n%s", want, table)
		}
	}
}

// TestPhrasesAreFound: a new phrase and one that is gone are found by name.
func TestPhrasesAreFound(t *testing.T) {
	t.Parallel()
	rules := detect.Builtin()
	var source strings.Builder
	for _, rule := range rules.List() {
		if rule.Name != lostRule {
			fmt.Fprintf(&source, "# say(%q)\n", rule.Phrase)
		}
	}
	fmt.Fprintf(&source, "# say(\"%s\")\n", strings.ReplaceAll(newPhrase, "·", `\xB7`))
	path, _ := install(t, changed, source.String())
	program, err := os.ReadFile(path)
	must(t, err)
	p := Compare(program, rules, Harmless())
	if !slices.Equal(p.Unknown, []string{newPhrase}) || !slices.Equal(p.Gone, []string{lostRule}) {
		t.Errorf("unknown %q, gone %q", p.Unknown, p.Gone)
	}
	judged := readJudged("# looked at\n" + Hash(newPhrase) + " a test's\nabsent " + lostRule + " a test's\n")
	if p := Compare(program, rules, judged); len(p.Unknown)+len(p.Gone) > 0 {
		t.Errorf("what was judged is reported: %+v", p)
	}
}

// TestRulesAreNamed holds the list of what was judged to the table.
func TestRulesAreNamed(t *testing.T) {
	rules := detect.Builtin()
	for name := range Harmless().absent {
		if _, ok := rules.Rule(name); !ok {
			t.Errorf("harmless.txt names %s, which is no rule", name)
		}
	}
}
