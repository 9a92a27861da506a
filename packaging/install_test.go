package packaging

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/claude-auth/claude-auth/internal/test/harness"
	"github.com/claude-auth/claude-auth/internal/test/tools"
)

// smallRelease makes a release whose program is a script that prints text.
func smallRelease(t *testing.T, text string) (dir string) {
	t.Helper()
	dir = t.TempDir()
	const pack = `set -eu
		cd "$1"
		tree=claude-auth_0.0.0_$2
		mkdir -p "$tree/bin" "$tree/share/man/man1"
		printf '#!/bin/sh\necho %s\n' "$3" >"$tree/bin/claude-auth"
		chmod 755 "$tree/bin/claude-auth"
		ln -s claude-auth "$tree/bin/claude-auth-wrapper"
		cp "$4" "$tree/install.sh"
		echo page >"$tree/share/man/man1/claude-auth.1"
		tar -czf "$tree.tar.gz" "$tree"
		sha256sum "$tree.tar.gz" >checksums.txt`
	script, err := filepath.Abs("../install.sh")
	if err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command("sh", "-c", pack, "sh", dir, platform, text, script).CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return dir
}

// installer runs install.sh for an empty home.
type installer struct {
	shell    []string
	programs string // a directory with the programs that install.sh may use
	path     string // PATH
	home     string
	url      string
}

func newInstaller(t *testing.T, release string, shell []string, without ...string) installer {
	t.Helper()
	programs := t.TempDir()
	in := installer{shell, programs, programs, t.TempDir(), serve(t, release)}
	tools.Need(t, append(strings.Fields("sha256sum curl wget"), shell...)...)
	names := strings.Fields("sh cat cp cut dirname find grep gzip mkdir mktemp mv rm rmdir sha256sum sort tar uname " +
		"curl wget " + shell[0])
	for _, name := range names {
		missing := false
		for _, other := range without {
			missing = missing || name == other
		}
		if path, err := exec.LookPath(name); err == nil && !missing {
			if err := os.Symlink(path, filepath.Join(in.path, name)); err != nil && !os.IsExist(err) {
				t.Fatal(err)
			}
		}
	}
	return in
}

func (in installer) run(args ...string) (string, error) {
	ctx, cancel := context.WithTimeout(context.Background(), harness.Patience)
	defer cancel()
	args = append(append(in.shell[1:len(in.shell):len(in.shell)], "../install.sh"), args...)
	command := exec.CommandContext(ctx, filepath.Join(in.programs, in.shell[0]), args...)
	command.Env = []string{"HOME=" + in.home, "PATH=" + in.path, "CLAUDE_AUTH_RELEASES=" + in.url}
	out, err := command.CombinedOutput()
	return string(out), err
}

// files lists what is in the home.
func (in installer) files(t *testing.T) []string {
	t.Helper()
	return root{in.home}.tree(t)
}

func TestInstallInEachShell(t *testing.T) {
	dir := smallRelease(t, "first")
	for name, test := range map[string]struct {
		shell   []string
		without []string
	}{
		"dash, curl":    {[]string{"dash"}, []string{"wget"}},
		"dash, wget":    {[]string{"dash"}, []string{"curl"}},
		"busybox, curl": {[]string{"busybox", "sh"}, []string{"wget"}},
		"bash, wget":    {[]string{"bash", "--posix"}, []string{"curl"}},
	} {
		t.Run(name, func(t *testing.T) {
			in := newInstaller(t, dir, test.shell[:1], test.without...)
			in.shell = test.shell
			before := in.files(t)
			if out, err := in.run(); err != nil || !strings.Contains(out, "Installed claude-auth 0.0.0 in "+in.home+"/.local.") {
				t.Fatalf("%v\n%s", err, out)
			}
			if target, err := os.Readlink(filepath.Join(in.home, ".local/bin/claude-auth-wrapper")); target != "claude-auth" {
				t.Errorf("the wrapper is no link to the program: %q, %v", target, err)
			}
			out, err := exec.Command(filepath.Join(in.home, ".local/bin/claude-auth")).Output()
			if err != nil || string(out) != "first\n" {
				t.Errorf("the program says %q: %v", out, err)
			}
			if out, err := in.run("--remove"); err != nil {
				t.Errorf("remove: %v\n%s", err, out)
			}
			same(t, before, in.files(t))
		})
	}
}

// An archive with another checksum, a release without one for this machine, and no way to compute one: nothing is
// installed, and the reason is said.
func TestInstallRefuses(t *testing.T) {
	for name, test := range map[string]struct {
		damage  string // what is wrong with the release, as a command of sh in its directory
		without []string
		args    []string
		says    string
	}{
		"foreign prefix": {damage: `:`, args: []string{"--prefix", "/proc/own"}, says: "--prefix DIR"},
		"another archive": {damage: `for f in claude-auth_*.tar.gz; do echo more >>"$f"; done`,
			says: ": nothing was installed"},
		"a cut archive": {damage: `for f in claude-auth_*.tar.gz; do head -c 99 "$f" >cut; mv cut "$f"; done`,
			says: ": nothing was installed"},
		"no such archive": {damage: `echo >checksums.txt`, says: "lists no archive for " + platform},
		"no checksums":    {damage: `rm checksums.txt`, says: "cannot download"},
		"no sha256":       {damage: `:`, without: []string{"sha256sum"}, says: "nothing here computes a SHA-256"},
		"no downloader":   {damage: `:`, without: []string{"curl", "wget"}, says: "there is neither curl nor wget"},
		"no such version": {damage: `:`, args: []string{"--version", "9.9.9"}, says: "cannot download"},
		"no such flag":    {damage: `:`, args: []string{"--bogus"}, says: "usage: install.sh"},
		"nothing there":   {damage: `:`, args: []string{"--remove"}, says: "has installed nothing"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := smallRelease(t, "first")
			command := exec.Command("sh", "-euc", test.damage)
			command.Dir = dir
			if out, err := command.CombinedOutput(); err != nil {
				t.Fatalf("%v\n%s", err, out)
			}
			in := newInstaller(t, dir, []string{"dash"}, test.without...)
			before := in.files(t)
			out, err := in.run(test.args...)
			if err == nil || !strings.Contains(out, test.says) {
				t.Errorf("got %v, want %q in\n%s", err, test.says, out)
			}
			same(t, before, in.files(t))
		})
	}
}

// A newer version replaces the program. --remove then leaves what a person has in the same directories.
func TestInstallOverAnother(t *testing.T) {
	in := newInstaller(t, smallRelease(t, "first"), []string{"dash"})
	own := filepath.Join(in.home, ".local/bin/own")
	if err := os.MkdirAll(filepath.Dir(own), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(own, []byte("mine\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	before := in.files(t)
	for _, text := range []string{"first", "second"} {
		in.url = serve(t, smallRelease(t, text))
		if out, err := in.run("--version", "v0.0.0"); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		out, err := exec.Command(filepath.Join(in.home, ".local/bin/claude-auth")).Output()
		if err != nil || string(out) != text+"\n" {
			t.Errorf("the program says %q, want %q: %v", out, text, err)
		}
	}
	if out, err := in.run("--remove"); err != nil {
		t.Errorf("remove: %v\n%s", err, out)
	}
	same(t, before, in.files(t))
}

// An installation that ends halfway has a list of what it has added by then. After a second one, or at once, --remove
// leaves nothing of it.
func TestInstallEndsHalfway(t *testing.T) {
	for name, again := range map[string]bool{"removed": false, "repeated": true} {
		t.Run(name, func(t *testing.T) {
			in := newInstaller(t, smallRelease(t, "first"), []string{"dash"})
			before := in.files(t)
			blocked := filepath.Join(in.home, ".local/bin/claude-auth")
			if err := os.MkdirAll(blocked, 0o755); err != nil {
				t.Fatal(err)
			}
			if out, err := in.run(); err == nil || !strings.Contains(out, blocked+" is a directory") {
				t.Fatalf("%v\n%s", err, out)
			}
			if err := os.Remove(blocked); err != nil {
				t.Fatal(err)
			}
			if again {
				if out, err := in.run(); err != nil {
					t.Fatalf("%v\n%s", err, out)
				}
			}
			if out, err := in.run("--remove"); err != nil {
				t.Errorf("remove: %v\n%s", err, out)
			}
			// The test has made these.
			_ = os.Remove(filepath.Join(in.home, ".local/bin"))
			_ = os.Remove(filepath.Join(in.home, ".local"))
			same(t, before, in.files(t))
		})
	}
}

// What was installed can be removed by its own copy of the script, also when its directory has another name by then.
func TestInstallMoved(t *testing.T) {
	in := newInstaller(t, smallRelease(t, "first"), []string{"dash"})
	prefix, moved := filepath.Join(t.TempDir(), "before"), filepath.Join(t.TempDir(), "after")
	if text, err := in.run("--prefix", prefix); err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	if err := os.Rename(prefix, moved); err != nil {
		t.Fatal(err)
	}
	script := filepath.Join(moved, "share/claude-auth/install.sh")
	command := exec.Command(filepath.Join(in.programs, "dash"), script, "--remove")
	command.Env = []string{"PATH=" + in.path} // without HOME
	if text, err := command.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	if left, err := os.ReadDir(moved); err != nil || len(left) > 0 {
		t.Errorf("%v, %v are left", err, left)
	}
}

// When the name claude-auth still runs another program, or none, install.sh says so.
func TestInstallNotesPath(t *testing.T) {
	in := newInstaller(t, smallRelease(t, "first"), []string{"dash"})
	bin, programs := filepath.Join(in.home, ".local/bin"), in.programs
	other := filepath.Join(programs, "claude-auth")
	for name, test := range map[string]struct{ path, says string }{
		"not on PATH": {programs, bin + " is not on your PATH"},
		"on PATH":     {bin + ":" + programs, ""},
		"behind":      {programs + ":" + bin, "claude-auth still runs " + other},
	} {
		if name == "behind" {
			if err := os.Symlink("/bin/true", other); err != nil {
				t.Fatal(err)
			}
		}
		in.path = test.path
		out, err := in.run()
		if err != nil || !strings.Contains(out, test.says) || (test.says == "") == strings.Contains(out, "note:") {
			t.Errorf("%s: %v\n%s", name, err, out)
		}
		_ = os.Remove(other) // where there is one
	}
}

// A script that was cut anywhere, as by a connection that broke, installs nothing.
func TestInstallCut(t *testing.T) {
	in := newInstaller(t, smallRelease(t, "first"), []string{"dash"})
	before := in.files(t)
	script, err := os.ReadFile("../install.sh")
	if err != nil {
		t.Fatal(err)
	}
	end := 0
	for line := range strings.Lines(string(script)) {
		for _, length := range []int{end + len(line)/2, end + len(line) - 1} {
			if length >= len(script)-1 {
				break // only the last newline is missing
			}
			command := exec.Command(filepath.Join(in.programs, "dash"))
			command.Env = []string{"HOME=" + in.home, "PATH=" + in.path, "CLAUDE_AUTH_RELEASES=" + in.url}
			command.Stdin = strings.NewReader(string(script[:length]))
			if out, _ := command.Output(); strings.Contains(string(out), "Installed") { // most of them are errors
				t.Errorf("cut in %q it says %q", line, out)
			}
		}
		end += len(line)
	}
	same(t, before, in.files(t))
}
