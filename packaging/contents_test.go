package packaging

import (
	"cmp"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/claude-auth/claude-auth/internal/test/tools"
	"github.com/claude-auth/claude-auth/shell"
)

// holds is in every package, below its prefix.
var holds = []string{
	"bin/claude-auth", "bin/claude-auth-wrapper", "share/man/man1/claude-auth.1",
	"share/bash-completion/completions/claude-auth", "share/zsh/site-functions/_claude-auth",
	"share/fish/vendor_completions.d/claude-auth.fish",
	"share/claude-auth/plugin/.claude-plugin/plugin.json", "share/claude-auth/plugin/hooks/hooks.json",
	"share/doc/claude-auth/LICENSE", "share/doc/claude-auth/README.md", "share/doc/claude-auth/CHANGELOG.md",
}

// listers print the names in a kind of package.
var listers = map[string][]string{
	"*.tar.gz": {"tar", "-tzf"}, "*.apk": {"tar", "-tzf"}, "*.pkg.tar.zst": {"tar", "--zstd", "-tf"},
	"*.deb": {"sh", "-c", `dpkg-deb --fsys-tarfile "$0" | tar -t`},
	"*.rpm": {"sh", "-c", `rpm -qlp --nosignature "$0"`},
}

func TestPackagesHoldEverything(t *testing.T) {
	tools.Need(t, "tar")
	packages := 0
	for pattern, lister := range listers {
		found, err := filepath.Glob(filepath.Join(release(t), pattern))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := exec.LookPath("rpm"); err != nil && pattern == "*.rpm" {
			t.Log("no rpm here: its packages were not looked into")
			continue
		}
		if dist != "" && len(found) == 0 {
			t.Errorf("no package %s was made", pattern)
		}
		for _, name := range found {
			packages++
			// tar warns of what apk has behind the files.
			out, _ := exec.Command(lister[0], append(lister[1:], name)...).Output()
			checkContents(t, name, strings.Fields(string(out)))
		}
	}
	if packages == 0 {
		t.Error("there is no package")
	}
}

func checkContents(t *testing.T, name string, files []string) {
	t.Helper()
	all := "\n" + strings.Join(files, "\n") + "\n"
	for _, file := range holds {
		if !strings.Contains(all, "/"+file+"\n") {
			t.Errorf("%s lacks %s", filepath.Base(name), file)
		}
	}
	for _, sh := range shell.All() {
		place := cmp.Or(sh.Packaged, "share/claude-auth/completions/claude-auth."+sh.Name)
		if sh.Completion != "" && !strings.Contains(all, "/"+place+"\n") {
			t.Errorf("%s lacks the completion of %s", filepath.Base(name), sh.Name)
		}
	}
	if strings.Contains(all, ".go\n") {
		t.Errorf("%s has source files", filepath.Base(name))
	}
}
