package prompt

import (
	"slices"
	"strings"
)

// Style is how a segment looks.
type Style struct {
	Shell  string // bash, zsh, fish, tmux, or "" for a terminal
	Symbol string // what stands before the state; "" for "claude"
	Color  bool
}

// DefaultSymbol stands before the state.
const DefaultSymbol = "claude"

// Shells lists the values of Style.Shell.
func Shells() []string { return []string{"bash", "fish", "tmux", "zsh"} }

// Valid reports whether the style can be followed. A symbol may not have characters in it that some shell would expand
// in a prompt, nor control characters: a prompt is expanded more than once, in ways that depend on the user's
// options, so that no escaping would be right everywhere.
func (s Style) Valid() bool {
	known := s.Shell == "" || slices.Contains(Shells(), s.Shell)
	return known && !strings.ContainsAny(s.Symbol, "%\\$`#") && !hasControl(s.Symbol)
}

// Segment puts a tail (Report.Tail) into words: "" for none.
func (s Style) Segment(tail string) string {
	if tail == "" {
		return ""
	}
	symbol := s.Symbol
	if symbol == "" {
		symbol = DefaultSymbol
	}
	text := symbol + " " + tail
	if !s.Color {
		return text
	}
	yellow := tail[len(tail)-1] >= 'a' // the time that is left, or old: it still works
	on, off := "\x1b[31m", "\x1b[39m"
	if yellow {
		on = "\x1b[33m"
	}
	switch s.Shell {
	case "bash": // \[ and \] are not understood in what a command in the prompt prints; readline's own marks are
		return "\x01" + on + "\x02" + text + "\x01" + off + "\x02"
	case "zsh":
		return "%{" + on + "%}" + text + "%{" + off + "%}"
	case "tmux":
		if yellow {
			return "#[fg=yellow]" + text + "#[fg=default]"
		}
		return "#[fg=red]" + text + "#[fg=default]"
	}
	return on + text + off
}
