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

// TestRefusedCalls: a file system that refuses chmod, chown and hard links stops no command that gives nothing away.
// Scripts show the same on a mount of that kind (testscripts/no-modes.txtar); this runs without one.
func TestRefusedCalls(t *testing.T) {
	tools.Need(t, "strace")
	for _, errno := range []string{"EPERM", "EOPNOTSUPP", "EINVAL", "ENOSYS"} {
		traced(t, errno, func(t *testing.T, p *place) {
			startup := filepath.Join(p.dir, ".bashrc")
			must(t, os.WriteFile(startup, []byte("# mine\n"), 0o644))
			for _, command := range [][]string{
				{"status"}, {"wipe"}, {"undo"}, {"set", "futureKey", "1"}, {"login"}, {"install", "bash"}, {"history"},
			} {
				if r := p.refusing(errno, command...); r.status != 0 || strings.Contains(r.err, "write") {
					t.Errorf("%v: %s", command, r)
				}
			}
			if text := read(startup); !bytes.Contains(text, []byte("claude-auth init bash")) {
				t.Errorf("the startup file: %s", text)
			}
			if key := read(filepath.Join(p.state(), "key")); len(key) != 65 {
				t.Errorf("the fingerprint key: %q", key)
			}
			must(t, os.Remove(startup))
			if err := litter(p.dir); err != nil {
				t.Error(err)
			}
		})
	}
}

// refusing runs a command that is refused what file systems without permissions refuse.
func (p *place) refusing(errno string, command ...string) result {
	const calls = "chmod,fchmod,fchmodat,chown,fchown,fchownat,link,linkat"
	args := []string{"-f", "-b", "execve", "-o", "/dev/null", "-e", "trace=" + calls, "-e", "signal=none",
		"-e", "inject=" + calls + ":error=" + errno, filepath.Join(programs, "claude-auth")}
	return p.straced(append(args, command...)...)
}

// TestLinkThatCannotBeMade: the client has replaced the link that the credentials file was, and it cannot be made
// again. The sign-in counts, where the client has put it, and what the link led to is as it was before that.
func TestLinkThatCannotBeMade(t *testing.T) {
	tools.Need(t, "strace")
	for _, inject := range []string{"symlinkat:error=EIO", "renameat:error=EBUSY"} {
		traced(t, inject, func(t *testing.T, p *place) {
			linkTo("../dotfiles/claude.json")(t, p)
			r := p.failing(p.config(), inject, "login")
			if r.status != 0 || !strings.Contains(r.err, "a link to ../dotfiles/claude.json again: ") {
				t.Errorf("%s", r)
			}
			if !bytes.Contains(read(p.credentials()), []byte("claudeAiOauth")) {
				t.Errorf("the new login is lost")
			}
			if shared := read(p.file); len(shared) == 0 || bytes.Contains(shared, []byte("claudeAiOauth")) {
				t.Errorf("where the link led is %s", shared)
			}
			if r := p.tool("undo", "--force"); r.status != 0 || !bytes.Contains(read(p.file), []byte("claudeAiOauth")) {
				t.Errorf("undo: %s", r)
			}
			isLink("../dotfiles/claude.json")(t, p)
			if err := litter(p.dir); err != nil {
				t.Error(err)
			}
		})
	}
}
