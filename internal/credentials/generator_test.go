package credentials

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"unicode/utf16"
)

// generator makes documents with everything that a JSON text can have.
type generator struct{ *rand.Rand }

var keys = []string{
	"a", "b", "c", "claudeAiOauth", "mcpOAuth", "a.b", "", "0", "1", "-1", "*", "#", "@this", ":", ":0", `\`, `"`, "|",
	"?", "{", "ä", "\U0001F600",
	"__proto__", "constructor", "toString", "length", "\u2028", " ", "\t", "\x7f", "[", "!", "</script>", "&",
}

func (g generator) space() string {
	return []string{"", "", "", " ", "\n  ", "\t", "\r\n", " \n\n "}[g.IntN(8)]
}

func (g generator) key() string { return keys[g.IntN(len(keys))] }

// quoted writes a string as one of the many texts that mean it.
func (g generator) quoted(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range s {
		switch {
		case r < ' ' || r == '"' || r == '\\' || r < 0x10000 && g.IntN(6) == 0:
			fmt.Fprintf(&b, []string{`\u%04x`, `\u%04X`}[g.IntN(2)], r)
		case r >= 0x10000 && g.IntN(3) == 0:
			high, low := utf16.EncodeRune(r)
			fmt.Fprintf(&b, `\u%04x\u%04X`, high, low)
		default:
			b.WriteRune(r)
		}
	}
	b.WriteByte('"')
	return b.String()
}

func (g generator) scalar() string {
	switch g.IntN(10) {
	case 0:
		return []string{"true", "false", "null"}[g.IntN(3)]
	case 1:
		return []string{"0", "-0", "1e3", "2.50", "1E+400", "-1e-400", "123456789012345678901234567890", "0.1e-7",
			"9007199254740993"}[g.IntN(9)]
	case 2:
		return fmt.Sprint(g.Int64())
	case 3:
		return []string{`"\ud800"`, `"\udc00\ud800x"`, `"\u0000"`, `"\/\b\f\n\r\t"`, "\"\xff\xfe\"", "\"\xe2\x82\"",
			"\"\xed\xa0\x80\""}[g.IntN(7)]
	case 4:
		return strings.Repeat("1234567890", 1+g.IntN(40)) + ".5"
	}
	return g.quoted(g.key() + g.key())
}

func (g generator) value(depth int) string {
	kind := g.IntN(10)
	if depth <= 0 || kind < 4 {
		return g.scalar()
	}
	n := g.IntN(5)
	var b strings.Builder
	if kind < 6 {
		b.WriteString("[" + g.space())
		for i := range n {
			b.WriteString(g.comma(i) + g.value(depth-1) + g.space())
		}
		b.WriteString("]")
		return b.String()
	}
	b.WriteString(g.object(n, depth))
	return b.String()
}

func (g generator) object(n, depth int) string {
	var b strings.Builder
	b.WriteString("{" + g.space())
	for i := range n {
		b.WriteString(g.comma(i) + g.quoted(g.key()) + g.space() + ":" + g.space() + g.value(depth-1) + g.space())
	}
	b.WriteString("}")
	return b.String()
}

func (g generator) comma(i int) string {
	if i == 0 {
		return ""
	}
	return "," + g.space()
}

func (g generator) document() string {
	return g.space() + g.object(g.IntN(7), 1+g.IntN(5)) + g.space()
}

// path walks down d at random, and leaves it here and there.
func (g generator) path(d *Document) Path {
	var p Path
	nodes := d.Rows()
	depth, from := 0, 0
	for len(p) == 0 || g.IntN(3) > 0 {
		var below []int
		for i := from + 1; i < len(nodes) && nodes[i].Depth > depth; i++ {
			if nodes[i].Depth == depth+1 {
				below = append(below, i)
			}
		}
		inArray := nodes[from].Kind == Array
		if len(below) == 0 || g.IntN(5) == 0 {
			if inArray {
				return append(p, []Step{{Name: "-1"}, {Name: fmt.Sprint(len(below))}, {Name: "7"}}[g.IntN(3)])
			}
			p = append(p, Step{Name: g.key(), Key: true})
			if g.IntN(4) == 0 {
				p = append(p, Step{Name: g.key(), Key: true})
			}
			return p
		}
		from = below[g.IntN(len(below))]
		depth++
		if inArray {
			p = append(p, Step{Name: fmt.Sprint(nodes[from].Index)})
		} else {
			p = append(p, Step{Name: nodes[from].Key, Key: true})
		}
	}
	return p
}

// mutate breaks a document in one or two places.
func (g generator) mutate(text string) []byte {
	data := []byte(text)
	for range 1 + g.IntN(2) {
		i := g.IntN(len(data) + 1)
		switch g.IntN(4) {
		case 0:
			data = data[:i]
		case 1, 2:
			const bad = "{}[]\",:01.eE-+\\/ut\x00\x1f\x7f\xef\xbb\xbf\xff \nn'"
			data = append(data[:i:i], append([]byte{bad[g.IntN(len(bad))]}, data[i:]...)...)
		case 3:
			if i < len(data) {
				data = append(data[:i:i], data[i+1:]...)
			}
		}
	}
	return data
}
