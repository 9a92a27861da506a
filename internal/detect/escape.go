package detect

// The Scanner's own reader of escape sequences finds where a sequence ends and whether it moves the cursor. All other
// code uses the parser in vt. This one is part of the scanner's inner loop and reads a complete sequence at once. It
// follows ECMA-48 and xterm, with two simplifications: a control byte other than ESC, CAN and SUB ends a sequence and
// is then read by itself (a terminal would execute it within the sequence), and BEL ends every string, not only an OSC.

const (
	bel = 0x07
	can = 0x18
	sub = 0x1a
	esc = 0x1b
)

// maxParams is how many bytes of parameters are kept of a CSI sequence. A longer one sets many colours: it is taken to
// move nothing.
const maxParams = 32

type escState uint8

const (
	ground       escState = iota
	escaped               // after ESC
	intermediate          // after ESC and an intermediate: a final byte is to come
	csi                   // after ESC [
	str                   // in the string of an OSC, DCS, SOS, PM or APC
)

// A move is what a byte or a sequence does to the cursor.
type move uint8

const (
	still     move = iota // nothing: it sets colours or modes, or erases
	sideways              // along the line: a gap
	rows                  // to another line, the column kept or unknown
	lineStart             // to the first column
)

// controlMove returns what a control byte below 0x20 or 0x7f does.
func controlMove(c byte) move {
	switch c {
	case '\n', '\r':
		return lineStart
	case '\t', '\b':
		return sideways
	case '\v', '\f':
		return rows
	}
	return still
}

// escapeMove returns what ESC and the final byte c do.
func escapeMove(c byte) move {
	switch c {
	case 'E', 'c': // next line, full reset
		return lineStart
	case 'D', 'M', '8': // index, reverse index, restore cursor
		return rows
	}
	return still
}

// csiMove returns what a CSI sequence does.
func csiMove(params []byte, final byte) move {
	if len(params) > maxParams || !plain(params) {
		return still
	}
	switch final {
	case 'C', 'D', 'a', 'j', '`', 'I', 'Z':
		if final == '`' && column(params, 0) {
			return lineStart
		}
		return sideways
	case 'G':
		if column(params, 0) {
			return lineStart
		}
		return sideways
	case 'A', 'B', 'd', 'e', 'k', 'u':
		return rows
	case 'E', 'F', 'r': // setting the scrolling region homes the cursor
		return lineStart
	case 'H', 'f':
		if column(params, 1) {
			return lineStart
		}
		return rows
	}
	return still
}

// plain reports whether params has neither a private marker nor an intermediate, which change what a sequence does
// ("CSI > 1 u" does not restore the cursor).
func plain(params []byte) bool {
	for _, c := range params {
		if c < '0' || c > ';' {
			return false
		}
	}
	return true
}

// column reports whether parameter n names the first column: 0, 1 or absent.
func column(params []byte, n int) bool {
	value := 0
	for _, c := range params {
		switch {
		case c == ';':
			if n == 0 {
				return value <= 1
			}
			n--
			value = 0
		case c >= '0' && c <= '9':
			value = min(value*10+int(c-'0'), 1<<20)
		}
	}
	return n > 0 || value <= 1
}

// escapeAt handles the ESC at i and returns where to go on. It reads a CSI sequence that is complete in p, by far the
// most frequent case, at once.
func (s *Scanner) escapeAt(p []byte, i int, emit func(Finding)) int {
	s.esc = escaped
	i++
	if i == len(p) || p[i] != '[' {
		return i
	}
	s.esc, s.ncsi = csi, 0
	i++
	for j := i; j < len(p); j++ {
		c := p[j]
		if c >= 0x20 && c <= 0x3f {
			continue
		}
		if c < 0x40 || c > 0x7e {
			break
		}
		s.esc = ground
		if c != 'm' {
			s.moved(csiMove(p[i:j], c), emit)
		}
		return j + 1
	}
	return i
}

// escape handles the byte at i within a sequence, and returns where to go on.
func (s *Scanner) escape(p []byte, i int, emit func(Finding)) int {
	c := p[i]
	switch {
	case s.esc == str:
		return s.skipString(p, i)
	case c == esc:
		return s.escapeAt(p, i, emit)
	case c == can || c == sub:
		s.esc = ground
		return i + 1
	case c < 0x20 || c >= 0x7f:
		s.esc = ground
		return i // the byte is then read by itself
	}
	switch s.esc {
	case escaped:
		s.second(c, emit)
	case intermediate:
		if c >= 0x30 {
			s.esc = ground
		}
	case csi:
		if c >= 0x40 {
			s.esc = ground
			if s.ncsi <= maxParams {
				s.moved(csiMove(s.csi[:s.ncsi], c), emit)
			}
			break
		}
		if s.ncsi < maxParams {
			s.csi[s.ncsi] = c
		}
		if s.ncsi <= maxParams {
			s.ncsi++
		}
	}
	return i + 1
}

// second handles the byte after ESC.
func (s *Scanner) second(c byte, emit func(Finding)) {
	switch {
	case c == '[':
		s.esc, s.ncsi = csi, 0
	case c == ']' || c == 'P' || c == 'X' || c == '^' || c == '_':
		s.esc = str
	case c < 0x30:
		s.esc = intermediate
	default:
		s.esc = ground
		s.moved(escapeMove(c), emit)
	}
}

// skipString goes to the end of a string: past BEL, CAN or SUB, or past the ESC of its terminator, whose `\` then moves
// nothing.
func (s *Scanner) skipString(p []byte, i int) int {
	for {
		if i = nextControl(p, i); i == len(p) {
			return i
		}
		switch p[i] {
		case bel, can, sub:
			s.esc = ground
			return i + 1
		case esc:
			s.esc = escaped
			return i + 1
		}
		i++
	}
}

// moved handles the effect of a sequence.
func (s *Scanner) moved(m move, emit func(Finding)) {
	if m == still {
		return
	}
	if len(s.live) > 0 {
		s.white(m, emit)
		return
	}
	s.line = s.line.moved(m)
}
