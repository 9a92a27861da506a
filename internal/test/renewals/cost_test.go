//go:build linux

package renewals

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/claude-auth/claude-auth/internal/standin/service"
	"github.com/claude-auth/claude-auth/internal/test/harness"
	"github.com/claude-auth/claude-auth/internal/test/realclient"
)

// TestFirstAnswer measures how much later the answer of a -p command comes when its login is due and is renewed before
// the client starts. It is measured in turn with the client alone, which renews too.
func TestFirstAnswer(t *testing.T) {
	if !full {
		t.Skip("only with TORTURE=full")
	}
	for _, version := range realclient.Watched() {
		for _, wait := range []time.Duration{0, 4 * time.Second} {
			for range 9 {
				for _, who := range []string{"claude", "claude-auth run"} {
					took := firstAnswer(t, version, wait, who)
					results.add(fmt.Sprintf("first answer of -p, due, %s, endpoint %v: %s", version, wait, who), took)
				}
			}
		}
	}
}

func firstAnswer(t *testing.T, version string, wait time.Duration, who string) time.Duration {
	t.Helper()
	p := newPlace(t, version, -time.Minute, wait)
	ctx, cancel := context.WithTimeout(context.Background(), harness.Patience)
	defer cancel()
	command := p.command(ctx, p.client, "-p", "hi")
	if who != "claude" {
		command = p.command(ctx, "claude-auth", "run", "--", "-p", "hi")
	}
	var stderr bytes.Buffer
	command.Stderr = &stderr
	began := time.Now()
	out, err := command.Output() // the answer comes in one piece, and the client ends after it
	took := time.Since(began)
	if err != nil || strings.TrimSpace(string(out)) != service.Echo("hi") {
		t.Fatalf("%s: %v: %q, %q", who, err, out, stderr.String())
	}
	p.quiet(t)
	return took
}
