package packaging

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// A life is how a program gets onto a machine, and off it.
type life struct {
	program string // where it is then
	hint    string // what uninstall says about its removal
	// The commands of a person. The first installs the program, the last removes it.
	install, remove func(t *testing.T, r root)
}

// repair runs a command under the hook's eyes: the login is rejected, and after the sign-in the command is answered.
func repair(t *testing.T, r root, claude string, environment []string) {
	t.Helper()
	if out := r.run(t, claude, environment...); !strings.Contains(out, "Yes, I am here.") {
		t.Errorf("the command was not answered after the repair")
	}
	out := r.run(t, "claude-auth status", environment...)
	if !strings.Contains(out, "works until") {
		t.Errorf("the login does not work after the repair")
	}
}

// TestLifeWithBusybox installs the program where nothing is but busybox, from the release, as the README says. The hook
// needs another shell; everything else works.
func TestLifeWithBusybox(t *testing.T) {
	r, url := newRoot(t), serve(t, release(t))
	before := r.tree(t)
	r.run(t, "wget -q -O - "+url+"/install.sh | sh", "CLAUDE_AUTH_RELEASES="+url)
	environment := r.addClient(t, "/root/.local/bin/claude-auth")
	out, err := r.command("claude-auth demo").CombinedOutput()
	if err == nil || !strings.Contains(string(out), "the demo needs a shell") {
		t.Errorf("demo without a shell for the hook: %v\n%s", err, out)
	}
	repair(t, r, "claude-auth run -- -p 'Are you there?'", environment)
	r.run(t, "claude-auth uninstall --purge --yes", environment...)
	r.run(t, "sh /root/.local/share/claude-auth/install.sh --remove")
	removeClient(t, r)
	same(t, before, r.tree(t))
}

// TestLifeFromArchive does so where there is a bash.
func TestLifeFromArchive(t *testing.T) {
	url := serve(t, release(t))
	withBash(t, life{
		program: "/root/.local/bin/claude-auth",
		hint:    "To remove it: sh ~/.local/share/claude-auth/install.sh --remove",
		install: func(t *testing.T, r root) {
			r.run(t, "wget -q -O - "+url+"/install.sh | sh", "CLAUDE_AUTH_RELEASES="+url)
		},
		remove: func(t *testing.T, r root) { r.run(t, "sh /root/.local/share/claude-auth/install.sh --remove") },
	})
}

// TestLifeFromDeb installs Debian's package with dpkg.
func TestLifeFromDeb(t *testing.T) {
	if dist == "" {
		t.Skip("`make dist-check` runs this: goreleaser makes the package")
	}
	deb := one(t, "*_"+platform+".deb")
	withBash(t, life{
		program: "/usr/bin/claude-auth",
		hint:    "Remove it with the package manager that installed it.",
		install: func(t *testing.T, r root) {
			r.write(t, "var/lib/dpkg/status", "", 0o644)
			for _, dir := range []string{"var/lib/dpkg/info", "var/lib/dpkg/updates", "var/log"} {
				if err := os.MkdirAll(r.file(dir), 0o755); err != nil {
					t.Fatal(err)
				}
			}
			dpkg(t, r, "--install", deb)
		},
		remove: func(t *testing.T, r root) {
			dpkg(t, r, "--purge", "claude-auth")
			if err := os.RemoveAll(r.file("var")); err != nil { // dpkg's own notes
				t.Fatal(err)
			}
		},
	})
}

// TestHookWithoutEnv adds the hook where a new shell cannot print its environment as it does elsewhere: the hook is
// still checked, or the person is told that it was not.
func TestHookWithoutEnv(t *testing.T) {
	url := serve(t, release(t))
	for change, says := range map[string]string{
		"mv /usr/bin/env /bin/env":                        "exec bash",
		"mv /usr/bin/env /root/.local/bin/env":            "exec bash",
		"rm /usr/bin/env && ln -sf /usr/bin/bash /bin/sh": "not checked whether the hook loads",
	} {
		r := newRoot(t)
		r.addBash(t)
		r.run(t, "wget -q -O - "+url+"/install.sh | sh", "CLAUDE_AUTH_RELEASES="+url)
		r.run(t, change)
		out := r.run(t, "claude-auth install")
		if !strings.Contains(out, says) || strings.Contains(out, "not checked") != strings.HasPrefix(change, "rm") {
			t.Errorf("%s: install says\n%s", change, out)
		}
	}
}

func dpkg(t *testing.T, r root, args ...string) {
	t.Helper()
	args = append([]string{"--root=" + r.dir, "--force-architecture"}, args...)
	if out, err := exec.Command("dpkg", args...).CombinedOutput(); err != nil {
		t.Fatalf("dpkg %s: %v\n%s", args, err, out)
	}
}

// withBash installs the program, shows the demo, adds the hook to bash, repairs the first login by it, and removes
// everything again.
func withBash(t *testing.T, l life) {
	t.Helper()
	r := newRoot(t)
	r.addBash(t)
	before := r.tree(t)
	l.install(t, r)
	environment := r.addClient(t, l.program)

	out := r.run(t, l.program+" demo")
	if !strings.Contains(out, "Yes, I am here") {
		t.Errorf("the demo shows no answer")
	}
	completion := filepath.Join(filepath.Dir(l.program), "../share/bash-completion/completions/claude-auth")
	if out := r.run(t, "bash -c '. "+completion+" && complete -p claude-auth'"); !strings.Contains(out, "claude-auth") {
		t.Errorf("the completion does not load")
	}
	r.run(t, l.program+" install")
	// bash reads its startup file because it is interactive.
	repair(t, r, `bash -ic 'type -t claude; claude -p "Are you there?"'`, environment)
	if out := r.run(t, "claude-auth uninstall --purge --yes", environment...); !strings.Contains(out, l.hint) {
		t.Errorf("uninstall does not say how the program is removed: %s", l.hint)
	}
	l.remove(t, r)
	removeClient(t, r)
	same(t, before, r.tree(t))
}

// removeClient removes what addClient has added. The login is the user's, and stays.
func removeClient(t *testing.T, r root) {
	t.Helper()
	for _, name := range []string{"usr/bin/claude", "usr/bin/browser"} {
		if err := os.Remove(r.file(name)); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := os.Stat(r.file("root/.claude/.credentials.json")); err != nil {
		t.Errorf("the login is gone: %v", err)
	}
}
