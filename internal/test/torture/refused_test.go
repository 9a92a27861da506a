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

// TestRefusedCalls: a file system that refuses chmod, hard links or, of a file that need not be given away, chown, stops
// no command. Scripts show the same on a mount of that kind (testscripts/no-modes.txtar); this runs without one.
func TestRefusedCalls(t *testing.T) {
	tools.Need(t, "strace")
	for _, errno := range []string{"EPERM", "EOPNOTSUPP", "EINVAL", "ENOSYS"} {
		t.Run(errno, func(t *testing.T) {
			p := newPlace(t)
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
	return p.run("/usr/bin/strace", append(args, command...)...)
}
