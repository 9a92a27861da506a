package ui

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Panel is what is shown over a running session.
type Panel struct {
	Title string
	Texts []Cell     // paragraphs
	Keys  []PanelKey // what can be pressed, one a line
	Below bool       // leave what is on the screen, and stand below it: the client's own words say why something failed
}

// PanelKey is one key of a panel.
type PanelKey struct{ Name, Does string }

// panelWidth is the longest line of a panel that is comfortable to read, in columns.
const panelWidth = 76

// Panel draws p for a raw terminal of the size given: each line ends with CR LF, none is as wide as the screen, and
// where there are too few rows the paragraphs give way to the title and the keys.
func (u *UI) Panel(p Panel, columns, rows int) []byte {
	margin := 2
	if columns < 60 {
		margin = 1
	}
	width := max(min(columns-2*margin, panelWidth), minFold)
	var body []string
	for _, text := range p.Texts {
		body = append(body, u.paragraph(text, width)...)
		body = append(body, "")
	}
	keys := u.panelKeys(p.Keys, width)
	title := u.Styled(Bold, p.Title)
	room := rows - len(keys) - 2 // the title with the empty line below it
	if len(body) > room {
		body = append(body[:max(room-1, 0)], u.Styled(Dim, "…"))
	}
	lines := append([]string{title, ""}, append(body, keys...)...)
	var out strings.Builder
	if p.Below {
		out.WriteString("\r\n")
	} else {
		out.WriteString("\x1b[0m\x1b[2J\x1b[H")
	}
	for i, line := range lines {
		if i > 0 {
			out.WriteString("\r\n")
		}
		if line != "" {
			out.WriteString(strings.Repeat(" ", margin) + line)
		}
	}
	return []byte(out.String())
}

// paragraph folds text; a line feed in it begins a new line.
func (u *UI) paragraph(text Cell, width int) []string {
	var lines []string
	for line := range strings.SplitSeq(Clean(text.Text), "\n") {
		for _, part := range wrap(line, width) {
			lines = append(lines, u.Styled(text.Style, part))
		}
	}
	return lines
}

// panelKeys puts the keys below each other, with what they do in a column of its own.
func (u *UI) panelKeys(keys []PanelKey, width int) []string {
	column := 0
	for _, key := range keys {
		column = max(column, textWidth(key.Name)+len(columnGap))
	}
	var lines []string
	for _, key := range keys {
		name := u.Styled(Bold, key.Name) + strings.Repeat(" ", column-textWidth(key.Name))
		for _, part := range wrap(Clean(key.Does), max(width-column, 1)) {
			lines = append(lines, name+part)
			name = strings.Repeat(" ", column)
		}
	}
	return lines
}

// Sentence makes a sentence of one that has neither its capital letter nor its full stop.
func Sentence(text string) string {
	first, size := utf8.DecodeRuneInString(text)
	if size == 0 {
		return ""
	}
	text = string(unicode.ToUpper(first)) + text[size:]
	if strings.HasSuffix(text, ".") || strings.HasSuffix(text, "…") {
		return text
	}
	return text + "."
}
