package screens

import (
	"strconv"
	"strings"
)

// style is how a cell looks. Colours are numbers of the terminal's palette.
type style struct {
	foreground                            int // -1: the terminal's own
	bold, dim, italic, underline, reverse bool
}

// unstyled is what a terminal starts with.
var unstyled = style{foreground: -1}

// cell is one character on a screen.
type cell struct {
	char  rune
	style style
}

// screen is what a terminal shows: lines of cells, without the blanks at the ends of lines and at the bottom.
type screen [][]cell

// parseScreen reads what `tmux capture-pane -e` prints: lines of text with SGR sequences in it.
func parseScreen(captured string) screen {
	var s screen
	now := unstyled
	for line := range strings.SplitSeq(strings.TrimRight(captured, "\n"), "\n") {
		var cells []cell
		for rest := []rune(line); len(rest) > 0; {
			if rest[0] == 0x1b {
				rest = now.sequence(rest)
				continue
			}
			cells = append(cells, cell{rest[0], now})
			rest = rest[1:]
		}
		for len(cells) > 0 && cells[len(cells)-1].char == ' ' && !cells[len(cells)-1].style.reverse {
			cells = cells[:len(cells)-1]
		}
		s = append(s, cells)
	}
	for len(s) > 0 && len(s[len(s)-1]) == 0 {
		s = s[:len(s)-1]
	}
	return s
}

// sequence takes an escape sequence from the front of text, and what is left.
func (s *style) sequence(text []rune) (rest []rune) {
	end := 1
	for end < len(text) && text[end] >= ' ' && text[end] <= '/' { // as in \x1b(B
		end++
	}
	control := end < len(text) && text[end] == '['
	if control {
		for end++; end < len(text) && (text[end] < 0x40 || text[end] > 0x7e); {
			end++
		}
	}
	if control && end < len(text) && text[end] == 'm' {
		s.apply(strings.Split(string(text[2:end]), ";"))
	}
	return text[min(len(text), end+1):]
}

// apply sets what the parameters of an SGR sequence say. A background is not drawn.
func (s *style) apply(parameters []string) {
	for i := 0; i < len(parameters); i++ {
		number, _ := strconv.Atoi(parameters[i]) // "" is 0
		switch {
		case number == 0:
			*s = unstyled
		case number == 1:
			s.bold = true
		case number == 2:
			s.dim = true
		case number == 3:
			s.italic = true
		case number == 4:
			s.underline = true
		case number == 7:
			s.reverse = true
		case number == 22:
			s.bold, s.dim = false, false
		case number == 24:
			s.underline = false
		case number == 27:
			s.reverse = false
		case number >= 30 && number <= 37:
			s.foreground = number - 30
		case number >= 90 && number <= 97:
			s.foreground = number - 90 + 8
		case number == 39:
			s.foreground = -1
		case (number == 38 || number == 48) && i+2 < len(parameters) && parameters[i+1] == "5":
			if colour, err := strconv.Atoi(parameters[i+2]); err == nil && number == 38 {
				s.foreground = colour
			}
			i += 2
		case (number == 38 || number == 48) && i+4 < len(parameters) && parameters[i+1] == "2":
			i += 4 // our program has no such colours
		}
	}
}

// text is the screen as text, each line with its end.
func (s screen) text() string {
	var b strings.Builder
	for _, line := range s {
		for _, c := range line {
			b.WriteRune(c.char)
		}
		b.WriteByte('\n')
	}
	return b.String()
}
