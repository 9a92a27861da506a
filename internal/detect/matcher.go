package detect

import (
	"strings"

	"github.com/claude-auth/claude-auth/internal/vt"
)

// A matcher decides, byte by byte, whether a text can still become a failure message and nothing else. The text of
// -p holds no escapes and no redrawn gaps, so it compares exactly, unlike the Scanner; around the text a terminal
// gets escape sequences, which are passed over.
type matcher struct {
	rules  *Rules
	around vt.Parser
	phase  phase
	node   int32 // while in the phrase: where, and
	off    int   // how many bytes of the node's label fit
	last   int32 // rule of the longest phrase that fits, or noRule
	clean  bool  // nothing but spaces came after that phrase
	start  int64 // offset of the phrase
	end    int64 // offset of what follows the message, in phase after
	n      int64
}

type phase int

const (
	before  phase = iota // white space before the phrase
	within               // in the phrase
	rest                 // in what an open message goes on with
	after                // white space after the message
	refuted              // not a failure message
)

// write takes the next bytes and reports whether the text can still become a failure message and nothing else.
func (m *matcher) write(p []byte) bool {
	for _, c := range p {
		if m.phase == refuted {
			return false
		}
		m.step(c)
		m.n++
	}
	return m.phase != refuted
}

func (m *matcher) step(c byte) {
	switch m.phase {
	case before:
		if m.skip(c) || isSpace(c) {
			return
		}
		m.node, m.off, m.last, m.start = m.rules.trie.root[c], 0, noRule, m.n
		if m.node == 0 {
			m.phase = refuted
			return
		}
		m.phase = within
		m.phrase(c)
	case within:
		m.phrase(c)
	case rest:
		m.tail(c)
	case after:
		if !m.skip(c) && !isSpace(c) {
			m.phase = refuted
		}
	}
}

// phrase goes one byte further in the trie, or falls back to the longest phrase that was complete before.
func (m *matcher) phrase(c byte) {
	t := m.rules.trie
	n := &t.nodes[m.node]
	if m.off == len(n.label) {
		kid := t.kid(n, c)
		if kid == 0 {
			m.leave(c)
			return
		}
		m.node, m.off = kid, 0
		n = &t.nodes[kid]
	}
	if n.label[m.off] != c {
		m.leave(c)
		return
	}
	m.off++
	if m.off == len(n.label) && n.rule != noRule {
		m.last, m.clean = n.rule, true
	} else if c != ' ' {
		m.clean = false
	}
}

// leave decides what a byte means that no phrase has here.
func (m *matcher) leave(c byte) {
	switch {
	case m.last == noRule:
		m.phase = refuted
	case m.rules.list[m.last].Open:
		m.phase = rest
		m.tail(c)
	case m.clean && (isSpace(c) || m.skip(c)):
		m.phase, m.end = after, m.n
	default:
		m.phase = refuted
	}
}

// tail handles a byte of the rest of the line. NUL is in no message, and an answer that has it must not wait for its
// line to end. An escape ends the message: what comes after it must be escapes and white space.
func (m *matcher) tail(c byte) {
	switch {
	case c == '\n' || c == '\r' || m.skip(c):
		m.phase, m.end = after, m.n
	case c < ' ' && c != '\t':
		m.phase = refuted
	}
}

// finish returns the rule of the message that the text is, given that it ends here.
func (m *matcher) finish() (Rule, bool) {
	ended := m.phase == rest || m.phase == after
	if m.phase == within && m.last != noRule {
		ended = m.clean || m.rules.list[m.last].Open
	}
	if !ended {
		return Rule{}, false
	}
	return m.rules.list[m.last], true
}

// message returns the offsets of the message that finish has found.
func (m *matcher) message() (start, end int64) {
	if m.phase == after {
		return m.start, m.end
	}
	return m.start, m.n
}

// skip reports whether c belongs to an escape sequence, or is a control byte that shows nothing: on a terminal the
// client sends a reset of the terminal's modes after the text of -p (2.1.165 and 2.1.330).
func (m *matcher) skip(c byte) bool {
	if m.around.Ground() && c != esc {
		return c == shiftOut || c == shiftIn
	}
	m.around.Next(c)
	return true
}

const (
	shiftOut = 0x0e
	shiftIn  = 0x0f
)

// isSpace tells the white space that may stand around a message.
func isSpace(c byte) bool { return strings.IndexByte(" \t\n\r\v\f", c) >= 0 }
