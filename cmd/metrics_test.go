package cmd

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/claude-auth/claude-auth/internal/credentials"
	"github.com/claude-auth/claude-auth/internal/ledger"
	"github.com/claude-auth/claude-auth/internal/paths"
	"github.com/claude-auth/claude-auth/internal/schedule"
	"github.com/claude-auth/claude-auth/internal/secret"
	"github.com/claude-auth/claude-auth/internal/test/tools"
)

const fleet = "../docs/fleet"

// allMetrics is the text of every metric that the program has.
func allMetrics(t *testing.T) string {
	env := paths.New([]string{"HOME=" + t.TempDir()})
	resolved, err := paths.Resolve(env, "")
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	p := &program{env: env, paths: resolved, now: func() time.Time { return now }}
	record, err := p.ledger()
	if err != nil {
		t.Fatal(err)
	}
	login := ledger.LoginID{Access: "a", Refresh: "b"}
	for _, kind := range []ledger.Kind{ledger.SignedIn, ledger.Renewed} {
		if err := record.Append(ledger.Event{Kind: kind, File: resolved.Credentials, Login: login}); err != nil {
			t.Fatal(err)
		}
	}
	r := report{
		state: credentials.OK, now: now, snapshot: credentials.Snapshot{Path: resolved.Credentials},
		login: &credentials.Login{ExpiresAt: now, RefreshToken: secret.New("b"), RefreshTokenExpiresAt: now},
	}
	r.standing.Born, r.standing.BornExact, r.standing.OldestDeath = now, true, time.Hour
	return p.metrics(r, schedule.Record{By: "cron"}, schedule.Run{At: now})
}

// names returns the metrics of ours that a text names.
func names(text string) []string {
	all := regexp.MustCompile(`\bclaude_auth_\w+`).FindAllString(text, -1)
	slices.Sort(all)
	return slices.Compact(all)
}

func read(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(fleet, name))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func promtool(t *testing.T, dir, stdin string, args ...string) {
	t.Helper()
	tools.Need(t, "promtool")
	command := exec.Command("promtool", args...)
	command.Dir, command.Stdin = dir, strings.NewReader(stdin)
	if out, err := command.CombinedOutput(); err != nil {
		t.Errorf("promtool %q: %v\n%s", args, err, out)
	}
}

// The alert rules and the dashboard use only metrics that the program prints, and the page for fleets lists all.
func TestFleetNamesOurMetrics(t *testing.T) {
	ours := names(strings.Join(regexp.MustCompile(`(?m)^# TYPE .*`).FindAllString(allMetrics(t), -1), "\n"))
	for _, file := range []string{"alerts.yml", "alerts_test.yml", "dashboard.json", "../fleet.md"} {
		used := names(read(t, file))
		if len(used) == 0 {
			t.Errorf("%s uses no metric", file)
		}
		for _, name := range used {
			if !slices.Contains(ours, name) {
				t.Errorf("%s has %s, which is not one of %q", file, name, ours)
			}
		}
	}
	page := names(read(t, "../fleet.md"))
	for _, name := range ours {
		if !slices.Contains(page, name) {
			t.Errorf("docs/fleet.md does not describe %s", name)
		}
	}
}

func TestMetricsAreInTheExpositionFormat(t *testing.T) {
	promtool(t, ".", allMetrics(t), "check", "metrics")
}

func TestAlertRules(t *testing.T) {
	promtool(t, fleet, "", "check", "rules", "alerts.yml")
	promtool(t, fleet, "", "test", "rules", "alerts_test.yml")
}

// The dashboard is one that Grafana imports: a title, and panels with an id, a place and a query each.
func TestDashboard(t *testing.T) {
	var board struct {
		Title, UID    string
		SchemaVersion int
		Panels        []struct {
			ID      int
			Type    string
			GridPos struct{ X, Y, W, H int }
			Targets []struct{ Expr, RefID string }
		}
	}
	if err := json.Unmarshal([]byte(read(t, "dashboard.json")), &board); err != nil {
		t.Fatal(err)
	}
	if board.Title == "" || board.UID == "" || board.SchemaVersion == 0 || len(board.Panels) == 0 {
		t.Errorf("title %q, uid %q, schema %d, %d panels", board.Title, board.UID, board.SchemaVersion, len(board.Panels))
	}
	seen := map[int]bool{}
	rules := "groups:\n  - name: dashboard\n    rules:\n"
	for _, panel := range board.Panels {
		at := panel.GridPos
		if seen[panel.ID] || panel.Type == "" || at.W <= 0 || at.H <= 0 || at.X+at.W > 24 || len(panel.Targets) == 0 {
			t.Errorf("panel %+v", panel)
		}
		seen[panel.ID] = true
		for _, target := range panel.Targets { // a query is valid where it could be a rule
			query := strings.ReplaceAll(target.Expr, "$instance", ".*")
			quoted, err := json.Marshal(query)
			if err != nil {
				t.Fatal(err)
			}
			rules += "      - {record: a, expr: " + string(quoted) + "}\n"
		}
	}
	file := filepath.Join(t.TempDir(), "dashboard.yml")
	if err := os.WriteFile(file, []byte(rules), 0o600); err != nil {
		t.Fatal(err)
	}
	promtool(t, ".", "", "check", "rules", "--lint=none", file)
}
