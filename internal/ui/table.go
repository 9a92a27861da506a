package ui

import (
	"fmt"
	"strings"
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
