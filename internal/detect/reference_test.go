package detect

import (
	"bytes"
	"regexp"
	"slices"
	"strings"
)

// The reference says what a finding is, in the plainest way: the whole stream at hand, regular expressions for the
// escapes, every phrase tried at every place. It shares no code with the Scanner but the rule list.

// An item is what a reader sees: a byte of text, or one piece of white space.
type item struct {
	text byte // 0: white space
	at   int64
	move string // of white space: "along", "row", "start"
}

var (
	refCSI = regexp.MustCompile(`^\x1b\[([\x20-\x3f]*)([\x40-\x7e])`)
	refSeq = regexp.MustCompile(`^\x1b[\x20-\x2f]*([\x30-\x7e])`)
	refStr = regexp.MustCompile(`^\x1b[\]PX^_][^\x07\x18\x1a\x1b]*`)
	// What is left of a sequence that was broken off before its final byte.
	refCut = regexp.MustCompile(`^\x1b(\[[\x20-\x3f]*|[\x20-\x2f]*)`)
)

func referenceItems(b []byte) []item {
	var items []item
	for i := 0; i < len(b); {
		rest := b[i:]
		white := func(move string, n int) {
			if move != "" {
				items = append(items, item{at: int64(i), move: move})
			}
			i += n
		}
		switch c := rest[0]; {
		case c == 0x1b:
			move, n := referenceEscape(rest)
			white(move, n)
		case c == '\n' || c == '\r':
			white("start", 1)
		case c == '\v' || c == '\f':
			white("row", 1)
		case c == ' ' || c == '\t' || c == '\b':
			white("along", 1)
		case bytes.HasPrefix(rest, []byte("\u00a0")):
			white("along", 2)
		case c < 0x20 || c == 0x7f:
			i++
		default:
			items = append(items, item{text: c, at: int64(i)})
			i++
		}
	}
	return items
}

// referenceEscape returns the move and the length of the sequence b begins with.
func referenceEscape(b []byte) (string, int) {
	if m := refStr.Find(b); m != nil {
		n := len(m)
		if n < len(b) && b[n] != 0x1b {
			n++ // BEL, CAN, SUB
		}
		return "", n
	}
	if m := refCSI.FindSubmatch(b); m != nil {
		return referenceCSI(string(m[1]), string(m[2])), len(m[0])
	}
	if m := refSeq.FindSubmatch(b); m != nil && !(len(m[0]) == 2 && m[1][0] == '[') {
		if len(m[0]) > 2 {
			return "", len(m[0])
		}
		switch string(m[1]) {
		case "E", "c":
			return "start", 2
		case "D", "M", "8":
			return "row", 2
		}
		return "", 2
	}
	n := len(refCut.Find(b))
	if n < len(b) && (b[n] == can || b[n] == sub) {
		n++
	}
	return "", n
}

func referenceCSI(params, final string) string {
	if len(params) > 32 || strings.Trim(params, "0123456789:;") != "" {
		return ""
	}
	fields := append(strings.Split(params, ";"), "", "")
	first := func(n int) bool {
		return slices.Contains([]string{"", "1"}, strings.TrimLeft(strings.ReplaceAll(fields[n], ":", ""), "0"))
	}
	switch final {
	case "C", "D", "a", "j", "I", "Z":
		return "along"
	case "G", "`":
		if first(0) {
			return "start"
		}
		return "along"
	case "A", "B", "d", "e", "k", "u":
		return "row"
	case "E", "F", "r":
		return "start"
	case "H", "f":
		if first(1) {
			return "start"
		}
		return "row"
	}
	return ""
}

// referenceAnchor reports whether a phrase may begin at items[i].
func referenceAnchor(items []item, i int) bool {
	back := i
	for back > 0 && items[back-1].move == "along" {
		back--
	}
	// After a marker, and at least one piece of white space.
	if back < i && back >= 3 {
		m := items[back-3 : back]
		word := string([]byte{m[0].text, m[1].text, m[2].text})
		if slices.Contains([]string{"●", "⏺", "⎿"}, word) && firstOnLine(items, back-3) {
			return true
		}
	}
	// In the first column: nothing moved along the line since it began.
	for j := i; j > 0; j-- {
		switch before := items[j-1]; {
		case before.text != 0 || before.move == "along":
			return false
		case before.move == "start":
			return true
		}
	}
	return true
}

// firstOnLine reports whether nothing visible stands before items[i] on its line.
func firstOnLine(items []item, i int) bool {
	for j := i; j > 0; j-- {
		switch before := items[j-1]; {
		case before.text != 0:
			return false
		case before.move == "start" || before.move == "row":
			return true
		}
	}
	return true
}

// referenceMatch reports whether the items begin with the phrase.
func referenceMatch(items []item, phrase string) bool {
	words := strings.SplitAfter(phrase, " ")
	i := 0
	for _, word := range words {
		text, gap := strings.CutSuffix(word, " ")
		for _, c := range []byte(text) {
			if i == len(items) || items[i].text != c {
				return false
			}
			i++
		}
		if !gap {
			continue
		}
		if i == len(items) || items[i].text != 0 {
			return false
		}
		for i < len(items) && items[i].text == 0 {
			i++
		}
	}
	return true
}

// referenceFind returns every finding of a stream, by offset.
func referenceFind(rules []Rule, b []byte) []Finding {
	items := referenceItems(b)
	var found []Finding
	for i := range items {
		if items[i].text == 0 || !referenceAnchor(items, i) {
			continue
		}
		best := -1
		for r, rule := range rules {
			if referenceMatch(items[i:], rule.Phrase) && (best < 0 || len(rule.Phrase) > len(rules[best].Phrase)) {
				best = r
			}
		}
		if best >= 0 {
			rule := rules[best]
			found = append(found, Finding{Rule: rule.Name, Class: rule.Class, Offset: items[i].at, Phrase: rule.Phrase})
		}
	}
	return found
}
