package harness_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/claude-auth/claude-auth/internal/test/harness"
)

func TestPlain(t *testing.T) {
	for output, want := range map[string]string{
		"\x1b[3GPlease \x1b[10Grun \x1b[14G/login\r\r\n": "Please run /login",
		"\x1b[38;5;220m●\x1b[39m\x1b[3GLogin":            "● Login",
		"\x1b]0;title\x07a\x1b]8;;x\x1b\\b":              "a b",
		"re\x1b[1md\x1b[22m":                             "red",
		"❯\u00a0\x1b[7m \x1b[27m":                        "❯",
	} {
		if got := harness.Plain(output); got != want {
			t.Errorf("Plain(%q) = %q, want %q", output, got, want)
		}
	}
}

func TestTerminal(t *testing.T) {
	terminal, err := harness.StartTerminal(exec.Command("sh", "-c",
		`stty -echo; echo ready; read a; stty size; echo "got $a"; exit 3`), 72, 20)
	if err != nil {
		t.Fatal(err)
	}
	for _, err := range []error{
		terminal.Expect("ready"), terminal.Resize(50, 10), terminal.Line("hello"), terminal.Expect("10 50 got hello"),
	} {
		if err != nil {
			t.Error(err)
		}
	}
	if err := terminal.Expect("hello"); err == nil {
		t.Error("a text was found twice that came once")
	}
	if status, err := terminal.Wait(); status != 3 || err != nil {
		t.Errorf("Wait = %d, %v; want 3", status, err)
	}
}

func TestTerminalHangup(t *testing.T) {
	terminal, err := harness.StartTerminal(exec.Command("sh", "-c", "echo ready; read a"), 80, 24)
	if err != nil {
		t.Fatal(err)
	}
	if err := terminal.Expect("ready"); err != nil {
		t.Error(err)
	}
	if err := terminal.Hangup(); err != nil {
		t.Error(err)
	}
	if status, err := terminal.Wait(); status != 128+1 || err != nil {
		t.Errorf("Wait = %d, %v; want the hangup's 129", status, err)
	}
}

func TestHold(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.lock")
	release, err := harness.Hold(path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := harness.Hold(path); err == nil {
		t.Error("a lock was held twice")
	}
	release()
	release()
	if _, err := os.Stat(path); !os.IsNotExist(err) {
		t.Errorf("after release: %v", err)
	}
}

func TestDocuments(t *testing.T) {
	for _, kind := range harness.Kinds() {
		text, err := harness.Document(kind, nil, time.Now())
		if err != nil {
			t.Error(err)
		}
		if !json.Valid(text) {
			t.Errorf("%s is no JSON: %s", kind, text)
		}
	}
	if _, err := harness.Document("nonsense", nil, time.Now()); err == nil {
		t.Error("there is a fixture of any name")
	}
}
