//go:build linux

package renewals

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/claude-auth/claude-auth/internal/claude"
	"github.com/claude-auth/claude-auth/internal/standin/service"
	"github.com/claude-auth/claude-auth/internal/test/anthropic"
	"github.com/claude-auth/claude-auth/internal/test/harness"
	"github.com/claude-auth/claude-auth/internal/test/realclient"
	"github.com/claude-auth/claude-auth/internal/test/tools"
)

// mcp is what stands beside the login, as the clients write it: every byte must stay.
const mcp = `{"notes|0a1b2c":{"serverName":"notes","serverUrl":"https://mcp.example.com/v1",` +
	`"accessToken":"FIXTURE-mcp-access","expiresAt":1999999999999}}`

// every is whether what several clients share otherwise is tried with each.
func every() bool { return full || len(realclient.Watched()) == 1 }

// place is a home with a saved login, a client, and an Anthropic of its own.
type place struct {
	dir     string // the home
	client  string // the real client's path
	service *service.Service
	env     []string
	first   service.Login // the login that was saved at first
}

// newPlace makes a home whose login has that long to live. wait is how long the token endpoint waits with its answer,
// after the refresh token is spent.
func newPlace(t *testing.T, version string, life, wait time.Duration) *place {
	t.Helper()
	client, err := realclient.Find(version)
	if err != nil {
		tools.Missing(t, "the client "+version)
	}
	root, err := filepath.EvalSymlinks(t.TempDir())
	must(t, err)
	p := &place{dir: filepath.Join(root, "home"), client: client}
	bin := filepath.Join(root, "bin")
	must(t, os.MkdirAll(filepath.Join(p.dir, ".claude"), 0o700))
	must(t, os.Mkdir(bin, 0o700))
	must(t, os.Symlink(client, filepath.Join(bin, "claude")))
	p.service, err = service.Open(filepath.Join(root, "service"), time.Now)
	must(t, err)
	must(t, p.service.Set("token-wait", wait.String()))
	server, err := anthropic.Start(p.service, p.service.Dir())
	must(t, err)
	t.Cleanup(func() { _ = server.Close() })
	t.Cleanup(func() { p.leave(t) })
	p.env = append(server.Environ(), "HOME="+p.dir, "PATH="+bin+":"+built+":/usr/bin:/bin", "USER=pat",
		"TERM=xterm-256color", "LANG=C.UTF-8", "SHELL=/bin/bash", "BROWSER=/bin/false")
	config := fmt.Sprintf(`{"hasCompletedOnboarding":true,"theme":"dark","projects":{%q:`+
		`{"hasTrustDialogAccepted":true,"hasCompletedProjectOnboarding":true}}}`, p.dir)
	must(t, os.WriteFile(filepath.Join(p.dir, ".claude.json"), []byte(config), 0o600))
	p.first, err = p.service.NewLogin()
	must(t, err)
	p.save(t, p.first, time.Now().Add(life))
	return p
}

// save writes a login into the credentials file.
func (p *place) save(t *testing.T, login service.Login, expires time.Time) {
	t.Helper()
	must(t, os.WriteFile(p.credentials(), []byte(document(login, expires)), 0o600))
}

// document is a credentials file.
func document(login service.Login, expires time.Time) string {
	return fmt.Sprintf(`{"claudeAiOauth":{"accessToken":%q,"refreshToken":%q,"expiresAt":%d,`+
		`"scopes":["user:inference","user:profile","user:sessions:claude_code"],"subscriptionType":"max"},`+
		`"mcpOAuth":%s}`, login.Access, login.Refresh, expires.UnixMilli(), mcp)
}

func (p *place) credentials() string { return filepath.Join(p.dir, ".claude", claude.CredentialsFile) }

// saved is what is in the credentials file.
type saved struct {
	access, refresh string
	mcp             string
}

// saved reads the credentials file. A file that is just being written in place is read again.
func (p *place) saved(t *testing.T) (s saved) {
	t.Helper()
	eventually(t, "a whole credentials file", func() bool {
		text, err := os.ReadFile(p.credentials())
		must(t, err)
		var document struct {
			Login struct{ AccessToken, RefreshToken string } `json:"claudeAiOauth"`
			MCP   json.RawMessage                            `json:"mcpOAuth"`
		}
		err = json.Unmarshal(text, &document)
		s = saved{document.Login.AccessToken, document.Login.RefreshToken, string(document.MCP)}
		return err == nil
	})
	return s
}

// good reports whether the saved login works: whether it can be renewed, too.
func (p *place) good(t *testing.T) bool {
	t.Helper()
	now := p.saved(t)
	_, refresh, err := p.service.Good(now.access, now.refresh)
	must(t, err)
	return refresh
}

// renewals counts the refresh tokens that were sent to the service, good or not.
func (p *place) renewals(t *testing.T) int { return len(p.sent(t)) }

// sent lists the renewals that the service was asked for.
func (p *place) sent(t *testing.T) (sent []service.Request) {
	t.Helper()
	eventually(t, "a whole line in the service's log", func() bool {
		all, err := p.service.Requests()
		sent = slices.DeleteFunc(all, func(r service.Request) bool { return r.Kind != "refresh_token" })
		return err == nil
	})
	return sent
}

// refreshing reports whether a client holds its lock for renewals.
func (p *place) refreshing() bool {
	_, err := os.Stat(filepath.Join(p.dir, ".claude", claude.RefreshLock))
	return err == nil
}

// quiet waits until nothing runs in this home.
func (p *place) quiet(t *testing.T) {
	t.Helper()
	eventually(t, "the end of everything in "+p.dir, func() bool { return len(inHomes(filepath.Dir(p.dir))) == 0 })
}

// leave ends what is left in this home. After a test that has passed nothing may be left.
func (p *place) leave(t *testing.T) {
	pids := inHomes(filepath.Dir(p.dir))
	for begun := time.Now(); len(pids) > 0 && !t.Failed(); pids = inHomes(filepath.Dir(p.dir)) {
		if time.Since(begun) > harness.Patience {
			t.Errorf("processes are left: %s", commandLines(pids))
		}
		time.Sleep(lookEvery) // polls a condition, within the bound above
	}
	for range 100 {
		if pids = inHomes(filepath.Dir(p.dir)); len(pids) == 0 {
			return
		}
		killAll(pids)
		time.Sleep(lookEvery) // polls a condition, within the bound above
	}
}

func commandLines(pids []int) string {
	var lines []string
	for _, pid := range pids {
		text, _ := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid)) // none when it has just ended
		lines = append(lines, fmt.Sprint(pid, " ", strings.ReplaceAll(string(text), "\x00", " ")))
	}
	return strings.Join(lines, "; ")
}

// command is a program in this home, without a terminal.
func (p *place) command(ctx context.Context, name string, args ...string) *exec.Cmd {
	command := exec.CommandContext(ctx, name, args...)
	if name == "claude-auth" {
		command.Path, command.Err = filepath.Join(built, name), nil
	}
	command.Env, command.Dir = p.env, p.dir
	return command
}

// lookEvery is how often a waiting test looks.
const lookEvery = 10 * time.Millisecond

// eventually waits for a condition.
func eventually(t *testing.T, what string, condition func() bool) {
	t.Helper()
	for begun := time.Now(); !condition(); time.Sleep(lookEvery) {
		if time.Since(begun) > harness.Patience {
			t.Fatalf("%s was expected and did not come", what)
		}
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
