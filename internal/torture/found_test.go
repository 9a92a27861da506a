//go:build linux

package torture

import (
	"bytes"
	"path/filepath"
	"strings"
	"testing"

	"github.com/claude-auth/claude-auth/internal/testtool"
)

// TestMadeAndThenFailed: what TestFaults found first. An edit that was made, and after which something failed (the directory
// could not be synced, a lock not be removed), is an error; but what it took out can be had back, and a login puts it back
// by itself where it can.
func TestMadeAndThenFailed(t *testing.T) {
	testtool.Need(t, "strace")
	for name, fault := range map[string]func(p *place) []string{
		"the directory cannot be synced": func(p *place) []string { return []string{"-P", p.config(), "-e", "inject=fsync:error=EIO"} },
		"a lock cannot be removed": func(p *place) []string {
			return []string{"-P", filepath.Join(p.config(), ".oauth_refresh.lock"), "-e", "inject=unlinkat:error=EIO"}
		},
	} {
		for _, command := range [][]string{{"wipe"}, {"set", "claudeAiOauth.subscriptionType", "pro"}, {"login"}} {
			t.Run(name+" "+command[0], func(t *testing.T) {
				p := newPlace(t)
				args := append([]string{"-f", "-b", "execve", "-o", "/dev/null", "-e", "trace=fsync,unlinkat", "-e", "signal=none"}, fault(p)...)
				r := p.run("/usr/bin/strace", append(append(args, filepath.Join(programs, "claude-auth")), command...)...)
				if r.status != 1 && r.status != 75 || !strings.Contains(r.err, "input/output error") {
					t.Errorf("%s", r)
				}
				if command[0] != "login" || r.status == 75 { // its own lock was in the way of putting it back, and it says so
					if r := p.tool("undo"); r.status != 0 {
						t.Errorf("undo: %s", r)
					}
				}
				if !bytes.Equal(read(p.file), p.old) {
					t.Errorf("the old document is not back: %s", read(p.file))
				}
			})
		}
	}
}
