package detect

// A Scanner finds the phrases of a rule set in what a program writes to a terminal or to a log. It reads the stream in
// pieces: a phrase may be split anywhere, also within an escape sequence or a character.
//
// A conversation may contain the same words, so the Scanner finds a phrase only where the client prints its own
// messages:
//
//   - at the beginning of a line, in the first column; or
//   - after one of the client's markers (● ⏺ ⎿) that is the first thing on its line, and white space on that line.
//
// Lines that begin with white space do not count: the client wraps what people and models say in this way. Escape
// sequences that only set colours or modes are skipped, also within a word. Cursor moves, CR, LF, spaces, tabs and
// no-break spaces are white space, and any run of white space is one gap. Of several phrases that fit at one place the
// longest is reported, as soon as it is certain. Bytes count in the order in which they are written, wherever the
// cursor is: a phrase of which the program redraws only a part is not found.
//
// Scan allocates nothing. A Scanner must not be used concurrently.
type Scanner struct {
	rules *Rules
	base  int64       // stream offset of the current read's first byte
	live  []candidate // phrases that fit so far, the earliest first
	line  place
	esc   escState
	held  bool            // the read before ended in C2: U+00A0 is C2 A0, the middle dot of the phrases C2 B7
	csi   [maxParams]byte // parameters of a CSI sequence that spans reads
	ncsi  int             // how many there were; more than maxParams are not kept
}

// A candidate is a phrase that fits so far.
type candidate struct {
	node  int32 // of the trie
	off   int32 // bytes of its label that fit
	last  int32 // rule of the longest complete phrase, or noRule
	start int64 // offset of its first byte in the stream
}

// A place is where on its line the next visible byte comes.
type place uint8

const (
	column0 place = iota // first column: a line begins
	indent               // only white space before it on the line
	inside               // something visible before it
	markE2               // after the first byte of a marker
	mark97               // after E2 97
	mark8F               // after E2 8F
	mark8E               // after E2 8E
	marker               // after a marker
	message              // after a marker and white space: a message begins
)

// NewScanner returns a Scanner at the beginning of a stream.
func NewScanner(r *Rules) *Scanner {
	// Candidates nest: each later one began at a later word of the first.
	return &Scanner{rules: r, live: make([]candidate, 0, r.words+1)}
}

// Scan takes the next bytes of the stream and calls emit for each finding that is certain with them.
func (s *Scanner) Scan(p []byte, emit func(Finding)) {
	i := 0
	if s.held && len(p) > 0 {
		i = s.resumeTwoByte(p, emit)
	}
	for i < len(p) {
		switch {
		case s.esc != ground:
			i = s.escape(p, i, emit)
		case len(s.live) == 0:
			i = s.seek(p, i, emit)
		default:
			i = s.follow(p, i, emit)
		}
	}
	s.base += int64(len(p))
}

// Close ends the stream: it reports the complete phrases that could still have become longer ones. The Scanner is then
// ready for a new stream.
func (s *Scanner) Close(emit func(Finding)) {
	if s.held {
		s.held = false
		s.visible(0xC2, s.base-1, emit)
	}
	for _, c := range s.live {
		s.report(c, emit)
	}
	*s = Scanner{rules: s.rules, live: s.live[:0]}
}

// seek handles bytes from i while there is no candidate, and returns where it stopped: after the first byte of a
// phrase, within an escape sequence, or at the end.
func (s *Scanner) seek(p []byte, i int, emit func(Finding)) int {
	for i < len(p) {
		if s.line == inside {
			// Only a control byte can begin a line. This is where plain text spends its time.
			if i = nextControl(p, i); i == len(p) {
				return i
			}
		}
		c := p[i]
		switch {
		case c == esc:
			if i = s.escapeAt(p, i, emit); s.esc != ground {
				return i
			}
		case c > ' ' && c < 0x7f || c >= 0x80 && c != 0xC2:
			if s.line == column0 || s.line == message {
				if s.rules.trie.root[c] != 0 {
					s.visible(c, s.base+int64(i), emit)
					return i + 1
				}
			}
			s.line = s.line.after(c)
			i++
		case c == 0xC2:
			i = s.twoByte(p, i, emit)
			if len(s.live) > 0 {
				return i
			}
		case c == ' ':
			s.line = s.line.moved(sideways)
			i++
		default:
			if m := controlMove(c); m != still {
				s.line = s.line.moved(m)
			}
			i++
		}
	}
	return i
}

// follow handles what is at i while there are candidates, and returns where to go on.
func (s *Scanner) follow(p []byte, i int, emit func(Finding)) int {
	if len(s.live) == 1 && s.line == inside {
		if i = s.literal(p, i, emit); i == len(p) || len(s.live) == 0 {
			return i
		}
	}
	c := p[i]
	switch {
	case c == esc:
		return s.escapeAt(p, i, emit)
	case c == 0xC2:
		return s.twoByte(p, i, emit)
	case c > ' ' && c != 0x7f:
		s.visible(c, s.base+int64(i), emit)
	case c == ' ':
		s.white(sideways, emit)
	default:
		if m := controlMove(c); m != still {
			s.white(m, emit)
		}
	}
	return i + 1
}

// literal follows the only candidate, within a line, over bytes that are exactly what its phrase has next. It returns
// where it stopped: after the phrase's last byte or the byte that does not fit, or at a byte that it can't handle (an
// escape, white space, C2).
func (s *Scanner) literal(p []byte, i int, emit func(Finding)) int {
	c, t := &s.live[0], s.rules.trie
	for i < len(p) {
		n := &t.nodes[c.node]
		if int(c.off) == len(n.label) {
			kid := int32(0)
			if p[i] != 0xC2 {
				kid = t.kid(n, p[i])
			}
			if kid == 0 {
				break
			}
			c.node, c.off = kid, 0
			n = &t.nodes[kid]
		}
		var whole bool
		if i, whole = c.along(n.label, p, i); !whole {
			break
		}
		if n.rule != noRule {
			c.last = n.rule
		}
		if len(n.kids) == 0 {
			s.report(*c, emit)
			s.live = s.live[:0]
			return i
		}
	}
	if i < len(p) && p[i] > ' ' && p[i] != 0x7f && p[i] != 0xC2 {
		s.report(*c, emit)
		s.live = s.live[:0]
		i++
	}
	return i
}

// along follows the rest of a label and reports whether it reached its end. It does not stop between the bytes of a
// character that begins with C2.
func (c *candidate) along(label string, p []byte, i int) (next int, whole bool) {
	from := int(c.off)
	off := from + commonPrefix(label[from:], p[i:])
	if off > from && label[off-1] == 0xC2 {
		off--
	}
	c.off = int32(off)
	return i + off - from, off == len(label)
}

// twoByte handles C2 at i, which is a no-break space together with A0.
func (s *Scanner) twoByte(p []byte, i int, emit func(Finding)) int {
	switch {
	case i+1 == len(p):
		s.held = true
	case p[i+1] == 0xA0:
		s.white(sideways, emit)
		return i + 2
	default:
		s.visible(0xC2, s.base+int64(i), emit)
	}
	return i + 1
}

// resumeTwoByte handles the C2 that ended the read before, and returns where to go on in p.
func (s *Scanner) resumeTwoByte(p []byte, emit func(Finding)) int {
	s.held = false
	if p[0] == 0xA0 {
		s.white(sideways, emit)
		return 1
	}
	s.visible(0xC2, s.base-1, emit)
	return 0
}

// visible handles a byte that shows on the screen.
func (s *Scanner) visible(c byte, at int64, emit func(Finding)) {
	s.step(c, emit)
	if s.line == column0 || s.line == message {
		if node := s.rules.trie.root[c]; node != 0 {
			s.live = append(s.live, candidate{node: node, last: noRule, start: at})
			last := len(s.live) - 1
			if !s.fits(&s.live[last], c, emit) {
				s.live = s.live[:last]
			}
		}
	}
	s.line = s.line.after(c)
}

// white handles white space, or a cursor move that counts as white space.
func (s *Scanner) white(m move, emit func(Finding)) {
	s.step(' ', emit)
	s.line = s.line.moved(m)
}

// step moves all candidates on by one byte, which is ' ' for a gap, and drops those that do not fit.
func (s *Scanner) step(c byte, emit func(Finding)) {
	kept := s.live[:0]
	for _, cand := range s.live {
		if s.fits(&cand, c, emit) {
			kept = append(kept, cand)
		}
	}
	s.live = kept
}

// fits moves a candidate on by one byte and reports whether it still fits and may go on. It reports the phrase of one
// that ends here.
func (s *Scanner) fits(c *candidate, b byte, emit func(Finding)) bool {
	t := s.rules.trie
	n := &t.nodes[c.node]
	if b == ' ' && c.off > 0 && n.label[c.off-1] == ' ' {
		return true // the gap goes on
	}
	if int(c.off) == len(n.label) {
		kid := t.kid(n, b)
		if kid == 0 {
			s.report(*c, emit)
			return false
		}
		c.node, c.off = kid, 0
		n = &t.nodes[kid]
	}
	if n.label[c.off] != b {
		s.report(*c, emit)
		return false
	}
	c.off++
	if int(c.off) < len(n.label) {
		return true
	}
	if n.rule != noRule {
		c.last = n.rule
	}
	if len(n.kids) == 0 {
		s.report(*c, emit)
		return false
	}
	return true
}

// report emits the longest complete phrase of a candidate, if there is one.
func (s *Scanner) report(c candidate, emit func(Finding)) {
	if c.last != noRule {
		emit(s.rules.finding(c.last, c.start))
	}
}

// after returns the place that follows a visible byte.
func (l place) after(c byte) place {
	switch l {
	case column0, indent:
		if c == 0xE2 {
			return markE2
		}
	case markE2:
		switch c {
		case 0x97:
			return mark97
		case 0x8F:
			return mark8F
		case 0x8E:
			return mark8E
		}
	case mark97:
		if c == 0x8F { // ●
			return marker
		}
	case mark8F:
		if c == 0xBA { // ⏺
			return marker
		}
	case mark8E:
		if c == 0xBF { // ⎿
			return marker
		}
	}
	return inside
}

// moved returns the place that follows white space or a cursor move.
func (l place) moved(m move) place {
	switch {
	case m == still:
		return l
	case m == sideways && (l == marker || l == message):
		return message
	case m == lineStart:
		return column0
	case l == column0 && m == rows:
		return column0
	case m == sideways && l != column0 && l != indent: // also a character cut short
		return inside
	}
	return indent
}
