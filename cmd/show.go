package cmd

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/urfave/cli/v2"

	"github.com/claude-auth/claude-auth/internal/credentials"
	"github.com/claude-auth/claude-auth/internal/ui"
)

var _ = register("show", func() command {
	return command{
		group: groupFile, rank: 10,
		usage: "show the credentials file, without its secrets",
		description: "It is shown as a tree. With --json it is printed as it is written, with the secrets replaced.\n\n" +
			"A value counts as a secret when its name says so, when it looks like a token, or when it repeats one of these.",
		examples: "claude-auth show   # show the file as a tree\n" +
			"claude-auth --file backup.json show   # show another file\n" +
			"claude-auth show --json | jq .document." + inLogin + "scopes   # for a program",
		flags:     []cli.Flag{&cli.BoolFlag{Name: "json", Usage: "print JSON: schema, file, document"}},
		run:       (*program).show,
		readsOnly: true,
	}
})

func (p *program) show(c *cli.Context) error {
	snapshot, err := p.document(c.Context)
	if err != nil {
		return err
	}
	if c.Bool("json") {
		raw, _, _, err := snapshot.Doc.Redacted("")
		if err != nil {
			return err
		}
		p.rawJSON("file", snapshot.Path, "document", raw)
		return nil
	}
	p.ui.Line(ui.Cell{Text: snapshot.Place()})
	p.tree(snapshot.Doc.Rows())
	return nil
}

// rawJSON prints an object with the schema and two members: name with the text value, and key with the JSON raw,
// which may be nested more deeply than encoding/json allows.
func (p *program) rawJSON(name, value, key string, raw []byte) {
	p.ui.Printf("{\"schema\":1,%q:%s,%q:%s}\n", name, credentials.Quote(value), key, bytes.TrimSpace(raw))
}

// maxTreeDepth is how deep the tree is drawn. Deeper indentations are unreadable.
const maxTreeDepth = 12

// tree draws a line for each row except the first, which is the whole file.
func (p *program) tree(rows []credentials.Row) {
	var last [maxTreeDepth + 1]bool // by depth: no sibling follows
	for _, row := range rows[min(1, len(rows)):] {
		if row.Depth > maxTreeDepth {
			continue
		}
		last[row.Depth] = row.Last
		var lead strings.Builder
		for depth := 1; depth < row.Depth; depth++ {
			lead.WriteString(pick(last[depth], "   ", "│  "))
		}
		lead.WriteString(pick(row.Last, "└─ ", "├─ "))
		p.treeLine(lead.String(), row)
	}
}

// pick is yes when the condition holds, and no otherwise.
func pick[T any](condition bool, yes, no T) T {
	if condition {
		return yes
	}
	return no
}

// treeLine draws one row. On a terminal it cuts the row to one line; `get` prints the whole value.
func (p *program) treeLine(lead string, row credentials.Row) {
	label, value, style := row.Label, row.Text, ui.Plain
	if row.InArray {
		label = strconv.Itoa(row.Index)
	}
	switch {
	case row.Redacted:
		value, style = strings.Trim(value, `"`), ui.Dim
	case row.Kind == credentials.Object && row.Count == 0:
		value = "{}"
	case row.Kind == credentials.Array && row.Count == 0:
		value = "[]"
	case (row.Kind == credentials.Object || row.Kind == credentials.Array) && row.Depth == maxTreeDepth:
		value, style = fmt.Sprintf("… (%d inside; --json shows them)", row.Count), ui.Dim
	default:
		value += momentOf(row)
	}
	label, value = p.cut(lead, ui.Clean(label)), ui.Clean(value)
	if value != "" {
		label += ": "
		value = p.cut(lead+label, value)
	}
	p.ui.Line(ui.Cell{Text: lead, Style: ui.Dim}, ui.Cell{Text: label, Style: ui.Bold}, ui.Cell{Text: value, Style: style})
}

// cut shortens text to what fits on the terminal's line behind lead.
func (p *program) cut(lead, text string) string {
	room := max(p.ui.Width()-utf8.RuneCountInString(lead), 4)
	if p.ui.Width() == 0 || utf8.RuneCountInString(text) <= room {
		return text
	}
	return string([]rune(text)[:room-1]) + "…"
}

// momentOf shows the time that a number stands for: …At is in milliseconds since 1970, if it is in this century.
func momentOf(row credentials.Row) string {
	const earliest, latest = 1e12, 4e12 // 2001 to 2096
	ms, err := strconv.ParseInt(row.Text, 10, 64)
	if row.Kind != credentials.Number || err != nil || !strings.HasSuffix(row.Key, "At") || ms < earliest || ms > latest {
		return ""
	}
	return "  (" + minute(time.UnixMilli(ms)) + ")"
}
