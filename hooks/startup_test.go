package hooks_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/claude-auth/claude-auth/hooks"
	"github.com/claude-auth/claude-auth/internal/paths"
	"github.com/claude-auth/claude-auth/shell"
)

func TestCurrent(t *testing.T) {
	for _, test := range []struct{ parent, login, want string }{
		{"zsh", "/bin/bash", "zsh"}, {"fish", "/bin/bash", "fish"}, {"-zsh", "/bin/bash", "zsh"},
		{"bash", "/bin/zsh", "zsh"}, {"bash", "/bin/sh", "bash"}, {"make", "/usr/bin/fish", "fish"},
		{"", "/bin/bash", "bash"}, {"make", "/bin/tcsh", ""}, {"", "", ""},
	} {
		got := ""
		if s := hooks.CurrentShell(paths.New([]string{"SHELL=" + test.login}), test.parent); s != nil {
			got = s.Name
		}
		if got != test.want {
			t.Errorf("%+v: %q", test, got)
		}
	}
	if hooks.ParentName() == "" {
		t.Error("the process that runs this test has no name")
	}
}

func TestStartupFile(t *testing.T) {
	for _, test := range []struct {
		s    *shell.Shell
		env  string
		want string
	}{
		{shell.ByName("bash"), "", "/h/.bashrc"},
		{shell.ByName("zsh"), "", "/h/.zshrc"},
		{shell.ByName("zsh"), "ZDOTDIR=/z", "/z/.zshrc"},
		{shell.ByName("zsh"), "ZDOTDIR=", "/h/.zshrc"},
		{shell.ByName("fish"), "", "/h/.config/fish/config.fish"},
		{shell.ByName("fish"), "XDG_CONFIG_HOME=/x", "/x/fish/config.fish"},
	} {
		got, err := hooks.StartupFile(test.s, paths.New([]string{"HOME=/h", test.env}))
		if err != nil || got != test.want {
			t.Errorf("%s with %q: %q, %v", test.s.Name, test.env, got, err)
		}
		if _, err := hooks.StartupFile(test.s, paths.New(nil)); !errors.Is(err, paths.ErrNoHome) {
			t.Errorf("%s without HOME: %v", test.s.Name, err)
		}
	}
}

func TestLoginFile(t *testing.T) {
	home := t.TempDir()
	env := paths.New([]string{"HOME=" + home})
	check := func(name string, reads bool) {
		t.Helper()
		want := ""
		if !reads {
			want = filepath.Join(home, name)
		}
		if path, startup, err := hooks.LoginFile(shell.ByName("bash"), env); err != nil || path != want ||
			path != "" && startup != ".bashrc" {
			t.Errorf("%q, %q, %v; want %q", path, startup, err, want)
		}
	}
	check(".bash_profile", false)
	for _, file := range []struct {
		name, text string
		reads      bool
	}{{".profile", ". ~/.bashrc\n", true}, {".bash_profile", "PATH=x\n", false}} {
		if err := os.WriteFile(filepath.Join(home, file.name), []byte(file.text), 0o600); err != nil {
			t.Fatal(err)
		}
		check(file.name, file.reads)
	}
}
