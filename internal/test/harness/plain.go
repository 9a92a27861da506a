package harness

import (
	"regexp"
	"strings"
)

var escapes = regexp.MustCompile(`\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)` + // strings: titles, links
	`|\x1b[P_^][^\x1b]*\x1b\\` +
	`|\x1b\[[0-?]*[ -/]*[@-~]` + // control sequences
	`|\x1b[()][0-9A-Za-z]|\x1b[ -/]*[0-~]` +
	`|[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]`)

var colours = regexp.MustCompile(`\x1b\[[0-9;:]*m`)

// Plain is what a person reads in a terminal's output, in the order in which it was written: colours are gone, and
// every other escape sequence and run of white space is one space, because a word may have been put in its place by a
// cursor move.
func Plain(output string) string {
	output = colours.ReplaceAllString(output, "")
	output = escapes.ReplaceAllString(output, " ")
	return strings.Join(strings.Fields(strings.ReplaceAll(output, "\u00a0", " ")), " ")
}
