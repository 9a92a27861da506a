package prompt

import (
	"slices"
	"strings"

	"github.com/claude-auth/claude-auth/shell"
)

// Style is how a segment looks.
type Style struct {
	Shell  string // the shell whose prompt it is for, tmux, or "" for a terminal
	Symbol string // what stands before the state; "" for "claude"
	Color  bool
}

// DefaultSymbol stands before the state.
const DefaultSymbol = "claude"

// tmux is not a shell, but has a status line.
const tmux = "tmux"

// Shells lists the values of Style.Shell.
func Shells() []string {
	names := append(shell.Names(), tmux)
	slices.Sort(names)
	return names
}

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
	if s.Shell == tmux {
		on, off = "#[fg=red]", "#[fg=default]"
		if yellow {
			on = "#[fg=yellow]"
		}
	} else if sh := shell.ByName(s.Shell); sh != nil {
		on, off = sh.Invisible[0]+on+sh.Invisible[1], sh.Invisible[0]+off+sh.Invisible[1]
	}
	return on + text + off
}
