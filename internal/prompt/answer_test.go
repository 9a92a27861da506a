package prompt_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/claude-auth/claude-auth/internal/ledger"
	"github.com/claude-auth/claude-auth/internal/prompt"
	"github.com/claude-auth/claude-auth/internal/secret"
)

// house is a home with a saved login that the whole program has seen.
type house struct {
	t      *testing.T
	home   string
	env    map[string]string
	ledger *ledger.Ledger
}

func newHouse(t *testing.T) *house {
	t.Helper()
	t.Chdir(t.TempDir())
	home := t.TempDir()
	h := &house{t: t, home: home, env: map[string]string{"HOME": home}}
	h.ledger = ledger.New(filepath.Join(h.state(), "ledger.jsonl"), secret.Key("k"), func() time.Time { return noon })
	return h
}

func (h *house) state() string { return filepath.Join(h.home, ".local/state/claude-auth") }
func (h *house) file() string  { return filepath.Join(h.home, ".claude/.credentials.json") }

func (h *house) write(name, text string) {
	h.t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
		h.t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		h.t.Fatal(err)
	}
}

func (h *house) observe(access, refresh string) ledger.Standing {
	h.t.Helper()
	s, err := h.ledger.Observe(ledger.Observation{File: h.file(), Access: secret.New(access), Refresh: secret.New(refresh)})
	if err != nil {
		h.t.Fatal(err)
	}
	return s
}

func (h *house) saved() {
	h.t.Helper()
	h.write(h.file(), login(millis(time.Hour), ""))
	h.observe("sk-ant-oat01-FIXTURE", "sk-ant-ort01-FIXTURE")
}

// ask returns what Answer says, or "-" for what it leaves to the whole program.
func (h *house) ask(args ...string) (string, int) {
	h.t.Helper()
	lookup := func(name string) (string, bool) { value, set := h.env[name]; return value, set }
	out, status, ok := prompt.Answer(args, lookup, noon)
	if !ok {
		return "-", 0
	}
	return string(out), status
}

func (h *house) expect(want string, status int, args ...string) {
	h.t.Helper()
	if got, s := h.ask(args...); got != want || s != status {
		h.t.Errorf("%q: %q with status %d, want %q with %d", args, got, s, want, status)
	}
}

var segment = []string{"status", "--format", "prompt"}

func TestAnswer(t *testing.T) {
	h := newHouse(t)
	h.expect("-", 0, segment...) // nobody has looked at the place yet
	h.observe("", "")
	h.expect("claude ?\n", 4, segment...)
	h.saved()
	h.expect("", 0, segment...)
	id := h.observe("sk-ant-oat01-FIXTURE", "sk-ant-ort01-FIXTURE").Login
	if err := h.ledger.Append(ledger.Event{Kind: ledger.Rejected, File: h.file(), Login: id}); err != nil {
		t.Fatal(err)
	}
	h.expect("-", 0, segment...) // the ledger has changed
	h.observe("sk-ant-oat01-FIXTURE", "sk-ant-ort01-FIXTURE")
	h.expect("claude 401\n", 4, segment...)
	h.expect("\x01\x1b[31m\x02✻ 401\x01\x1b[39m\x02\n", 4, "status", "--format=prompt", "--shell=bash", "--symbol", "✻", "--color")
	h.expect("claude 401\n", 4, "--no-color", "status", "--color", "--format=prompt")
	h.env["NO_COLOR"] = "1"
	h.expect("claude 401\n", 4, "status", "--color", "--format=prompt")
	out, status := h.ask("status", "--format", "porcelain")
	if status != 4 || !strings.Contains(out, "\nstate rejected\nusable no\n") || !strings.HasSuffix(out, "\nfile "+h.file()+"\n") {
		t.Errorf("porcelain: %d %q", status, out)
	}
	h.write(h.file(), strings.Replace(login(millis(time.Hour), ""), "oat01-FIXTURE", "oat01-FIXTURE-2", 1))
	h.expect("-", 0, segment...) // a renewal that the ledger has yet to hear of
}

// TestLeft lists what is left to the whole program.
func TestLeft(t *testing.T) {
	h := newHouse(t)
	h.saved()
	h.expect("", 0, segment...)
	for _, args := range [][]string{
		{"status"}, {"status", "--format", "json"}, {"status", "--format"}, {"status", "--format", "prompt", "--unknown"}, {"status", "--format", "prompt", "x"},
		{"--format", "prompt", "status"}, {"status", "status", "--format", "prompt"}, {"status", "--format", "prompt", "--shell", "sh"},
		{"status", "--format", "prompt", "--symbol", "$(id)"}, {"status", "--format", "prompt", "--file", "relative.json"}, {"status", "--format", "prompt", "--file="},
		{"status", "--format", "prompt", "--file", "/elsewhere.json"}, {"status", "--format", "prompt", "--no-color=1"}, {"status", "--format", "prompt", "-h"},
		{"status", "--format", "porcelain", "--color"}, {"__prompt"}, {"__prompt", "a", "b"}, {"show"}, {"--help"}, {},
	} {
		h.expect("-", 0, args...)
	}
	for _, name := range prompt.Winners {
		h.env[name] = "0"
		h.expect("-", 0, segment...)
		delete(h.env, name)
	}
	for _, file := range []string{filepath.Join(h.home, ".claude/settings.json"), ".claude/settings.local.json"} {
		if out, _ := h.ask("status", "--format", "porcelain"); !strings.HasPrefix(out, "version 1\n") {
			t.Errorf("porcelain: %q", out)
		}
		for _, text := range []string{`{"apiKeyHelper":"x"}`, `{"env":{}}`, `{"\u0065nv":{}}`} {
			h.write(file, text)
			h.expect("-", 0, "status", "--format", "porcelain")
			h.expect("", 0, segment...) // nothing to say either way
		}
		h.write(file, `{"model":"x"}`)
	}
	h.write(h.file(), `{"claudeAiOauth":`)
	h.expect("-", 0, segment...)
}

func TestPlumbing(t *testing.T) {
	h := newHouse(t)
	h.saved()
	h.expect("\n", 0, prompt.Plumbing, "key")
	text, err := os.ReadFile(filepath.Join(h.state(), "prompt"))
	if want := "1772367000\nkey\n" + h.file() + "\n\n"; err != nil || string(text) != want {
		t.Errorf("state %q, %v; want %q", text, err, want)
	}
	info, _ := os.Stat(filepath.Join(h.state(), "prompt"))
	document, _ := os.Stat(h.file())
	if !info.ModTime().Equal(document.ModTime()) {
		t.Errorf("its time is %v, want %v", info.ModTime(), document.ModTime())
	}
	h.expect("\n", 0, prompt.Plumbing, "other|1")
	if after, _ := os.ReadFile(filepath.Join(h.state(), "prompt")); string(after) != string(text) {
		t.Errorf("a key that says shadowed was answered with %q", after)
	}
	// A directory in its place: the segment is printed all the same.
	if err := os.Remove(filepath.Join(h.state(), "prompt")); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(filepath.Join(h.state(), "prompt"), 0o700); err != nil {
		t.Fatal(err)
	}
	h.expect("\n", 0, prompt.Plumbing, "key")
	if left, _ := filepath.Glob(filepath.Join(h.state(), "prompt.tmp*")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}
