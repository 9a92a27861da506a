package cmd

import (
	"cmp"
	"strings"
	"unicode/utf8"

	"github.com/claude-auth/claude-auth/internal/claude"
	"github.com/claude-auth/claude-auth/internal/ui"
)

// inLogin begins the path of a member of the login, in examples.
const inLogin = claude.LoginKey + "."

// example is a command line that can be pasted, and what it does.
type example struct{ line, does string }

// exampleList splits the examples of a command. A # behind white space begins what a line does, as in a shell.
func (c command) exampleList() (list []example) {
	for text := range strings.Lines(c.examples) {
		line, does, _ := strings.Cut(text, " # ")
		list = append(list, example{strings.TrimSpace(line), strings.TrimSpace(does)})
	}
	return list
}

// showExamples prints them in two columns. Where those do not fit, what a line does is above it.
func (p *program) showExamples(list []example) {
	if len(list) == 0 {
		return
	}
	p.ui.Text("\nExamples:\n")
	var rows [][]ui.Cell
	column, longest := 0, 0
	for _, e := range list {
		rows = append(rows, []ui.Cell{{Text: "  " + e.line}, {Text: "# " + e.does, Style: ui.Dim}})
		column = max(column, utf8.RuneCountInString(e.line))
		longest = max(longest, utf8.RuneCountInString(e.does))
	}
	const margins, piped = len("  ") + len("  # "), 100
	if margins+column+longest <= cmp.Or(p.ui.Width(), piped) {
		p.ui.Table(rows)
		return
	}
	for i, e := range list {
		if i > 0 {
			p.ui.Text("\n")
		}
		p.ui.Text("  # " + e.does + "\n  " + e.line + "\n")
	}
}
