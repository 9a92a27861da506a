package ui

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/claude-auth/claude-auth/internal/paths"
)

func TestCleanLetsNothingThrough(t *testing.T) {
	in := "a\x1b]0;title\x07b\u009b31mc\u202ed\r\ntoken sk-ant-oat01-FIXTUREclean\tend \xff"
	out := Clean(in)
	for _, bad := range []string{"\x1b", "\x07", "\u009b", "\u202e", "\r", "FIXTURE", "\xff"} {
		if strings.Contains(out, bad) {
			t.Errorf("Clean leaves %q in %q", bad, out)
		}
	}
	for _, good := range []string{"a", "title", "\n", "\t", "end"} {
		if !strings.Contains(out, good) {
			t.Errorf("Clean takes %q out of %q", good, out)
		}
	}
}

func TestFailIsOneLineAndAHint(t *testing.T) {
	var out bytes.Buffer
	u := &UI{Err: &out}
	u.Fail(WithHint(errors.Join(errors.New("first"), errors.New("second\x1b[31m")), "run 'x'"))
	if got, want := out.String(), "claude-auth: first second\\x1b[31m\nhint: run 'x'\n"; got != want {
		t.Errorf("Fail wrote %q, want %q", got, want)
	}
}

func TestTable(t *testing.T) {
	rows := [][]Cell{{{Text: "a"}, {Text: "one two three four five six seven"}}, {{Text: "long name"}, {Text: "x"}}}
	for width, want := range map[int]string{
		0:  "a          one two three four five six seven\nlong name  x\n",
		40: "a          one two three four five six\n           seven\nlong name  x\n",
	} {
		var out bytes.Buffer
		(&UI{Out: &out, width: width}).Table(rows)
		if out.String() != want {
			t.Errorf("width %d:\n%s\nwant:\n%s", width, out.String(), want)
		}
	}
}

func TestTableFoldsWhatIsTooNarrow(t *testing.T) {
	var out bytes.Buffer
	(&UI{Out: &out, width: 40}).Table([][]Cell{{
		{Text: strings.Repeat("k", 30)}, {Text: "some words and averyveryveryverylongwordthatfitsnowhereatall"},
	}})
	for _, line := range strings.Split(out.String(), "\n") {
		oneWord := !strings.Contains(strings.TrimSpace(line), " ") // stays whole, so that it can be copied
		if textWidth(line) > 40 && !oneWord {
			t.Errorf("a line is wider than 40 columns: %q", line)
		}
	}
	want := strings.Repeat("k", 30) + "somewordsandaveryveryveryverylongwordthatfitsnowhereatall"
	if got := strings.Join(strings.Fields(out.String()), ""); got != want {
		t.Errorf("something was lost: %q", got)
	}
}

func TestStyledOnlyWithColor(t *testing.T) {
	if got := (&UI{}).styled(Bad, "x"); got != "x" {
		t.Errorf("without colour: %q", got)
	}
	if got := (&UI{color: true}).styled(Bad, "x\x1b[0m"); got != "\x1b[31mx\\x1b[0m\x1b[0m" {
		t.Errorf("with colour: %q", got)
	}
}

func TestJSONHasWholeSeconds(t *testing.T) {
	var out bytes.Buffer
	at := time.Date(2026, 1, 2, 3, 4, 5, 678_900_000, time.UTC)
	value := struct {
		At, Even time.Time
		List     []time.Time
		Text     string
	}{at, at.Truncate(time.Second), []time.Time{at, at}, `a "2026-01-02T03:04:05.6Z"`}
	if err := (&UI{Out: &out}).JSON(value); err != nil {
		t.Fatal(err)
	}
	want := `{
  "At": "2026-01-02T03:04:05Z",
  "Even": "2026-01-02T03:04:05Z",
  "List": [
    "2026-01-02T03:04:05Z",
    "2026-01-02T03:04:05Z"
  ],
  "Text": "a \"2026-01-02T03:04:05.6Z\""
}
`
	if out.String() != want {
		t.Errorf("%s", out.String())
	}
}

func TestColor(t *testing.T) {
	for _, test := range []struct {
		color    Color
		env      string
		able     bool
		want     bool
		suppress bool
	}{
		{ColorAuto, "", true, true, false},
		{ColorAuto, "", false, false, false},
		{"", "", true, true, false},
		{ColorAuto, "NO_COLOR=1", true, false, true},
		{ColorAuto, "NO_COLOR=", true, true, false},
		{ColorAuto, "CLICOLOR_FORCE=1", false, true, false},
		{ColorAuto, "CLICOLOR_FORCE=0", false, false, false},
		{ColorAuto, "CLICOLOR_FORCE=1 NO_COLOR=1", true, false, true},
		{ColorAlways, "NO_COLOR=1", false, true, false},
		{ColorNever, "CLICOLOR_FORCE=1", true, false, true},
	} {
		env := paths.New(strings.Fields(test.env))
		if got := test.color.wanted(env, test.able); got != test.want {
			t.Errorf("%+v: %v", test, got)
		}
		if got := test.color.Suppressed(env); got != test.suppress {
			t.Errorf("%+v: suppressed is %v", test, got)
		}
	}
}

// Quiet silences text, and neither errors nor JSON.
func TestQuiet(t *testing.T) {
	var out, errs bytes.Buffer
	u := &UI{Out: &out, Err: &errs}
	u.Quiet()
	u.Printf("a")
	u.Text("b\n")
	u.Table([][]Cell{{{Text: "c"}}})
	u.Line(Cell{Text: "d"})
	u.Notef("e")
	u.Hintf("f")
	u.Fail(WithHint(errors.New("wrong"), "help"))
	if err := u.JSON(1); err != nil || out.String() != "1\n" || errs.String() != "claude-auth: wrong\nhint: help\n" {
		t.Errorf("%q, %q, %v", out.String(), errs.String(), err)
	}
}
