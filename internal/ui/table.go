package ui

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// Cell is one field of a table.
type Cell struct {
	Text  string
	Style Style
}

// columnGap stands between two columns.
const columnGap = "  "

// Table writes rows in aligned columns. On a terminal that is too narrow the last column is folded onto indented
// lines of its own; in a pipe nothing is folded, so that a program can read it.
func (u *UI) Table(rows [][]Cell) {
	widths := columnWidths(rows)
	for _, row := range rows {
		u.tableRow(row, widths)
	}
}

func columnWidths(rows [][]Cell) []int {
	var widths []int
	for _, row := range rows {
		for i, cell := range row[:max(len(row)-1, 0)] { // the last cell of a row needs no padding
			if i == len(widths) {
				widths = append(widths, 0)
			}
			widths[i] = max(widths[i], textWidth(Clean(cell.Text)))
		}
	}
	return widths
}

func (u *UI) tableRow(row []Cell, widths []int) {
	var line strings.Builder
	indent := 0
	for i, cell := range row[:max(len(row)-1, 0)] {
		line.WriteString(u.Styled(cell.Style, cell.Text))
		line.WriteString(strings.Repeat(" ", widths[i]-textWidth(Clean(cell.Text))))
		line.WriteString(columnGap)
		indent += widths[i] + len(columnGap)
	}
	if len(row) > 0 {
		last := row[len(row)-1]
		folded := fold(Clean(last.Text), u.width, &indent)
		for i, part := range folded {
			if i > 0 {
				line.WriteString("\n" + strings.Repeat(" ", indent))
			}
			line.WriteString(u.Styled(last.Style, part))
		}
	}
	fmt.Fprintln(u.Out, strings.TrimRight(line.String(), " "))
}

// minFold is the narrowest column worth folding into; below it the text starts on the next line.
const minFold = 16

// fold breaks text at spaces so that each part fits between indent and width; a width of 0 keeps it in one piece. Where
// too little room is left, the first part is empty and indent becomes a small one.
func fold(text string, width int, indent *int) []string {
	if width == 0 || *indent+textWidth(text) <= width {
		return []string{text}
	}
	var parts []string
	if width-*indent < minFold {
		*indent = 4
		parts = append(parts, "")
	}
	room := width - *indent
	for textWidth(text) > room {
		cut := breakAt(text, room)
		parts = append(parts, strings.TrimRight(text[:cut], " "))
		text = strings.TrimLeft(text[cut:], " ")
	}
	return append(parts, text)
}

// breakAt returns the byte offset of the last space within the first room columns, or of the column itself in a word
// that is longer than that.
func breakAt(text string, room int) int {
	column, space := 0, -1
	for i, r := range text {
		if r == ' ' {
			space = i
		}
		if column == room {
			if space > 0 {
				return space
			}
			return max(i, 1)
		}
		column++
	}
	return len(text)
}

// textWidth counts columns as one each character, which holds for all that this program itself writes.
func textWidth(text string) int { return utf8.RuneCountInString(text) }
