package prompt

import (
	"cmp"
	"slices"
	"strings"

	"github.com/claude-auth/claude-auth/shell"
)

// Style is how a segment looks.
type Style struct {
	Shell  string // the shell whose prompt it is for, tmux, or "" for a terminal
	Symbol string // before the state; "" is DefaultSymbol
	Color  bool
}

// DefaultSymbol is the symbol unless the user sets one.
const DefaultSymbol = "claude"

// tmux is not a shell, but has a status line.
const tmux = "tmux"

// Shells lists the values of Style.Shell.
func Shells() []string {
	names := append(shell.Names(), tmux)
	slices.Sort(names)
	return names
}

// Valid reports whether the style is valid. A symbol may not contain control characters, or characters that a shell
// expands in a prompt: prompts are expanded several times, depending on the user's options, so no escaping is right
// everywhere.
func (s Style) Valid() bool {
	known := s.Shell == "" || slices.Contains(Shells(), s.Shell)
	return known && !strings.ContainsAny(s.Symbol, "%\\$`#") && !hasControl(s.Symbol)
}

// Segment returns the segment for a tail (Report.Tail), "" for none.
func (s Style) Segment(tail string) string {
	if tail == "" {
		return ""
	}
	text := cmp.Or(s.Symbol, DefaultSymbol) + " " + tail
	if !s.Color {
		return text
	}
	name, on, off := "red", "\x1b[31m", "\x1b[39m"
	if tail[len(tail)-1] >= 'a' { // the time left, or old: the login still works
		name, on = "yellow", "\x1b[33m"
	}
	if s.Shell == tmux {
		on, off = "#[fg="+name+"]", "#[fg=default]"
	} else if sh := shell.ByName(s.Shell); sh != nil {
		on, off = sh.Invisible[0]+on+sh.Invisible[1], sh.Invisible[0]+off+sh.Invisible[1]
	}
	return on + text + off
}
