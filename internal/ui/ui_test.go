package ui

import (
	"bytes"
	"errors"
	"strings"
	"testing"
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
