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

// columnGap is between two columns.
const columnGap = "  "

// Table writes rows in aligned columns. On a narrow terminal it folds the last column onto indented lines; in a pipe
// it does not, so that a program can read the lines.
func (u *UI) Table(rows [][]Cell) {
	var widths []int
	for _, row := range rows {
		for i, cell := range row[:len(row)-1] { // the last cell of a row needs no padding
			if i == len(widths) {
				widths = append(widths, 0)
			}
			widths[i] = max(widths[i], textWidth(u.forPeople(cell.Text)))
		}
	}
	for _, row := range rows {
		u.tableRow(row, widths)
	}
}

func (u *UI) tableRow(row []Cell, widths []int) {
	var line strings.Builder
	indent, last := 0, row[len(row)-1]
	for i, cell := range row[:len(row)-1] {
		padding := widths[i] - textWidth(u.forPeople(cell.Text))
		line.WriteString(u.styled(cell.Style, cell.Text) + strings.Repeat(" ", padding) + columnGap)
		indent += widths[i] + len(columnGap)
	}
	for i, part := range fold(u.forPeople(last.Text), u.width, &indent) {
		if i > 0 {
			line.WriteString("\n" + strings.Repeat(" ", indent))
		}
		line.WriteString(u.styled(last.Style, part))
	}
	fmt.Fprintln(u.text(), strings.TrimRight(line.String(), " "))
}
