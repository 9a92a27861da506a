package hooks_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/claude-auth/claude-auth/hooks"
	"github.com/claude-auth/claude-auth/shell"
)

func line(t *testing.T, s *shell.Shell, exe string) string {
	t.Helper()
	line, err := hooks.Line(s, exe)
	if err != nil {
		t.Fatal(err)
	}
	return line
}

func put(t *testing.T, path, text string, mode fs.FileMode) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), mode); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(path, mode); err != nil { // whatever the umask
		t.Fatal(err)
	}
}

func text(t *testing.T, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func install(t *testing.T, path, line string, want hooks.Result) {
	t.Helper()
	if got, err := hooks.Install(path, line); err != nil || got != want {
		t.Errorf("Install: %q, %v; want %q", got, err, want)
	}
}

func uninstall(t *testing.T, path string, want hooks.Result) {
	t.Helper()
	plan, err := hooks.PlanUninstall(path)
	if err == nil {
		err = plan.Apply()
	}
	if err != nil || plan.Result != want {
		t.Errorf("Uninstall: %q, %v; want %q", plan.Result, err, want)
	}
}

// Uninstall gives back every byte, whatever the file was, but for a final newline that was missing.
func TestInstallAndBack(t *testing.T) {
	for _, s := range shell.All() {
		for _, before := range []string{
			"", "\n", "a\n", "a", "a\n\n\n", "a\n\n", "# claude-auth\n", "# eval \"$(claude-auth init bash)\"\n",
			"a\r\nb\r\n", "é\xff\n", "if x; then\n  y\nfi",
		} {
			path := filepath.Join(t.TempDir(), "rc")
			put(t, path, before, 0o640)
			install(t, path, line(t, s, "/opt/claude-auth"), hooks.Added)
			installed := text(t, path)
			if !strings.HasPrefix(installed, before) || !strings.Contains(installed, "\n"+line(t, s, "/opt/claude-auth")) {
				t.Errorf("%q became %q", before, installed)
			}
			if !strings.HasSuffix(installed, "\n") {
				t.Errorf("%q became %q: the final newline", before, installed)
			}
			install(t, path, line(t, s, "/opt/claude-auth"), hooks.Unchanged)
			if got := text(t, path); got != installed {
				t.Errorf("a second install made %q of %q", got, installed)
			}
			if yes, err := hooks.Installed(path); err != nil || !yes {
				t.Errorf("Installed: %v, %v", yes, err)
			}
			install(t, path, line(t, s, "/new place/claude-auth"), hooks.Updated)
			want := strings.ReplaceAll(installed, line(t, s, "/opt/claude-auth"), line(t, s, "/new place/claude-auth"))
			if got := text(t, path); got != want {
				t.Errorf("the update made %q, want %q", got, want)
			}
			if info, err := os.Stat(path); err != nil || info.Mode() != 0o640 {
				t.Errorf("mode %v, %v", info.Mode(), err)
			}
			uninstall(t, path, hooks.Removed)
			want = before
			if before != "" && !strings.HasSuffix(before, "\n") {
				want += "\n"
			}
			if got := text(t, path); got != want {
				t.Errorf("%q came back as %q", before, got)
			}
			uninstall(t, path, hooks.Unchanged)
		}
	}
}

// What an earlier version has written is found: its markers, and its block without a final newline.
func TestInstallOverEarlierVersion(t *testing.T) {
	const old = "# claude-auth: the next line was added by `claude-auth install`; `claude-auth uninstall` takes it out\n" +
		"if [ -x /opt/claude-auth ]; then eval \"$(/opt/claude-auth init bash)\"; fi"
	for _, end := range []string{"", "\n", "\nlast\n"} {
		path := filepath.Join(t.TempDir(), "rc")
		put(t, path, "a\n"+old+end, 0o600)
		install(t, path, line(t, shell.ByName("bash"), "/new/claude-auth"), hooks.Updated)
		got := text(t, path)
		if strings.Contains(got, "/opt") || strings.Contains(got, "takes") || !strings.HasSuffix(got, "\n") {
			t.Errorf("became %q", got)
		}
		put(t, path, "a\n"+old+end, 0o600)
		uninstall(t, path, hooks.Removed)
		if got, want := text(t, path), "a\n"+strings.TrimPrefix(end, "\n"); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	path := filepath.Join(t.TempDir(), "rc")
	put(t, path, strings.Replace(old, "the next line was added", "this file was made", 1)+"\n", 0o600)
	put(t, path, strings.Replace(text(t, path), "takes it out", "takes it away", 1), 0o600)
	uninstall(t, path, hooks.Removed)
	if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the file that was made is still there: %v", err)
	}
}

// A plan changes nothing, and says whether the file is read-only and has --add-path.
func TestPlan(t *testing.T) {
	path := filepath.Join(t.TempDir(), "rc")
	put(t, path, "a\n", 0o444)
	planned, err := hooks.PlanInstall(path, line(t, shell.ByName("bash"), "/opt/claude-auth")+" #x")
	if err != nil || planned.Result != hooks.Added || !planned.Changes() || !planned.ReadOnly || text(t, path) != "a\n" {
		t.Errorf("%+v, %v, %q", planned, err, text(t, path))
	}
	if !strings.HasPrefix(planned.Lines, "# claude-auth: ") || !strings.HasSuffix(planned.Lines, " #x\n") {
		t.Errorf("lines %q", planned.Lines)
	}
	added, err := hooks.Line(shell.ByName("bash"), "/opt/claude-auth", "--add-path")
	if err != nil || hooks.AddsPath(path) {
		t.Errorf("%v, or --add-path in %q", err, text(t, path))
	}
	install(t, path, added, hooks.Added)
	if !hooks.AddsPath(path) {
		t.Errorf("no --add-path in %q", text(t, path))
	}
	if planned, err = hooks.PlanUninstall(path); err != nil || !planned.Changes() || !planned.ReadOnly {
		t.Errorf("%+v, %v", planned, err)
	}
}

// Lines that a person adds later stay, before and behind.
func TestInstallAmongOtherLines(t *testing.T) {
	for _, before := range []string{"a\n", "a"} {
		path := filepath.Join(t.TempDir(), "rc")
		put(t, path, before, 0o600)
		install(t, path, line(t, shell.ByName("bash"), "/opt/claude-auth"), hooks.Added)
		put(t, path, "first\n"+strings.TrimSuffix(text(t, path), "\n")+"\nlast\n", 0o600)
		install(t, path, line(t, shell.ByName("bash"), "/opt/2/claude-auth"), hooks.Updated)
		if got := text(t, path); !strings.HasSuffix(got, line(t, shell.ByName("bash"), "/opt/2/claude-auth")+"\nlast\n") {
			t.Errorf("the update moved the line: %q", got)
		}
		put(t, path, text(t, path)+text(t, path), 0o600) // two copies, as a merge of dotfiles makes them
		install(t, path, line(t, shell.ByName("bash"), "/opt/claude-auth"), hooks.Updated)
		if n := strings.Count(text(t, path), "init bash"); n != 1 {
			t.Errorf("%d lines in %q", n, text(t, path))
		}
		uninstall(t, path, hooks.Removed)
		if got, want := text(t, path), strings.Repeat("first\na\nlast\n", 2); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestInstallMakesTheFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "fish", "config.fish")
	uninstall(t, path, hooks.Unchanged)
	if yes, err := hooks.Installed(path); err != nil || yes {
		t.Errorf("Installed: %v, %v", yes, err)
	}
	install(t, path, line(t, shell.ByName("fish"), "/opt/claude-auth"), hooks.Added)
	install(t, path, line(t, shell.ByName("fish"), "/opt/2/claude-auth"), hooks.Updated)
	if info, err := os.Stat(path); err != nil || info.Mode() != 0o644 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
	uninstall(t, path, hooks.Removed)
	if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the file that was made is still there: %v", err)
	}
	install(t, path, line(t, shell.ByName("fish"), "/opt/claude-auth"), hooks.Added)
	put(t, path, text(t, path)+"set x\n", 0o644)
	uninstall(t, path, hooks.Removed)
	if got := text(t, path); got != "set x\n" {
		t.Errorf("got %q", got)
	}
}

func TestInstallByHand(t *testing.T) {
	for _, mine := range []string{
		`eval "$(claude-auth init bash)"`, `eval "$(/opt/bin/claude-auth init bash --no-prompt)"`,
		`  command -v claude-auth >/dev/null && eval "$('/a b/claude-auth' init zsh)"`,
		"claude-auth init fish | source",
	} {
		path := filepath.Join(t.TempDir(), "rc")
		put(t, path, mine+"\n", 0o600)
		install(t, path, line(t, shell.ByName("bash"), "/opt/claude-auth"), hooks.ByHand)
		if got := text(t, path); got != mine+"\n" {
			t.Errorf("%q became %q", mine, got)
		}
		uninstall(t, path, hooks.Unchanged)
	}
	// A line of ours that a person has changed is theirs; a person who deletes the line has left the marker.
	path := filepath.Join(t.TempDir(), "rc")
	put(t, path, "a\n", 0o600)
	install(t, path, line(t, shell.ByName("bash"), "/opt/claude-auth"), hooks.Added)
	changed := strings.Replace(text(t, path), "fi\n", "fi; mine=1\n", 1)
	put(t, path, changed, 0o600)
	uninstall(t, path, hooks.Removed)
	if got := text(t, path); !strings.HasPrefix(got, "a\nif [") || !strings.HasSuffix(got, "mine=1\n") {
		t.Errorf("got %q", got)
	}
}

func TestInstallThroughLinks(t *testing.T) {
	dir := t.TempDir()
	real, link := filepath.Join(dir, "dotfiles", "bashrc"), filepath.Join(dir, ".bashrc")
	put(t, real, "a\n", 0o600)
	if err := os.Symlink("dotfiles/bashrc", link); err != nil {
		t.Fatal(err)
	}
	install(t, link, line(t, shell.ByName("bash"), "/opt/claude-auth"), hooks.Added)
	info, err := os.Lstat(link)
	if err != nil || info.Mode()&fs.ModeSymlink == 0 || !strings.Contains(text(t, real), "init bash") {
		t.Errorf("the link is %v, the file %q (%v)", info.Mode(), text(t, real), err)
	}
	uninstall(t, link, hooks.Removed)
	if got := text(t, real); got != "a\n" {
		t.Errorf("got %q", got)
	}
}

// A file that is not a startup file is refused, and neither its bytes nor its time change.
func TestInstallRefuses(t *testing.T) {
	dir := t.TempDir()
	if err := syscall.Mkfifo(filepath.Join(dir, "fifo"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(filepath.Join(dir, "dir"), 0o700); err != nil {
		t.Fatal(err)
	}
	put(t, filepath.Join(dir, "nul"), "a\x00b\n", 0o600)
	put(t, filepath.Join(dir, "backslash"), "a \\\n", 0o600)
	put(t, filepath.Join(dir, "backslash2"), "a \\", 0o600)
	put(t, filepath.Join(dir, "large"), strings.Repeat("a\n", 3<<20), 0o600)
	for _, name := range []string{"fifo", "dir", "nul", "backslash", "backslash2", "large"} {
		path := filepath.Join(dir, name)
		before, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		_, err = hooks.Install(path, line(t, shell.ByName("bash"), "/opt/claude-auth"))
		if err == nil || !strings.HasPrefix(err.Error(), "cannot edit "+path+": it ") {
			t.Errorf("%s: %v", name, err)
		}
		if after, err := os.Stat(path); err != nil || after.ModTime() != before.ModTime() || after.Size() != before.Size() {
			t.Errorf("%s was changed", name)
		}
	}
	if os.Getuid() != 0 { // root reads everything
		path := filepath.Join(dir, "closed")
		put(t, path, "a\n", 0)
		if _, err := hooks.Install(path, "x"); !errors.Is(err, fs.ErrPermission) {
			t.Errorf("unreadable: %v", err)
		}
	}
}
