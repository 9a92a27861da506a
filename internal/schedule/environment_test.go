package schedule

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/claude-auth/claude-auth/internal/claude"
	"github.com/claude-auth/claude-auth/internal/paths"
)

func TestJobStoresWhatDecides(t *testing.T) {
	_, _, env, p := world(t)
	for name, value := range map[string]string{
		"CLAUDE_CONFIG_DIR": "relative", "CLAUDE_SECURESTORAGE_CONFIG_DIR": "", "XDG_STATE_HOME": "/s",
		"XDG_CONFIG_HOME": "ignored", "https_proxy": "http://proxy:8080", "NODE_EXTRA_CA_CERTS": "/ca.pem",
		"CLAUDE_AUTH_FILE": "f.json", "EDITOR": "vi", "CLAUDE_AUTH_GUARD": "off",
	} {
		env = env.With(name, value)
	}
	p.Credentials = "/abs/f.json"
	job, withheld, err := NewJob("/x/claude-auth", env, p, false)
	if err != nil || len(withheld) > 0 {
		t.Fatal(withheld, err)
	}
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	values := environment(job)
	for name, want := range map[string]string{
		"HOME": p.Home, "CLAUDE_CONFIG_DIR": filepath.Join(dir, "relative"), "XDG_STATE_HOME": "/s",
		"https_proxy": "http://proxy:8080", "NODE_EXTRA_CA_CERTS": "/ca.pem", "CLAUDE_AUTH_FILE": "/abs/f.json",
		"CLAUDE_SECURESTORAGE_CONFIG_DIR": "",
	} {
		if got, set := values[name]; got != want || !set {
			t.Errorf("%s = %q, %v; want %q", name, got, set, want)
		}
	}
	for _, name := range []string{"XDG_CONFIG_HOME", "EDITOR", "CLAUDE_AUTH_GUARD", "TRIAL"} {
		if _, set := values[name]; set {
			t.Errorf("%s is stored", name)
		}
	}
}

func TestJobStoresNoSecret(t *testing.T) {
	_, _, env, p := world(t)
	want := []string{"HTTPS_PROXY", "http_proxy", "NO_PROXY", claude.EnvKeyPassphrase}
	env = env.With("HTTPS_PROXY", "http://pat:FIXTURE@proxy:8080").With("http_proxy", "FIXTURE@proxy").
		With("NO_PROXY", "sk-ant-FIXTURE").With(claude.EnvKeyPassphrase, "FIXTURE")
	for _, name := range claude.SecretVariables() {
		env = env.With(name, "FIXTURE")
	}
	job, withheld, err := NewJob("/x/claude-auth", env, p, false)
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(want)
	slices.Sort(withheld)
	if !slices.Equal(withheld, want) {
		t.Errorf("withheld %q, want %q", withheld, want)
	}
	if text := strings.Join(job.Env, "\n"); strings.Contains(text, "FIXTURE") {
		t.Errorf("a secret is stored: %s", text)
	}
}

func TestSearchPath(t *testing.T) {
	root := t.TempDir()
	real, link := filepath.Join(root, "real"), filepath.Join(root, "shell-123")
	if err := os.Mkdir(real, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(real, link); err != nil {
		t.Fatal(err)
	}
	env := paths.New([]string{"PATH=.:" + link + ":/nowhere::" + link + "/:" + root})
	if got, want := searchPath(env, link+"/claude"), link+":"+root+":"+real; got != want {
		t.Errorf("PATH=%s, want %s", got, want)
	}
}

// The program is called by the name that an update of its package keeps.
func TestStableName(t *testing.T) {
	root := t.TempDir()
	exe, name := filepath.Join(root, "cellar", "1.2", "claude-auth"), filepath.Join(root, "bin", "claude-auth")
	script(t, exe, "")
	script(t, filepath.Join(root, "other", "claude-auth"), "")
	if err := os.Mkdir(filepath.Dir(name), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(exe, name); err != nil {
		t.Fatal(err)
	}
	env := paths.New([]string{"PATH=" + root + "/other:" + root + "/bin"})
	if got := stableName(exe, env); got != name {
		t.Errorf("with a link on PATH %s, want %s", got, name)
	}
	if got := stableName(exe, env.With("PATH", root+"/other")); got != exe {
		t.Errorf("with another program on PATH %s, want %s", got, exe)
	}
}

func TestNoClientNoJob(t *testing.T) {
	_, bin, env, p := world(t)
	if err := os.Remove(filepath.Join(bin, "claude")); err != nil {
		t.Fatal(err)
	}
	if _, _, err := NewJob("/x/claude-auth", env.With("PATH", bin), p, false); !errors.Is(err, paths.ErrClientNotFound) {
		t.Error(err)
	}
}
