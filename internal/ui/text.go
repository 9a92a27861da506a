package ui

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
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
		} else {
			out.WriteString(escaped(r))
		}
	}
	return out.String()
}

// escaped is a character as Go writes it in a string, in ASCII.
func escaped(r rune) string {
	quoted := strconv.QuoteRuneToASCII(r)
	return quoted[1 : len(quoted)-1]
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
	return append(parts, wrap(text, width-*indent)...)
}

// wrap breaks text at spaces into parts of width columns at most.
func wrap(text string, width int) []string {
	var parts []string
	for textWidth(text) > width {
		cut := breakAt(text, width)
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
