package notify_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/claude-auth/claude-auth/internal/notify"
	"github.com/claude-auth/claude-auth/internal/paths"
	"github.com/claude-auth/claude-auth/internal/system"
)

// fake makes programs that write their arguments, one a line, to the file that is returned.
func fake(t *testing.T, names ...string) (dir, said string) {
	t.Helper()
	dir = t.TempDir()
	said = filepath.Join(dir, "said")
	script := "#!/bin/sh\nprintf '%s\\n' \"${0##*/}\" \"$@\" >>'" + said + "'\n"
	for _, name := range names {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(script), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	return dir, said
}

func TestShow(t *testing.T) {
	const title, text = "--help\x1b[2J $(id) 'x'", "<b>&\n{a}"
	for _, test := range []struct {
		name, system string
		tools        []string
		env          []string
		want         string // "" for no notification
	}{
		{
			"X11", "linux", []string{"notify-send"}, []string{"DISPLAY=:0"},
			"notify-send|--app-name=claude-auth|--urgency=critical|--|--help [2J $(id) 'x'|&lt;b&gt;&amp; {a}|",
		},
		{"Wayland", "linux", []string{"notify-send"}, []string{"WAYLAND_DISPLAY=w"}, "notify-send|"},
		{"a session bus", "linux", []string{"notify-send"}, []string{"DBUS_SESSION_BUS_ADDRESS=x"}, "notify-send|"},
		{"no desktop", "linux", []string{"notify-send"}, []string{"DISPLAY="}, ""},
		{"no program", "linux", []string{"osascript"}, []string{"DISPLAY=:0"}, ""},
		{
			"a Mac", "darwin", []string{"osascript", "notify-send"}, nil,
			"osascript|-e|on run argv|-e|display notification (item 2 of argv) with title (item 1 of argv)|" +
				"-e|end run|--|--help [2J $(id) 'x'|<b>& {a}|",
		},
		{
			"a Mac with terminal-notifier", "darwin", []string{"osascript", "terminal-notifier"}, nil,
			"terminal-notifier|-title|· --help [2J $(id) 'x'|-message|· <b>& {a}|",
		},
		{"a Mac over ssh", "darwin", []string{"osascript"}, []string{"SSH_CONNECTION=x"}, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			dir, said := fake(t, test.tools...)
			env := paths.New(append(test.env, "PATH=relative:"+dir+":/nowhere"))
			desktop := notify.Desktop{System: system.System{Name: test.system}, Env: env}
			if got := desktop.Available(); got != (test.want != "") {
				t.Errorf("Available() = %v", got)
			}
			err := desktop.Show(t.Context(), title, text)
			if (err == nil) != (test.want != "") {
				t.Errorf("Show() = %v", err)
			}
			got, _ := os.ReadFile(said)
			if line := strings.ReplaceAll(string(got), "\n", "|"); !strings.HasPrefix(line, test.want) ||
				(test.want == "") != (line == "") {
				t.Errorf("called: %q, want %q", line, test.want)
			}
		})
	}
}

// TestShowSecrets checks that the program is not given a credential, and that a failure is reported.
func TestShowSecrets(t *testing.T) {
	dir := t.TempDir()
	script := "#!/bin/sh\n[ -z \"$ANTHROPIC_API_KEY\" ] && exit 3\nexit 0\n"
	if err := os.WriteFile(filepath.Join(dir, "notify-send"), []byte(script), 0o700); err != nil {
		t.Fatal(err)
	}
	env := paths.New([]string{"DISPLAY=:0", "PATH=" + dir, "ANTHROPIC_API_KEY=FIXTURE"})
	err := notify.Desktop{System: system.System{Name: "linux"}, Env: env}.Show(t.Context(), "a", "b")
	if err == nil || err.Error() != "exit status 3" {
		t.Errorf("Show() = %v, want the status of a program without the key", err)
	}
}

func TestShowLong(t *testing.T) {
	dir, said := fake(t, "notify-send")
	env := paths.New([]string{"DISPLAY=:0", "PATH=" + dir})
	desktop := notify.Desktop{System: system.System{Name: "linux"}, Env: env}
	if err := desktop.Show(t.Context(), strings.Repeat("ä", 1000), "text"); err != nil {
		t.Fatal(err)
	}
	got, _ := os.ReadFile(said)
	if want := "\n" + strings.Repeat("ä", 299) + "…\ntext\n"; !strings.HasSuffix(string(got), want) {
		t.Errorf("called: %q", got)
	}
}
