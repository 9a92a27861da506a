package schedule

import (
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/claude-auth/claude-auth/internal/claude"
	"github.com/claude-auth/claude-auth/internal/test/tools"
)

// TestUnitsAreValid has systemd itself check the units.
func TestUnitsAreValid(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("systemd is for Linux")
	}
	tools.Need(t, "systemd-analyze")
	for _, name := range hard {
		t.Run(name, func(t *testing.T) {
			root := t.TempDir()
			program := filepath.Join(root, name, "claude-auth")
			script(t, program, "")
			env := []string{"HOME=" + root, "PATH=/" + name}
			job := Job{program, []string{"renew", "--if-due"}, env, claude.OverrideVariables(), "", ""}
			verify(t, root, job, "")
			if err := os.Remove(program); err != nil {
				t.Fatal(err)
			}
			if job.words()[0] == program {
				verify(t, root, job, program+" is not executable") // systemd reads the path that was meant
			}
		})
	}
}

// verify wants systemd-analyze to complain of the units with a text, or not at all.
func verify(t *testing.T, root string, job Job, complaint string) {
	t.Helper()
	service, timer := filepath.Join(root, serviceUnit), filepath.Join(root, timerUnit)
	for path, text := range map[string]string{service: serviceText(job), timer: timerText} {
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	command := exec.Command("systemd-analyze", "--user", "verify", service, timer)
	command.Env = []string{"HOME=" + root, "PATH=" + os.Getenv("PATH"), "XDG_RUNTIME_DIR=" + root, "LC_ALL=C.UTF-8"}
	out, err := command.CombinedOutput()
	if complaint == "" && (err != nil || len(out) > 0) || complaint != "" && !strings.Contains(string(out), complaint) {
		t.Errorf("%v, want %q:\n%s\n%s", err, complaint, out, serviceText(job))
	}
}

// What a real user manager of systemd 252 has run as it was meant.
func TestUnitQuoting(t *testing.T) {
	job := Job{Program: `/a b/$x%y"z\n`, Args: []string{"$HOME"}, Env: []string{`V=$x %y "z" \n 'w'`}}
	text := serviceText(job)
	for _, want := range []string{
		`ExecStart="/bin/sh" "-c" "exec \"$$0\" \"$$@\"" "/a b/$$x%%y\"z\\n" "$$HOME"` + "\n",
		`Environment="V=$x %%y \"z\" \\n 'w'"` + "\n",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("%s is missing in\n%s", want, text)
		}
	}
}

func TestControlCharacters(t *testing.T) {
	for _, job := range []Job{{Program: "/a\nb"}, {Env: []string{"A=\x1b"}}, {Args: []string{"\x7f"}}} {
		if job.check() == nil {
			t.Errorf("%q is taken", job)
		}
	}
}

// Nothing but a real user manager shows that a renewal outlives the service and a logout, so the settings are held that
// did so with systemd 252.
func TestRenewalOutlivesTheService(t *testing.T) {
	text := serviceText(Job{Program: "/x"})
	for _, setting := range []string{"Type=oneshot", "KillMode=process", "KillSignal=SIGCONT", "TimeoutStartSec=120"} {
		if !strings.Contains(text, "\n"+setting+"\n") {
			t.Errorf("%s is missing in\n%s", setting, text)
		}
	}
}
