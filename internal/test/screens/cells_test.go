package screens

import (
	"encoding/xml"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestParseScreen(t *testing.T) {
	s := parseScreen("plain \x1b[1m\x1b[31mred\x1b[0m  \n\x1b(B\x1b[38;5;220m●\x1b[39m\x1b[48;5;1m x\x1b[49m\n   \n\n")
	if got, want := s.text(), "plain red\n● x\n"; got != want {
		t.Fatalf("text is %q, want %q", got, want)
	}
	for _, c := range []struct {
		row, column int
		want        style
	}{
		{0, 0, unstyled}, {0, 6, style{foreground: 1, bold: true}}, {1, 0, style{foreground: 220}}, {1, 2, unstyled},
	} {
		if got := s[c.row][c.column].style; got != c.want {
			t.Errorf("the style in row %d, column %d is %v, want %v", c.row, c.column, got, c.want)
		}
	}
}

func TestMask(t *testing.T) {
	state := strings.Repeat("a_-4567", 6) + "8"
	s := parseScreen("at 2026-11-27 09:43, undid 09:43:22, 4:31 left\nhttps://x/?st\nate=" + state[:20] + "\n" +
		state[20:] + "\nPaste\nSession: 00000000-1111-2222-3333-444444444444\nuid 0 (you)\n")
	s.mask(-258)
	s.replace("uid 0", "uid 1000")
	want := "at 2026-03-14 09:41, undid 09:41:07, 4:52 left\nhttps://x/?st\nate=x7Qm2vKd9RtYh4Wz1NbL\n" +
		"s8Jf6PcGa3Ue5XoTi0Vy-kE\nPaste\nSession: 431dab9d-390e-4e9a-9022-e79254b4905a\nuid 1000 (you)\n"
	if got := s.text(); got != want {
		t.Errorf("the screen is\n%swant\n%s", got, want)
	}
}

func TestZone(t *testing.T) {
	begun := time.Date(2026, time.January, 1, 0, 0, 0, 0, time.UTC)
	for hours := range 24 * 400 {
		now := begun.Add(time.Duration(hours)*time.Hour + 1234*time.Second)
		ahead, days := zoneAt(now)
		local := now.Add(time.Duration(ahead)*time.Second).AddDate(0, 0, days)
		if !local.Equal(clock) || ahead <= -12*3600 || ahead > 12*3600 {
			t.Fatalf("at %v it is %v, with a zone of %d s and %d days", now, local, ahead, days)
		}
	}
}

// TestDrawings holds the drawings to what a page may show: XML without scripts or addresses, with a title, and small.
func TestDrawings(t *testing.T) {
	files, err := filepath.Glob(recordings + "/*.svg")
	if err != nil || len(files) == 0 {
		t.Fatalf("there are no drawings: run make screens (%v)", err)
	}
	for _, path := range files {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if len(text) > 60_000 {
			t.Errorf("%s has %d bytes", path, len(text))
		}
		var found []string
		for decoder := xml.NewDecoder(strings.NewReader(string(text))); ; {
			token, err := decoder.Token()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				t.Fatalf("%s: %v", path, err)
			}
			if element, ok := token.(xml.StartElement); ok {
				found = append(found, element.Name.Local)
			}
		}
		elements := " " + strings.Join(found, " ") + " "
		if !strings.Contains(elements, " title ") || !strings.Contains(elements, " text ") ||
			strings.Contains(elements, " script ") || strings.Contains(elements, " a ") {
			t.Errorf("%s has the elements %s", path, elements)
		}
	}
}
