package standin

import (
	"fmt"
	"os"
	"strings"
	"unicode/utf8"

	"golang.org/x/term"
)

// screen draws a session as the client does: messages scroll upwards, and a frame with the input line below them is
// redrawn in place. Cursor moves, not spaces, put the words of a message in their columns.
type screen struct {
	out     *os.File
	dialect dialect
	columns int
	below   int  // lines from the frame's first line to the cursor
	drawn   bool // there is a frame
	said    []said
	err     error // the first error of a write
}

// said is a message on the screen.
type said struct {
	mark  string // ❯, ● or ⎿
	color int
	text  string
}

const (
	colorPerson  = 231
	colorModel   = 231
	colorFailure = 220
	colorDim     = 246
)

// The terminal modes that the client sets at its start, and how it resets them (2.1.330; recorded).
const (
	modesOn  = "\x1b7\x1b[r\x1b8\x1b[?25h\x1b[?25l\x1b[?2004h\x1b[?2031h\x1b[?1004h\x1b[<u\x1b[>5u\x1b[>4;2m"
	modesOff = "\x1b[?1006l\x1b[?1003l\x1b[?1002l\x1b[?1000l\x1b[?1004l\x1b[>4m\x1b[<u\x1b[?2031l\x1b[?2004l" +
		"\x1b(B\x0f\x1b[?25h\x1b7\x1b[r\x1b8"
)

func (s *screen) write(text string) {
	if s.err == nil {
		_, s.err = s.out.WriteString(text)
	}
}

func (s *screen) measure() {
	s.columns = 80
	if columns, _, err := term.GetSize(int(s.out.Fd())); err == nil && columns > 0 {
		s.columns = columns
	}
}

func (s *screen) open(dir string) {
	s.measure()
	s.write(modesOn + "\x1b]0;✳ Claude Code\x07")
	s.banner(dir)
}

func (s *screen) banner(dir string) {
	s.write(fmt.Sprintf("\x1b[1mClaude\x1b[8GCode\x1b[13G\x1b[22m\x1b[38;5;246mv%s\x1b[39m\r\r\n", s.dialect.version))
	s.write(fmt.Sprintf("\x1b[38;5;246m%s\x1b[39m\r\r\n\r\r\n", dir))
}

// repaint draws everything again, as after a change of the window's size.
func (s *screen) repaint(dir, input, status string) {
	s.measure()
	s.write("\x1b[2J\x1b[H")
	s.drawn = false
	s.banner(dir)
	for _, message := range s.said {
		s.message(message)
	}
	s.frame(input, status)
}

// say adds a message above the frame and redraws the frame.
func (s *screen) say(message said, input, status string) {
	s.said = append(s.said, message)
	s.erase()
	s.message(message)
	s.frame(input, status)
}

// erase removes the frame; the cursor is then where its first line was.
func (s *screen) erase() {
	if s.drawn {
		if s.below > 0 {
			s.write(fmt.Sprintf("\x1b[%dA", s.below))
		}
		s.write("\r\x1b[J")
	}
	s.drawn = false
}

// message draws one message, wrapped at the terminal's width with the words in their columns.
func (s *screen) message(m said) {
	s.write(fmt.Sprintf("\x1b[38;5;%dm%s\x1b[39m", m.color, m.mark))
	for _, paragraph := range strings.Split(m.text, "\n") {
		column := 3
		for _, word := range strings.Fields(paragraph) {
			width := utf8.RuneCountInString(word)
			if column > 3 && column+width-1 > s.columns {
				s.write("\r\r\n")
				column = 3
			}
			s.write(fmt.Sprintf("\x1b[%dG%s", column, word))
			column += width + 1
		}
		s.write("\x1b[K\r\r\n")
	}
	s.write("\r\r\n")
}

// frame draws the input line between two rules, and a status line below.
func (s *screen) frame(input, status string) {
	rule := "\x1b[38;5;244m" + strings.Repeat("─", s.columns) + "\x1b[39m\r\r\n"
	shown := input // its end, where it is too long
	if over := utf8.RuneCountInString(shown) - (s.columns - 4); over > 0 {
		shown = string([]rune(shown)[over:])
	}
	s.write(rule + "❯\u00a0" + shown + "\x1b[7m \x1b[27m\r\r\n" + rule)
	if runes := []rune(status); len(runes) > s.columns-3 { // no line of the frame may wrap, because they are counted
		status = string(runes[:max(s.columns-4, 0)]) + "…"
	}
	s.write("\x1b[3G\x1b[38;5;246m" + status + "\x1b[39m")
	s.below, s.drawn = 3, true
}

// redraw draws the frame again in its place.
func (s *screen) redraw(input, status string) {
	s.erase()
	s.frame(input, status)
}

// close resets the terminal's modes.
func (s *screen) close() { s.write("\r\r\n" + modesOff + "\x1b]0;\x07") }
