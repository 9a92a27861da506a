package ui

import (
	"bytes"
	"strings"
	"testing"
)

func TestProse(t *testing.T) {
	const text = "One sentence. Another one that is rather long for a narrow terminal.\nIt goes on.\n\n" +
		"  a  literal\n  b\nA new paragraph."
	for width, want := range map[int]string{
		40: "One sentence. Another one that is rather\nlong for a narrow terminal. It goes on.\n\n" +
			"  a  literal\n  b\nA new paragraph.\n",
		0: "One sentence. Another one that is rather long for a narrow terminal. It goes on.\n\n" +
			"  a  literal\n  b\nA new paragraph.\n",
	} {
		var out bytes.Buffer
		(&UI{Out: &out, width: width}).Prose(text)
		if out.String() != want {
			t.Errorf("width %d: %q, want %q", width, out.String(), want)
		}
	}
	var out bytes.Buffer
	(&UI{Out: &out, width: 300}).Prose(strings.Repeat("word ", 100))
	if first, _, _ := strings.Cut(out.String(), "\n"); len(first) > proseWidth {
		t.Errorf("a line of %d columns", len(first))
	}
}
