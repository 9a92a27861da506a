package paths_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/claude-auth/claude-auth/internal/paths"
)

func TestResolve(t *testing.T) {
	for _, test := range []struct {
		name                     string
		env                      []string
		flag                     string
		config, credentials, err string
	}{
		{"home", []string{"HOME=/h"}, "", "/h/.claude", "/h/.claude/.credentials.json", ""},
		{"config dir", []string{"HOME=/h", "CLAUDE_CONFIG_DIR=/c"}, "", "/c", "/c/.credentials.json", ""},
		{"storage dir wins for the file", []string{"HOME=/h", "CLAUDE_CONFIG_DIR=/c", "CLAUDE_SECURESTORAGE_CONFIG_DIR=/s"},
			"", "/c", "/s/.credentials.json", ""},
		{"empty storage dir means ~/.claude",
			[]string{"HOME=/h", "CLAUDE_CONFIG_DIR=/c", "CLAUDE_SECURESTORAGE_CONFIG_DIR="},
			"", "/c", "/h/.claude/.credentials.json", ""},
		{"CLAUDE_AUTH_FILE", []string{"HOME=/h", "CLAUDE_AUTH_FILE=/f/x.json"}, "", "/h/.claude", "/f/x.json", ""},
		{"--file wins", []string{"HOME=/h", "CLAUDE_AUTH_FILE=/f/x.json"}, "/g/y.json", "/h/.claude", "/g/y.json", ""},
		{"the last of two equal variables", []string{"HOME=/a", "HOME=/b"},
			"", "/b/.claude", "/b/.claude/.credentials.json", ""},
		{"no home", nil, "", "", "", "no home"},
		{"no home, but everything else", []string{"CLAUDE_CONFIG_DIR=/c", "XDG_STATE_HOME=/s", "XDG_CONFIG_HOME=/x"},
			"", "/c", "/c/.credentials.json", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			p, err := paths.Resolve(paths.New(test.env), test.flag)
			if (err != nil) != (test.err != "") || err != nil && !errors.Is(err, paths.ErrNoHome) {
				t.Fatalf("error %v", err)
			}
			if p.ConfigDir != test.config || p.Credentials != test.credentials {
				t.Errorf("config %q, credentials %q; want %q, %q", p.ConfigDir, p.Credentials, test.config, test.credentials)
			}
		})
	}
}

func TestRelativeXDGIsIgnored(t *testing.T) {
	p, err := paths.Resolve(paths.New([]string{"HOME=/h", "XDG_STATE_HOME=state", "XDG_CONFIG_HOME=/x"}), "")
	if err != nil || p.StateDir != "/h/.local/state/claude-auth" || p.UserConfigDir != "/x/claude-auth" {
		t.Errorf("Resolve = %+v, %v", p, err)
	}
}

func TestFindClient(t *testing.T) {
	root := t.TempDir()
	place := func(dir string, mode os.FileMode) string {
		path := filepath.Join(root, dir, "claude")
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte("#!/bin/sh\n"), mode); err != nil {
			t.Fatal(err)
		}
		return path
	}
	plain, script, real := place("plain", 0o644), place("script", 0o755), place("real", 0o755)
	alias := filepath.Join(root, "alias")
	if err := os.Symlink(filepath.Dir(script), alias); err != nil {
		t.Fatal(err)
	}
	path := func(files ...string) string {
		list := ""
		for _, f := range files {
			list += filepath.Dir(f) + ":"
		}
		return "PATH=" + list
	}
	for _, test := range []struct {
		name string
		env  []string
		want string
		err  error
	}{
		{"the first executable", []string{path(plain, real)}, real, nil},
		{"none", []string{path(plain)}, "", paths.ErrClientNotFound},
		{"a relative entry is passed over", []string{"PATH=.:relative"}, "", paths.ErrClientNotFound},
		{"CLAUDE_AUTH_CLIENT", []string{path(real), "CLAUDE_AUTH_CLIENT=" + script}, script, nil},
		{"CLAUDE_AUTH_CLIENT that cannot run", []string{path(real), "CLAUDE_AUTH_CLIENT=" + plain},
			"", paths.ErrClientNotFound},
		{"a script that called us is passed over", []string{path(script, real), "CLAUDE_AUTH_INSIDE=" + script}, real, nil},
		{"also under another name", []string{path(script, real), "CLAUDE_AUTH_INSIDE=" + alias + "/claude"}, real, nil},
		{"nothing but the script", []string{path(script), "CLAUDE_AUTH_INSIDE=" + script}, "", paths.ErrLoop},
		{"inside the client's tools",
			[]string{path(script, real), "CLAUDECODE=1", "CLAUDE_AUTH_INSIDE=" + script + ":" + real}, real, nil},
		{"but not without end", []string{path(real), "CLAUDECODE=1", "CLAUDE_AUTH_INSIDE=a:b:c:d:e:f:g:h"},
			"", paths.ErrLoop},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, err := paths.FindClient(paths.New(test.env))
			if got != test.want || !errors.Is(err, test.err) {
				t.Errorf("FindClient = %q, %v; want %q, %v", got, err, test.want, test.err)
			}
		})
	}
}

func TestEnv(t *testing.T) {
	env := paths.New([]string{"A=1", "B=2=3", "A=4"})
	if got := env.Get("A"); got != "4" {
		t.Errorf("A = %q, want the last", got)
	}
	changed := env.With("A", "5").Without("B")
	if got := changed.Environ(); len(got) != 1 || got[0] != "A=5" {
		t.Errorf("Environ = %q", got)
	}
	if env.Get("B") != "2=3" {
		t.Error("With and Without changed the original")
	}
	if got := env.Inside("/x").Inside("/y").Get(paths.EnvInside); got != "/x:/y" {
		t.Errorf("Inside = %q", got)
	}
}
