//go:build linux

package renewals

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/claude-auth/claude-auth/internal/claude"
	"github.com/claude-auth/claude-auth/internal/test/realclient"
)

// TestKilledKeeper: the keeper is killed when the refresh token is spent, and the next command comes at once. The
// client of the first keeper goes on, and the command finds what it has stored.
func TestKilledKeeper(t *testing.T) {
	if testing.Short() {
		t.Skip("not with -short")
	}
	for _, version := range realclient.Watched() {
		t.Run(version, func(t *testing.T) {
			t.Parallel()
			p := newPlace(t, version, 4*time.Minute, 2*time.Second)
			renew := p.command(t.Context(), "claude-auth", "renew")
			must(t, renew.Start())
			eventually(t, "a renewal", func() bool { return p.renewals(t) == 1 })
			text, err := os.ReadFile(filepath.Join(p.dir, ".local", "state", "claude-auth", "renew.lock"))
			must(t, err)
			keeper, err := strconv.Atoi(strings.TrimSpace(string(text)))
			must(t, err)
			must(t, syscall.Kill(keeper, syscall.SIGKILL))
			_ = renew.Wait() // it has no result
			out, err := p.command(t.Context(), "claude-auth", "run", "--", "-p", "hi").CombinedOutput()
			if err != nil {
				t.Errorf("%v: %s", err, out)
			}
			p.renewedOnce(t)
			// The client may still make files of its own in the directory of its copy.
			copies := filepath.Join(p.dir, ".local", "state", "claude-auth", "renewal", "*", "*", claude.CredentialsFile)
			if left, err := filepath.Glob(copies); err != nil || len(left) > 0 {
				t.Errorf("copies are left: %q, %v", left, err)
			}
		})
	}
}
