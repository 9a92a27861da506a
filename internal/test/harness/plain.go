package harness

import (
	"strings"
	"unicode"

	"github.com/claude-auth/claude-auth/internal/vt"
)

// Plain is what a person reads in a terminal's output, in the order in which it was written. Colours are removed. Every
// other escape sequence, control byte and run of white space becomes one space, because a program may separate words by
// cursor moves.
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
