package config

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/claude-auth/claude-auth/internal/paths"
)

// file writes text to a file of settings and returns its path.
func file(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "config")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// loads are files and environments, with what they make of a setting.
var loads = []struct {
	name, text string
	env        []string
	key        string
	want       string // VALUE PLACE
	problem    string // behind the path, or the variable
}{
	{name: "default", key: Mode, want: "ask default"},
	{name: "no default", key: Browser, want: " default"},
	{name: "file", text: "# mine\n\n mode=auto\r\n", key: Mode, want: "auto :3"},
	{name: "no line feed", text: "guard = off", key: Guard, want: "off :1"},
	{name: "byte order mark", text: "\ufeffmode = off\n", key: Mode, want: "off :1"},
	{name: "spaces in a value", text: "browser = /opt/my browser\n", key: Browser, want: "/opt/my browser :1"},
	{name: "an equals sign in a value", text: "browser = a=b\n", key: Browser, want: "a=b :1"},
	{
		name: "the environment overrides the file", text: "mode = auto\n", env: []string{"CLAUDE_AUTH_MODE=off"},
		key: Mode, want: "off CLAUDE_AUTH_MODE",
	},
	{name: "an empty variable", text: "mode = auto\n", env: []string{"CLAUDE_AUTH_MODE="}, key: Mode, want: "auto :1"},
	{
		name: "a bad value", text: "mode = Auto\n", key: Mode, want: "ask default",
		problem: `:1: mode must be ask, auto or off, not "Auto"`,
	},
	{
		name: "a bad variable", text: "mode = auto\n", env: []string{"CLAUDE_AUTH_MODE=autoo"}, key: Mode,
		want: "ask default", problem: `CLAUDE_AUTH_MODE must be ask, auto or off, not "autoo"`,
	},
	{
		name: "a good variable, and a bad line", text: "mode = x\n", env: []string{"CLAUDE_AUTH_MODE=off"}, key: Mode,
		want: "off CLAUDE_AUTH_MODE", problem: `:1: mode must be ask, auto or off, not "x"`,
	},
	{
		name: "twice", text: "mode = auto\nmode = off\n", key: Mode, want: "auto :1",
		problem: ":2: mode is already set in line 1",
	},
	{
		name: "a comment behind a value", text: "color = never # why\n", key: Color, want: "auto default",
		problem: `:1: color must be auto, always or never, not "never # why"`,
	},
	{
		name: "an unknown key", text: "foo = 1\n", key: Mode, want: "ask default",
		problem: `:1: unknown setting "foo": expected mode, guard, timeout, color, browser or notify`,
	},
	{name: "no key", text: "= 1\n", key: Mode, want: "ask default", problem: `:1: expected KEY = VALUE, not "= 1"`},
	{name: "no value", text: "mode\n", key: Mode, want: "ask default", problem: `:1: expected KEY = VALUE, not "mode"`},
	{
		name: "an empty value", text: "browser =\n", key: Browser, want: " default",
		problem: ":1: browser must be the name or the path of a program",
	},
	{
		name: "a negative time", text: "timeout = -5m\n", key: Timeout, want: "5m default",
		problem: `:1: timeout must be a time such as 5m or 90s, not "-5m"`,
	},
}

func TestLoad(t *testing.T) {
	for _, test := range loads {
		path := file(t, test.text)
		c, err := Load(paths.New(test.env), path)
		s := c.Of(test.key)
		if got := s.Value + " " + strings.TrimPrefix(s.Place(), path); got != test.want {
			t.Errorf("%s: %q, want %q", test.name, got, test.want)
		}
		problem := ""
		if err != nil {
			problem = strings.TrimPrefix(err.Error(), path)
		}
		if problem != test.problem {
			t.Errorf("%s: the problem is %q, want %q", test.name, problem, test.problem)
		}
		for _, problem := range Problems(err) {
			if problem.(*ValueError).Hint() == "" {
				t.Errorf("%s: %v has no hint", test.name, problem)
			}
		}
	}
}

// Without a file, and before anything was loaded, every setting has its default.
func TestDefaults(t *testing.T) {
	none, err := Load(paths.New(nil), filepath.Join(t.TempDir(), "none"))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []Config{none, {}} {
		if c.Timeout() != DefaultTimeout || !c.Guarded() || c.Get(Mode) != "ask" || len(c.All()) != len(Keys()) {
			t.Errorf("%+v", c.All())
		}
	}
	for _, key := range Keys() {
		if key.Default != "" && key.Check(key.Default) != nil {
			t.Errorf("the default of %s is not valid", key.Name)
		}
	}
	c, err := Load(paths.New([]string{"CLAUDE_AUTH_TIMEOUT=90s", "CLAUDE_AUTH_GUARD=off"}), "")
	if err != nil || c.Timeout() != 90*time.Second || c.Guarded() {
		t.Errorf("%v %v %v", c.Timeout(), c.Guarded(), err)
	}
}

func TestChanges(t *testing.T) {
	for _, test := range []struct{ name, before, after string }{
		{"a new key", "# mine\n", "# mine\nmode = off\n"},
		{"an empty file", "", "mode = off\n"},
		{"behind a line without a line feed", "guard = on", "guard = on\nmode = off\n"},
		{"in its place", "\n# a\nmode=auto\n# b\n", "\n# a\nmode = off\n# b\n"},
		{"with its line ending", "mode=auto\r\nx\r\n", "mode = off\r\nx\r\n"},
		{"once", "mode = x\nguard = on\nmode = y\n", "mode = off\nguard = on\n"},
	} {
		f, err := Open(file(t, test.before))
		if err != nil {
			t.Fatal(err)
		}
		f.Set(Mode, "off")
		if f.text != test.after {
			t.Errorf("%s: %q, want %q", test.name, f.text, test.after)
		}
		if f.Unset(Mode); f.Has(Mode) || strings.Contains(f.text, "mode") {
			t.Errorf("%s: unset leaves %q", test.name, f.text)
		}
	}
}

// What another program has written meanwhile is not overwritten.
func TestWriteAfterAChange(t *testing.T) {
	path := file(t, "mode = off\n")
	f, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte("guard = off\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	f.Set(Mode, "auto")
	if err := f.Write(); err == nil || !strings.Contains(err.Error(), "another program has changed it") {
		t.Errorf("the error is %v", err)
	}
	if now, _ := os.ReadFile(path); string(now) != "guard = off\n" {
		t.Errorf("the file has %q", now)
	}
}

// A line that ends with a CR keeps it, and nothing in a file makes the reader fail otherwise than with problems.
func FuzzLoad(f *testing.F) {
	for _, text := range []string{"", "mode = auto\n", "# x\r\nmode=\r\n", "=\n", "\ufeff#\n", "a=b\na=c\n\x00"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		file := &File{path: "config"}
		file.parse(text)
		if file.text != text {
			t.Fatalf("%q is read as %q", text, file.text)
		}
		before := len(file.problems())
		file.Set(Mode, "auto")
		if l, ok := file.find(Mode); !ok || l.value != "auto" || len(file.problems()) > before {
			t.Fatalf("%q: after set it is %q, with %v", text, file.text, file.problems())
		}
	})
}
