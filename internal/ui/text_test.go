package ui

import (
	"bytes"
	"slices"
	"testing"
)

func TestText(t *testing.T) {
	text := "one two three four five six seven eight nine\n\n    indented one two three four five six seven\n  short\n"
	for width, want := range map[int]string{
		0:  text,
		40: "one two three four five six seven eight\nnine\n\n    indented one two three four five six\n    seven\n  short\n",
	} {
		var out bytes.Buffer
		(&UI{Out: &out, width: width}).Text(text)
		if out.String() != want {
			t.Errorf("width %d:\n%s\nwant:\n%s", width, out.String(), want)
		}
	}
}

func TestReveal(t *testing.T) {
	secret := "sk-ant-oat01-FIXTURE\x1b[31m\u202e\xff\n"
	for width, want := range map[int]string{0: secret, 40: "sk-ant-oat01-FIXTURE\\x1b[31m\\u202e\\ufffd\n"} {
		var out bytes.Buffer
		if err := (&UI{Out: &out, width: width}).Reveal(secret); err != nil || out.String() != want {
			t.Errorf("width %d: %q, %v; want %q", width, out.String(), err, want)
		}
	}
}

func TestNotesAreFolded(t *testing.T) {
	for width, want := range map[int]string{
		0: "claude-auth: ~/.claude is locked by another process (claude, pid 4312)\nhint: try again\n",
		40: "claude-auth: ~/.claude is locked by\n             another process (claude,\n" +
			"             pid 4312)\nhint: try again\n",
	} {
		var out bytes.Buffer
		u := &UI{Err: &out, errWidth: width, home: "/home/eve"}
		u.Notef("%s is locked by another process (claude, pid %d)", "/home/eve/.claude", 4312)
		u.Hintf("try again")
		if out.String() != want {
			t.Errorf("width %d:\n%s\nwant:\n%s", width, out.String(), want)
		}
	}
}

func TestShortenHome(t *testing.T) {
	for text, want := range map[string]string{
		"/home/eve/.claude/x":        "~/.claude/x",
		"in /home/eve: '/home/eve/'": "in /home/eve: '/home/eve/'",
		"/home/evelyn/x":             "/home/evelyn/x",
		"/mnt/home/eve/x":            "/mnt/home/eve/x",
		"HOME=/home/eve":             "HOME=/home/eve",
		"/home/eve.":                 "/home/eve.",
	} {
		if got := shortenHome(text, "/home/eve"); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
	if got := shortenHome("/x", ""); got != "/x" {
		t.Errorf("without a home: %q", got)
	}
}

func TestLongWordsStayWhole(t *testing.T) {
	text := "see /a/path/that/is/longer/than/the/line there"
	want := []string{"see", "/a/path/that/is/longer/than/the/line", "there"}
	if got := wrap(text, 16); !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	for _, part := range wrapHard(text, 16) {
		if textWidth(part) > 16 {
			t.Errorf("in a panel, a line has more than 16 columns: %q", part)
		}
	}
}

func TestCommandsStayWhole(t *testing.T) {
	for text, want := range map[string][]string{
		"To fix it: claude-auth recover":          {"To fix it:", "claude-auth recover"},
		"run 'chmod u+rwx ~/.claude' now":         {"run 'chmod u+rwx", "~/.claude' now"},
		"(run 'ls -l ~/x') or don't do it, isn't": {"(run 'ls -l ~/x') or", "don't do it, isn't"},
		"Later: claude-auth undo -f":              {"Later:", "claude-auth undo -f"},
	} {
		if got := wrap(text, 20); !slices.Equal(got, want) {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

func TestTextf(t *testing.T) {
	var out bytes.Buffer
	u := &UI{Out: &out, width: 40, home: "/home/eve"}
	u.Textf("Restored %s (%s)", "/home/eve/.claude/x", "undid the edit of 01:59:45")
	if want := "Restored ~/.claude/x (undid the edit of\n01:59:45)\n"; out.String() != want {
		t.Errorf("%q, want %q", out.String(), want)
	}
}
