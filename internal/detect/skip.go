package detect

// A skipper passes over escape sequences that stand around a message: on a terminal the client sends a reset of the
// terminal's modes after the text of -p (2.1.165 and 2.1.330).
type skipper struct{ state escState }

// skip reports whether c belongs to an escape sequence, or is a control byte that shows nothing.
func (s *skipper) skip(c byte) bool {
	switch s.state {
	case ground:
		if c == esc {
			s.state = escaped
		}
		return c == esc || c == shiftOut || c == shiftIn
	case escaped:
		s.state = afterESC(c)
	case intermediate:
		if c >= 0x30 {
			s.state = ground
		}
	case csi:
		if c >= 0x40 {
			s.state = ground
		}
	case str:
		switch c {
		case bel:
			s.state = ground
		case esc: // ESC \ ends the string; any other ESC begins a sequence
			s.state = escaped
		}
	}
	return true
}

const (
	shiftOut = 0x0e
	shiftIn  = 0x0f
)

// afterESC is the state after ESC and c.
func afterESC(c byte) escState {
	switch {
	case c == '[':
		return csi
	case c == ']' || c == 'P' || c == 'X' || c == '^' || c == '_':
		return str
	case c < 0x30:
		return intermediate
	}
	return ground
}
