//go:build linux

package renewals

import (
	"bytes"
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/claude-auth/claude-auth/internal/standin/service"
	"github.com/claude-auth/claude-auth/internal/test/harness"
	"github.com/claude-auth/claude-auth/internal/test/realclient"
)

// TestCommandsAtOnce: commands that start at the same time with a login that is due share one renewal, and all are
// answered.
func TestCommandsAtOnce(t *testing.T) {
	if testing.Short() {
		t.Skip("not with -short")
	}
	all := realclient.Watched()
	if !full {
		all = all[len(all)-1:]
	}
	for _, version := range all {
		t.Run(version, func(t *testing.T) {
			t.Parallel()
			p := newPlace(t, version, -time.Minute, 2*time.Second)
			for _, r := range p.atOnce(10, "run", "--", "-p", "hi") {
				if r.err != nil || strings.TrimSpace(r.out) != service.Echo("hi") {
					t.Errorf("%v: %q, %q", r.err, r.out, r.stderr)
				}
			}
			p.renewedOnce(t)
		})
	}
}

// TestRenewsAtOnce: people and timers that ask for a renewal at the same time get one.
func TestRenewsAtOnce(t *testing.T) {
	for name, test := range map[string]struct {
		life time.Duration
		args []string
	}{
		"renew":          {6 * time.Hour, []string{"renew"}},
		"renew --if-due": {-time.Minute, []string{"renew", "--if-due"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newPlace(t, realclient.Watched()[0], test.life, 5*time.Second)
			for _, r := range p.atOnce(20, test.args...) {
				if r.err != nil || !strings.HasPrefix(r.out, "Renewed: ") {
					t.Errorf("%v: %q, %q", r.err, r.out, r.stderr)
				}
			}
			p.renewedOnce(t)
		})
	}
}

func (p *place) renewedOnce(t *testing.T) {
	t.Helper()
	p.quiet(t)
	if n := p.renewals(t); n != 1 {
		t.Errorf("%d renewals were sent, want 1", n)
	}
	if now := p.saved(t); now.access == p.first.Access || now.mcp != mcp || !p.good(t) {
		t.Errorf("the file has new tokens: %v, good: %v, MCP logins: %s", now.access != p.first.Access, p.good(t), now.mcp)
	}
}

// result is how a command without a terminal ended.
type result struct {
	out, stderr string
	err         error
}

// atOnce runs claude-auth n times at once, and waits longer than for one.
func (p *place) atOnce(n int, args ...string) []result {
	ctx, cancel := context.WithTimeout(context.Background(), 4*harness.Patience)
	defer cancel()
	results := make([]result, n)
	var running sync.WaitGroup
	for i := range results {
		running.Go(func() {
			var out, stderr bytes.Buffer
			command := p.command(ctx, "claude-auth", args...)
			command.Stdout, command.Stderr = &out, &stderr
			err := command.Run()
			results[i] = result{out.String(), stderr.String(), err}
		})
	}
	running.Wait()
	return results
}
