package ui

import (
	"strings"
	"testing"
)

var longPanel = Panel{
	Title: "Your Claude Code login has stopped working",
	Texts: []Cell{
		{Text: "Anthropic rejected it: 401 Invalid authentication credentials."},
		{Text: "Sign in again? Only the rejected login is removed, and you can undo it.\nYour session stays open."},
	},
	Keys: []PanelKey{{"Enter", "sign in"}, {"d", "details"}, {"x", "don't ask again"}, {"Esc", "not now"}},
}

// narrowPanel has keys that never fit on one line.
var narrowPanel = Panel{
	Title: longPanel.Title, Texts: longPanel.Texts,
	Keys: []PanelKey{
		{"Enter", "sign in"}, {"d", "details"},
		{"Esc", "not now: back to the session, and no such question for this login in this session"},
	},
}

func TestPanelFitsEveryWindow(t *testing.T) {
	for _, size := range [][2]int{{100, 40}, {60, 20}, {38, 24}, {38, 8}, {20, 6}, {100, 3}} {
		drawn := string((&UI{}).Panel(narrowPanel, size[0], size[1]))
		lines := strings.Split(strings.TrimPrefix(drawn, "\x1b[0m\x1b[2J\x1b[H"), "\r\n")
		for _, line := range lines {
			if textWidth(line) >= size[0] {
				t.Errorf("%v: %q is too wide", size, line)
			}
		}
		whole := strings.Join(lines, "\n")
		if !strings.Contains(whole, "Your Claude") || !strings.Contains(whole, "Enter") || !strings.Contains(whole, "Esc") {
			t.Errorf("%v: the title or a key is missing:\n%s", size, whole)
		}
		if size[1] >= 8 && len(lines) > size[1] {
			t.Errorf("%v: %d lines", size, len(lines))
		}
	}
}

func TestPanelLosesNoWord(t *testing.T) {
	for _, columns := range []int{100, 60, 38} {
		got := strings.Join(strings.Fields(string((&UI{}).Panel(narrowPanel, columns, 50))), " ")
		for _, text := range append(narrowPanel.Texts, Cell{Text: narrowPanel.Keys[2].Does}) {
			if want := strings.Join(strings.Fields(text.Text), " "); !strings.Contains(got, want) {
				t.Errorf("%d columns: %q is missing in %q", columns, want, got)
			}
		}
	}
}

func TestPanelKeysShareALineWhereTheyFit(t *testing.T) {
	one := "Enter  sign in     d  details     x  don't ask again     Esc  not now"
	if drawn := string((&UI{}).Panel(longPanel, 80, 24)); !strings.HasSuffix(drawn, "\r\n  "+one) {
		t.Errorf("80 columns: %q", drawn)
	}
	below := "Enter  sign in\r\n d      details\r\n x      don't ask again\r\n Esc    not now"
	if drawn := string((&UI{}).Panel(longPanel, 40, 24)); !strings.HasSuffix(drawn, below) {
		t.Errorf("40 columns: %q", drawn)
	}
}

func TestPanelLetsNoEscapeThrough(t *testing.T) {
	texts := []Cell{{Text: "a\x1b[31m sk-ant-oat01-FIXTUREpanel", Style: Bad}}
	out := string((&UI{color: true}).Panel(Panel{Title: "t", Texts: texts, Below: true}, 60, 20))
	if strings.Contains(out, "a\x1b[31m") || strings.Contains(out, "FIXTURE") || strings.Contains(out, "\x1b[2J") {
		t.Errorf("%q", out)
	}
}

func TestSentence(t *testing.T) {
	for in, want := range map[string]string{
		"": "", "no login is saved": "No login is saved.", "It is.": "It is.", "été…": "Été…",
	} {
		if got := Sentence(in); got != want {
			t.Errorf("Sentence(%q) = %q, want %q", in, got, want)
		}
	}
}
