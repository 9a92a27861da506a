//go:build linux

package torture

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/claude-auth/claude-auth/internal/test/tools"
)

// commandsThatStore are those that change the document under the client's locks.
var commandsThatStore = [][]string{{"wipe"}, {"set", "claudeAiOauth.subscriptionType", "pro"}, {"login"}}

// failing runs a command with a fault at each call of a name that meets the path.
func (p *place) failing(path, inject string, command ...string) result {
	call, _, _ := strings.Cut(inject, ":")
	args := []string{"-f", "-b", "execve", "-o", "/dev/null", "-e", "trace=" + call, "-e", "signal=none", "-P", path, "-e",
		"inject=" + inject, filepath.Join(programs, "claude-auth")}
	return p.straced(append(args, command...)...)
}

// TestMadeAndNotSynced: an edit that was made, and whose directory could not be synced, is an error: a power cut may
// take it back. What it removed can be had again, and a sign-in restores it.
func TestMadeAndNotSynced(t *testing.T) {
	tools.Need(t, "strace")
	for _, command := range commandsThatStore {
		traced(t, command[0], func(t *testing.T, p *place) {
			r := p.failing(p.config(), "fsync:error=EIO", command...)
			if r.status != 1 || !strings.Contains(r.err, "input/output error") {
				t.Errorf("%s", r)
			}
			if command[0] != "login" {
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

// TestLockThatStays: a lock of ours that cannot be removed in the end takes nothing back: the edit is stored, the
// sign-in goes on, and the lock is named with what helps. It is made old, so that the next to come takes it over at
// once: before, a login waited for its own lock, left the old login in a backup and ended with 75.
func TestLockThatStays(t *testing.T) {
	tools.Need(t, "strace")
	for _, name := range []string{".oauth_refresh.lock", ".storage-write.lock"} {
		for _, command := range commandsThatStore {
			traced(t, name+" "+command[0], func(t *testing.T, p *place) {
				path := filepath.Join(p.config(), name)
				r := p.failing(path, "unlinkat:error=EIO", command...)
				const says = " could not be removed: input/output error\nhint: if the next command stops at this lock"
				if r.status != 0 || !strings.Contains(r.err, "~/.claude/"+name+says) {
					t.Errorf("%s", r)
				}
				after := read(p.file)
				hasLogin := bytes.Contains(after, []byte("claudeAiOauth"))
				if bytes.Equal(after, p.old) || command[0] == "login" != hasLogin && command[0] != "set" {
					t.Errorf("it is not done: %s", after)
				}
				if _, err := os.Lstat(path); command[0] != "login" && err != nil {
					t.Errorf("nothing was tried: %v", err)
				}
				undo := []string{"undo"}
				if command[0] == "login" {
					undo = append(undo, "--force")
				}
				if r := p.tool(undo...); r.status != 0 || strings.Contains(r.err, "lock") {
					t.Errorf("the next command: %s", r)
				}
				if err := litter(p.dir); err != nil {
					t.Error(err)
				}
			})
		}
	}
}
