package ui

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Panel is a message with its keys, shown over a running session.
type Panel struct {
	Title string
	Texts []Cell     // paragraphs
	Keys  []PanelKey // what can be pressed
	Note  string     // what a key has done, below them
	Below bool       // keep what is on the screen above it: there the client says why something failed
}

// PanelKey is one key of a panel.
type PanelKey struct{ Name, Does string }

// panelWidth is the longest line of a panel that is comfortable to read, in columns.
const panelWidth = 76

// Panel draws p for a terminal in raw mode: lines end with CR LF, and are narrower than the screen. When there are
// too few rows, it cuts the paragraphs and keeps the title and the keys.
func (u *UI) Panel(p Panel, columns, rows int) []byte {
	margin := 2
	if columns < 60 {
		margin = 1
	}
	width := max(min(columns-2*margin, panelWidth), minFold)
	var body []string
	for _, text := range p.Texts {
		for line := range strings.SplitSeq(u.forPeople(text.Text), "\n") {
			for _, part := range wrapHard(line, width) {
				body = append(body, u.styled(text.Style, part))
			}
		}
		body = append(body, "")
	}
	keys := u.panelKeys(p.Keys, width)
	if p.Note != "" {
		keys = append(keys, "")
		for _, part := range wrapHard(u.forPeople(p.Note), width) {
			keys = append(keys, u.styled(Dim, part))
		}
	}
	var title []string
	for _, part := range wrapHard(u.forPeople(p.Title), width) {
		title = append(title, u.styled(Bold, part))
	}
	room := rows - len(keys) - len(title) - 1 // the empty line below the title
	switch {
	case room <= 0:
		body = nil
	case len(body) > room:
		body = append(body[:room-1], u.styled(Dim, "…"))
	}
	lines := slices.Concat(title, []string{""}, body, keys)
	for i, line := range lines {
		if line != "" {
			lines[i] = strings.Repeat(" ", margin) + line
		}
	}
	begin := "\x1b[0m\x1b[2J\x1b[H"
	if p.Below {
		begin = "\r\n"
	}
	return []byte(begin + strings.Join(lines, "\r\n"))
}

// keyGap is between keys on one line.
const keyGap = "     "

// panelKeys draws the keys on one line where they fit, else below each other with what they do in a second column.
func (u *UI) panelKeys(keys []PanelKey, width int) []string {
	var plain, drawn []string
	for _, key := range keys {
		does := u.forPeople(key.Does)
		plain = append(plain, key.Name+columnGap+does)
		drawn = append(drawn, u.styled(Bold, key.Name)+columnGap+does)
	}
	if textWidth(strings.Join(plain, keyGap)) <= width {
		return []string{strings.Join(drawn, keyGap)}
	}
	column := 0
	for _, key := range keys {
		column = max(column, textWidth(key.Name)+len(columnGap))
	}
	var lines []string
	for _, key := range keys {
		name := u.styled(Bold, key.Name) + strings.Repeat(" ", column-textWidth(key.Name))
		for _, part := range wrapHard(u.forPeople(key.Does), max(width-column, 1)) {
			lines = append(lines, name+part)
			name = strings.Repeat(" ", column)
		}
	}
	return lines
}

// Wrap breaks text at its spaces into lines of width columns at most, and a longer word where it must. It cleans
// the text.
func Wrap(text string, width int) []string { return wrapHard(Clean(text), width) }

// wrapHard is wrap for a panel, whose lines the terminal must not break: it cuts a word that is longer than width.
func wrapHard(text string, width int) []string {
	var parts []string
	for _, part := range wrap(text, width) {
		for textWidth(part) > width {
			cut := 0
			for range width {
				_, size := utf8.DecodeRuneInString(part[cut:])
				cut += size
			}
			parts, part = append(parts, part[:cut]), part[cut:]
		}
		parts = append(parts, part)
	}
	return parts
}

// Sentence gives text the capital letter and the full stop of a sentence.
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
