package ui

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode"
)

// Text writes lines of prose. On a terminal that is too narrow each is folded at its spaces, indented as it begins.
func (u *UI) Text(text string) {
	for line := range strings.Lines(Clean(text)) {
		line = strings.TrimRight(line, " \n")
		bare := strings.TrimLeft(line, " ")
		indent := len(line) - len(bare)
		lead := strings.Repeat(" ", indent)
		for _, part := range fold(bare, u.width, &indent) {
			fmt.Fprintln(u.Out, strings.TrimRight(lead+part, " "))
		}
	}
}

// Reveal writes text as it is, secrets included: for what a person has asked to see. On a terminal control characters
// are shown as escapes.
func (u *UI) Reveal(text string) error {
	if u.width > 0 {
		text = printable(text)
	}
	_, err := io.WriteString(u.Out, text)
	return err
}

func printable(text string) string {
	var out strings.Builder
	for _, r := range text {
		if r == '\n' || r == '\t' || unicode.IsPrint(r) && r != unicode.ReplacementChar {
			out.WriteRune(r)
			continue
		}
		quoted := strconv.QuoteRuneToASCII(r)
		out.WriteString(quoted[1 : len(quoted)-1])
	}
	return out.String()
}

// Line writes the cells one behind the other on a line of their own.
func (u *UI) Line(cells ...Cell) {
	var line strings.Builder
	for _, cell := range cells {
		line.WriteString(u.Styled(cell.Style, cell.Text))
	}
	fmt.Fprintln(u.Out, strings.TrimRight(line.String(), " "))
}

// Prompt writes a question to standard error as it is to stand there, without a newline of its own.
func (u *UI) Prompt(text string) { fmt.Fprint(u.Err, Clean(text)) }
