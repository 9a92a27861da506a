package harness

import (
	"strings"
	"unicode"

	"github.com/claude-auth/claude-auth/internal/vt"
)

// Plain is what a person reads in a terminal's output, in the order in which it was written: colours are gone, and
// every other escape sequence, control byte and run of white space is one space, because a word may have been put in its
// place by a cursor move.
func Plain(output string) string {
	var text strings.Builder
	for p := []byte(output); len(p) > 0; {
		if p[0] != 0x1b {
			text.WriteByte(p[0])
			p = p[1:]
			continue
		}
		var sequence vt.Parser
		n, _ := sequence.Step(p)
		if !sequence.Is(0, 0, 'm') {
			text.WriteByte(' ')
		}
		p = p[n:]
	}
	return strings.Join(strings.FieldsFunc(text.String(), func(r rune) bool {
		return unicode.IsSpace(r) || unicode.IsControl(r)
	}), " ")
}
