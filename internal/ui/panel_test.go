package ui

import (
	"strings"
	"testing"
)

var longPanel = Panel{
	Title: "claude-auth",
	Texts: []Cell{
		{
			Text: "The service refuses the saved login, which is 9 days old (the client said: Please run /login · " +
				"API Error: 401 Invalid authentication credentials).",
		},
		{Text: "Take out the dead login (everything else stays, and it can be undone), sign in again.\nThe session waits."},
	},
	Keys: []PanelKey{
		{"Enter", "sign in again"}, {"d", "details"},
		{"Esc", "not now: back to the session, and no such question for this login"},
	},
}

func TestPanelFitsEveryWindow(t *testing.T) {
	for _, size := range [][2]int{{100, 40}, {60, 20}, {38, 24}, {38, 8}, {20, 6}, {100, 3}} {
		drawn := string((&UI{}).Panel(longPanel, size[0], size[1]))
		lines := strings.Split(strings.TrimPrefix(drawn, "\x1b[0m\x1b[2J\x1b[H"), "\r\n")
		for _, line := range lines {
			if textWidth(line) >= size[0] {
				t.Errorf("%v: %q is too wide", size, line)
			}
		}
		whole := strings.Join(lines, "\n")
		if !strings.Contains(whole, "claude-auth") || !strings.Contains(whole, "Enter") || !strings.Contains(whole, "Esc") {
			t.Errorf("%v: the title or a key is missing:\n%s", size, whole)
		}
		if size[1] >= 8 && len(lines) > size[1] {
			t.Errorf("%v: %d lines", size, len(lines))
		}
	}
}

func TestPanelLosesNoWord(t *testing.T) {
	for _, columns := range []int{100, 60, 38} {
		got := strings.Join(strings.Fields(string((&UI{}).Panel(longPanel, columns, 50))), " ")
		for _, text := range append(longPanel.Texts, Cell{Text: longPanel.Keys[2].Does}) {
			if want := strings.Join(strings.Fields(text.Text), " "); !strings.Contains(got, want) {
				t.Errorf("%d columns: %q is missing in %q", columns, want, got)
			}
		}
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
