//go:build linux

package torture

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/claude-auth/claude-auth/internal/standin/service"
	"github.com/claude-auth/claude-auth/internal/test/anthropic"
	"github.com/claude-auth/claude-auth/internal/test/harness"
	"github.com/claude-auth/claude-auth/internal/test/realclient"
	"github.com/claude-auth/claude-auth/internal/test/tools"
)

// crowd is a home in which real clients renew tokens that live for two seconds, while the program edits the same file.
type crowd struct {
	*home
	service *service.Service

	mu     sync.Mutex
	absent []span // when the login was missing, from the wipe's start to the undo's end

	answers, excused, busy atomic.Int64
	longest                atomic.Int64 // the longest command, in nanoseconds
}

type span struct{ from, to time.Time }

// serial is the number of a token in the order in which the service gave them out.
var serial = regexp.MustCompile(`FIXTURE-(\d+)-`)

func rank(token string) (int, error) {
	m := serial.FindStringSubmatch(token)
	if m == nil {
		return 0, errors.New("a token that the service did not give out")
	}
	return strconv.Atoi(m[1])
}

// TestTogetherWithTheClients: over all those renewals no key is lost that is not the account's, no token comes back
// that is older than one already stored, no client finds itself signed out without a wipe, and nobody waits for ever.
func TestTogetherWithTheClients(t *testing.T) {
	processes, renewals := 2, 12
	if full {
		processes, renewals = 10, 500
	} else if testing.Short() {
		t.Skip("not with -short")
	}
	beside(t)
	c := newCrowd(t)
	binaries := clients(t)
	ctx, cancel := context.WithTimeout(context.Background(), 25*time.Minute)
	defer cancel()
	stop := make(chan struct{})
	var sessions, others sync.WaitGroup
	for i := range processes {
		sessions.Go(func() { c.converse(ctx, t, i, binaries[i%len(binaries)], stop) })
	}
	others.Go(func() { c.watch(t, stop) })
	others.Go(func() { c.edit(t, stop) })
	for c.renewals(t) < renewals && ctx.Err() == nil && !t.Failed() {
		time.Sleep(100 * time.Millisecond) // polls a condition, within ctx
	}
	close(stop)
	sessions.Wait()
	others.Wait()
	done := c.renewals(t)
	fmt.Printf("together with the clients: %d processes, %d renewals, %d answers, %d failures while the login was "+
		"taken out, %d edits found the file locked, longest command %v\n",
		processes, done, c.answers.Load(), c.excused.Load(), c.busy.Load(),
		time.Duration(c.longest.Load()).Round(time.Millisecond))
	if done < renewals {
		t.Errorf("%d renewals, want %d", done, renewals)
	}
	c.afterwards(t)
}

func clients(t *testing.T) []string {
	t.Helper()
	var found []string
	for _, version := range realclient.Watched() {
		path, err := realclient.Find(version)
		if err != nil {
			tools.Missing(t, "the client "+version)
		}
		found = append(found, path)
	}
	return found
}

func newCrowd(t *testing.T) *crowd {
	t.Helper()
	root, err := filepath.EvalSymlinks(t.TempDir())
	must(t, err)
	c := &crowd{home: newHome(t, root)}
	c.fixture(t, "fresh")
	c.service, err = service.Open(filepath.Join(root, "service"), time.Now)
	must(t, err)
	must(t, c.service.Set("access-life", "2s"))
	must(t, c.service.Set("answer", "yes"))
	server, err := anthropic.Start(c.service, c.service.Dir())
	must(t, err)
	t.Cleanup(func() { _ = server.Close() })
	c.env = append(c.env, server.Environ()...)
	config := fmt.Sprintf(`{"hasCompletedOnboarding":true,"projects":{%q:{"hasTrustDialogAccepted":true}}}`, c.dir)
	must(t, os.WriteFile(filepath.Join(c.dir, ".claude.json"), []byte(config), 0o600))
	// Beside the login is what must never be lost, and what the edits change.
	login, err := c.service.NewLogin()
	must(t, err)
	document := fmt.Sprintf(`{"claudeAiOauth":{"accessToken":%q,"refreshToken":%q,"expiresAt":%d,`+
		`"scopes":["user:inference","user:profile"],"subscriptionType":"max"},`+
		`"mcpOAuth":{"notes|0a1b2c":{"serverName":"notes","serverUrl":"https://mcp.example.com/v1",`+
		`"accessToken":"FIXTURE-mcp-access","expiresAt":1999999999999}},"edits":0}`,
		login.Access, login.Refresh, time.Now().Add(2*time.Second).UnixMilli())
	must(t, os.WriteFile(c.credentials(), []byte(document), 0o600))
	return c
}

func (c *crowd) renewals(t *testing.T) int {
	all, err := c.service.Requests()
	if err != nil {
		t.Errorf("requests: %v", err)
		return 0
	}
	n := 0
	for _, r := range all {
		if r.Kind == "refresh_token" && r.Status == 200 {
			n++
		}
	}
	return n
}

// converse keeps one session of a client going: a message, its answer, the next message. Each finds its token over.
func (c *crowd) converse(ctx context.Context, t *testing.T, number int, binary string, stop <-chan struct{}) {
	command := exec.CommandContext(ctx, binary, "-p", "--input-format", "stream-json", "--output-format", "stream-json",
		"--verbose")
	command.Env, command.Dir, command.Stderr = c.env, c.dir, io.Discard
	command.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	in, err := command.StdinPipe()
	if err != nil {
		t.Error(err)
		return
	}
	out, err := command.StdoutPipe()
	if err != nil {
		t.Error(err)
		return
	}
	if err := command.Start(); err != nil {
		t.Error(err)
		return
	}
	lines := bufio.NewScanner(out)
	lines.Buffer(nil, 16<<20)
	for {
		select {
		case <-stop:
			_ = in.Close()
			_ = command.Process.Kill() // in the middle of whatever it does: its locks go stale
			_ = command.Wait()
			return
		default:
		}
		asked := time.Now()
		if _, err := io.WriteString(in, `{"type":"user","message":{"role":"user","content":"hi"}}`+"\n"); err != nil {
			t.Errorf("client %d: %v", number, err)
			break
		}
		text, failed, err := answer(lines)
		if err != nil {
			t.Errorf("client %d: %v", number, err)
			break
		}
		c.answers.Add(1)
		if failed && !c.excuse(asked) {
			t.Errorf("client %d, without a wipe: %s", number, text)
		}
		for wait := time.Now().Add(500 * time.Millisecond); time.Now().Before(wait); { // so that tokens get old in between
			time.Sleep(10 * time.Millisecond)
		}
	}
	_ = command.Process.Kill()
	_ = command.Wait()
}

// answer reads up to the result of a message.
func answer(lines *bufio.Scanner) (text string, failed bool, err error) {
	for lines.Scan() {
		var event struct {
			Type    string `json:"type"`
			IsError bool   `json:"is_error"`
			Result  string `json:"result"`
		}
		if json.Unmarshal(lines.Bytes(), &event) == nil && event.Type == "result" {
			return event.Result, event.IsError, nil
		}
	}
	return "", false, errors.Join(errors.New("the client ended"), lines.Err())
}

// excuse reports whether a message that was sent at asked, and has failed now, met a wipe.
func (c *crowd) excuse(asked time.Time) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, s := range c.absent {
		if s.to.IsZero() || s.to.After(asked) {
			c.excused.Add(1)
			return true
		}
	}
	return false
}

// watch reads the file all the time.
func (c *crowd) watch(t *testing.T, stop <-chan struct{}) {
	newest, edits := -1, 0.0
	for {
		select {
		case <-stop:
			return
		case <-time.After(time.Millisecond):
		}
		data, err := os.ReadFile(c.credentials())
		if err != nil {
			t.Errorf("the file: %v", err)
			return
		}
		var document struct {
			Login *struct{ AccessToken, RefreshToken string } `json:"claudeAiOauth"`
			MCP   map[string]struct{ AccessToken string }
			Edits float64
		}
		var raw map[string]json.RawMessage
		if err := errors.Join(json.Unmarshal(data, &document), json.Unmarshal(data, &raw)); err != nil {
			t.Errorf("the file is torn: %v", err)
			return
		}
		if !strings.Contains(string(raw["mcpOAuth"]), "FIXTURE-mcp-access") {
			t.Errorf("the MCP key is lost: %d bytes", len(data))
			return
		}
		if document.Edits < edits {
			t.Errorf("an edit is lost: %v after %v", document.Edits, edits)
			return
		}
		edits = document.Edits
		if document.Login == nil {
			continue
		}
		if document.Login.AccessToken == "" || document.Login.RefreshToken == "" {
			t.Error("a client has emptied the login: its refresh token was used twice")
			return
		}
		number, err := rank(document.Login.AccessToken)
		if err != nil || number < newest {
			t.Errorf("token %d is stored after token %d (%v)", number, newest, err)
			return
		}
		newest = max(newest, number)
	}
}

// edit runs set, status, wipe and undo against the clients.
func (c *crowd) edit(t *testing.T, stop <-chan struct{}) {
	for n := 1; ; n++ {
		select {
		case <-stop:
			return
		case <-time.After(200 * time.Millisecond):
		}
		c.must(t, "set", "edits", fmt.Sprint(n))
		c.must(t, "status")
		if n%4 != 0 {
			continue
		}
		c.mu.Lock()
		c.absent = append(c.absent, span{from: time.Now()})
		c.mu.Unlock()
		if c.must(t, "wipe") {
			for !c.must(t, "undo", "--force") { // a session that still knows its tokens may have stored them again
				if t.Failed() {
					return
				}
			}
		}
		c.mu.Lock()
		c.absent[len(c.absent)-1].to = time.Now()
		c.mu.Unlock()
	}
}

// must runs a command that may find the file locked, and nothing else may go wrong. It reports whether it was done.
func (c *crowd) must(t *testing.T, args ...string) bool {
	started := time.Now()
	r := c.tool(args...)
	if took := int64(time.Since(started)); took > c.longest.Load() {
		c.longest.Store(took)
	}
	switch {
	case r.hung:
		t.Errorf("%v hung", args)
	case r.status == 75:
		c.busy.Add(1)
	case r.status == 4 && args[0] == "status":
	case r.status != 0:
		t.Errorf("%v: %s", args, r)
	}
	if harness.Marked([]byte(r.out + r.err)) {
		t.Errorf("%v prints a token", args)
	}
	return r.status == 0
}

// afterwards: all clients were killed in the middle of whatever they did. What they held is taken over when it is
// stale, and a lock that lives is not.
func (c *crowd) afterwards(t *testing.T) {
	deadline := time.Now().Add(3 * time.Minute) // a lock of 2.1.330 is stale after one
	for c.tool("set", "edits", "1000000").status != 0 {
		if time.Now().After(deadline) {
			t.Fatalf("the locks of dead clients are never taken over: %s", c.tool("set", "edits", "1000000"))
		}
	}
	for _, name := range []string{".oauth_refresh.lock", ".storage-write.lock", "../.claude.lock"} {
		release, err := harness.Hold(filepath.Join(c.config(), name))
		must(t, err)
		before := read(c.credentials())
		if r := c.tool("set", "edits", "1000001"); r.status != 75 || string(read(c.credentials())) != string(before) {
			t.Errorf("with %s held: %s", name, r)
		}
		release()
		if !full {
			break // each takes the whole wait for a lock
		}
	}
}
