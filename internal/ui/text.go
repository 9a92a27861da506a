package ui

import (
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/claude-auth/claude-auth/internal/secret"
)

// Text writes lines of prose. On a narrow terminal it folds a line at its spaces and repeats its indentation.
func (u *UI) Text(text string) {
	for line := range strings.Lines(u.forPeople(text)) {
		line = strings.TrimRight(line, " \n")
		bare := strings.TrimLeft(line, " ")
		indent := len(line) - len(bare)
		lead := strings.Repeat(" ", indent)
		for _, part := range fold(bare, u.width, &indent) {
			fmt.Fprintln(u.text(), strings.TrimRight(lead+part, " "))
		}
	}
}

// Textf is Text for a message with values in it.
func (u *UI) Textf(format string, args ...any) { u.Text(fmt.Sprintf(format, args...)) }

// message writes text to standard error behind lead. On a terminal it folds the text at its spaces, below its first
// word.
func (u *UI) message(lead, text string) {
	fmt.Fprintln(u.Err, Hang(lead, u.forPeople(text), u.errWidth))
}

// Hang folds text behind lead into lines of width columns, each below the first word of the text. A width of 0 is no
// limit.
func Hang(lead, text string, width int) string {
	indent := textWidth(lead)
	parts := fold(text, width, &indent)
	lines := append([]string{""}, parts[1:]...)
	return strings.TrimRight(lead+parts[0], " ") + strings.Join(lines, "\n"+strings.Repeat(" ", indent))
}

// forPeople makes text safe to print, shortens the home directory in it to ~, and names the file in commands about it.
func (u *UI) forPeople(text string) string {
	if u.file != "" && !strings.Contains(text, "'claude-auth --file ") { // it may be done already
		text = strings.ReplaceAll(text, "'claude-auth ", "'claude-auth --file "+u.file+" ")
	}
	return shortenHome(Clean(text), u.home)
}

// NameFile makes the commands in quotes that help name the file that --file named. A path that a shell would not read
// as one word inside of the quotes is left out.
func (u *UI) NameFile(path string) {
	if !strings.ContainsAny(path, " '\"\\$&;()<>|*?[]#~`!{}\t\n") {
		u.file = path
	}
}

// shortenHome replaces the directory home by ~ in the paths below it. A quoted path in a command stays as it is: a
// shell does not expand '~/x'.
func shortenHome(text, home string) string {
	if home == "" {
		return text
	}
	parts := strings.Split(text, home+"/")
	short := parts[0]
	for i, part := range parts[1:] {
		before, _ := utf8.DecodeLastRuneInString(parts[i])
		if parts[i] != "" && (unicode.IsLetter(before) || unicode.IsDigit(before) || strings.ContainsRune("-_./~'", before)) {
			short += home + "/" + part // the middle of another path
		} else {
			short += "~/" + part
		}
	}
	return short
}

// Clean makes text safe to print: it redacts tokens, and shows control characters (with the C1 range, and the marks
// that turn the writing direction) as escapes. Line feeds and tabs stay.
func Clean(text string) string {
	return escape(secret.Redact(text), func(r rune) bool {
		return r < 0x20 || r >= 0x7f && r < 0xa0 || r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069
	})
}

// escape writes the unsafe characters of text as Go does in a string, in ASCII.
func escape(text string, unsafe func(rune) bool) string {
	var out strings.Builder
	for _, r := range text {
		if r == '\n' || r == '\t' || !unsafe(r) && r != unicode.ReplacementChar {
			out.WriteRune(r)
		} else {
			out.WriteString(strings.Trim(strconv.QuoteRuneToASCII(r), "'"))
		}
	}
	return out.String()
}

// Reveal writes text with its secrets, for a person who asked to see them. On a terminal it shows control characters
// as escapes.
func (u *UI) Reveal(text string) error {
	if u.width > 0 {
		text = escape(text, func(r rune) bool { return !unicode.IsPrint(r) })
	}
	_, err := io.WriteString(u.Out, text)
	return err
}

// Line writes the cells, one behind the other, on one line.
func (u *UI) Line(cells ...Cell) {
	var line strings.Builder
	for _, cell := range cells {
		line.WriteString(u.styled(cell.Style, cell.Text))
	}
	fmt.Fprintln(u.text(), strings.TrimRight(line.String(), " "))
}

// Prompt writes a question to standard error, without a line feed.
func (u *UI) Prompt(text string) { fmt.Fprint(u.Err, Clean(text)) }

// EndPrompt ends the line of a question whose answer was not shown.
func (u *UI) EndPrompt() {
	fmt.Fprintln(u.Err)
	u.lineEnded = true
}

// minFold is the narrowest column that text is folded into. Where less is left, or a word would not fit, the text
// starts on the next line.
const minFold = 16

// fold breaks text at spaces so that each part fits between indent and width; with a width of 0 it does not. Where
// too little room is left, the first part is empty and indent becomes a small one.
func fold(text string, width int, indent *int) []string {
	if width == 0 || *indent+textWidth(text) <= width {
		return []string{text}
	}
	var parts []string
	const smallIndent = 4
	longest := 0
	for word := range strings.FieldsSeq(text) {
		longest = max(longest, textWidth(word))
	}
	room := width - *indent
	tooNarrow := room < minFold || room < longest && longest <= width-smallIndent
	if *indent > smallIndent && tooNarrow {
		*indent = smallIndent
		parts = append(parts, "")
	}
	return append(parts, wrap(text, width-*indent)...)
}

// wrap breaks text at spaces into parts of width columns at most. A longer word, such as a path, stays whole, so that
// it can be copied: the terminal itself breaks it.
func wrap(text string, width int) []string {
	var parts []string
	for textWidth(text) > width {
		cut := breakAt(text, width)
		parts = append(parts, strings.TrimRight(text[:cut], " "))
		if text = strings.TrimLeft(text[cut:], " "); text == "" {
			return parts
		}
	}
	return append(parts, text)
}

// breakAt returns the byte offset of the last space within the first width columns, or of the next one when a word is
// longer. It does not break what whole names.
func breakAt(text string, width int) int {
	column, space := 0, -1
	kept := whole(text, width)
	for i, r := range text {
		for len(kept) > 0 && i >= kept[0][1] {
			kept = kept[1:]
		}
		inside := len(kept) > 0 && i >= kept[0][0]
		if r == ' ' && !inside && (column <= width || space <= 0) {
			space = i
		}
		if column >= width && space > 0 {
			return space
		}
		column++
	}
	return len(text)
}

// toCopy matches what a person copies: text between single quotes, and a command line of this program with its flags.
var toCopy = regexp.MustCompile(`(?:^|[ (])('[^' ][^']*'|claude-auth [^ ]+(?: -[^ ]+)*)`)

// whole returns the byte offsets of what is to stay on one line, where it fits on one of width columns.
func whole(text string, width int) (kept [][]int) {
	for _, at := range toCopy.FindAllStringSubmatchIndex(text, -1) {
		if textWidth(text[at[2]:at[3]]) <= width {
			kept = append(kept, at[2:4])
		}
	}
	return kept
}

// textWidth counts a column for each character, which is right for everything that this program itself writes.
func textWidth(text string) int { return utf8.RuneCountInString(text) }
