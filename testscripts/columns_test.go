package testscripts

import (
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/rogpeppe/go-internal/testscript"
)

// escapeSequence is what takes no column: colours, and what is set around them.
var escapeSequence = regexp.MustCompile(`\x1b\[[0-9;?]*[a-zA-Z]`)

// columns N FILE: no line of what `tty -raw FILE` has kept is wider than N columns.
func columns(ts *testscript.TestScript, neg bool, args []string) {
	usage(ts, len(args) == 2 && !neg, "columns N FILE")
	most, err := strconv.Atoi(args[0])
	ts.Check(err)
	for line := range strings.Lines(ts.ReadFile(args[1])) {
		line = strings.TrimRight(line, "\r\n")
		if width := utf8.RuneCountInString(escapeSequence.ReplaceAllString(line, "")); width > most {
			ts.Fatalf("%d columns: %q", width, line)
		}
	}
}
