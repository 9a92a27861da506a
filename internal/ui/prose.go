package ui

import "strings"

// The widest lines of Prose in columns, and those in a pipe, as for a pager.
const (
	proseWidth = 100
	pipedWidth = 80
)

// Prose writes paragraphs. Lines that follow each other are one paragraph, folded at the terminal's width; a line that
// begins with a space stays a line of its own.
func (u *UI) Prose(text string) { u.Page(reflow(text)) }

// Page is Prose for a text that has each paragraph on one line.
func (u *UI) Page(text string) {
	page := *u
	page.width = min(u.width, proseWidth)
	if u.width == 0 {
		page.width = pipedWidth
	}
	page.Text(text)
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
