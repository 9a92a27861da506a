package ui

import (
	"fmt"
	"strings"
)

// The widest lines of Prose in columns, and those in a pipe, as for a pager.
const (
	proseWidth = 100
	pipedWidth = 80
)

// Prose writes paragraphs. Lines that follow each other are one paragraph, folded at the terminal's width; a line that
// begins with a space stays a line of its own.
func (u *UI) Prose(text string) { u.Page(reflow(text)) }

// Page is Prose for a text that has each paragraph on one line. A line of a two-column list (a word, two spaces or
// more, and what it means) is folded below what it means.
func (u *UI) Page(text string) {
	page := *u
	page.width = min(u.width, proseWidth)
	if u.width == 0 {
		page.width = pipedWidth
	}
	for line := range strings.Lines(text) {
		name, meaning, _ := strings.Cut(line, "  ")
		if name == "" || meaning == "" || strings.Contains(name, " ") {
			page.Text(line)
			continue
		}
		meaning = strings.TrimLeft(meaning, " ")
		lead := strings.TrimSuffix(line, meaning)
		fmt.Fprintln(page.text(), Hang(lead, page.forPeople(strings.TrimRight(meaning, " \n")), page.width))
	}
}

// reflow joins the lines of each paragraph.
func reflow(text string) string {
	var out strings.Builder
	open := false // the line before can be continued
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, " \n")
		isProse := line != "" && line[0] != ' '
		switch {
		case open && isProse:
			out.WriteString(" ")
		case open:
			out.WriteString("\n")
		}
		out.WriteString(line)
		if open = isProse; !open {
			out.WriteString("\n")
		}
	}
	if open {
		out.WriteString("\n")
	}
	return out.String()
}
