package runner

import "bytes"

// parser recognises control sequences as ECMA-48 has them and terminals take them, across any division of the stream. Text is not its
// business: the caller skips it.
type parser struct {
	state   parserState
	private byte // '<' to '?', 0, or 'E' for a plain escape
	inter   byte // the last intermediate byte, 0 when there was none
	final   byte
	n       int // parameters seen; those past the array are dropped
	par     [16]int
	given   uint16 // bit i: parameter i is not empty
}

type parserState uint8

const (
	ground       parserState = iota
	escape                   // after ESC
	escapeInter              // after ESC and an intermediate byte
	control                  // within CSI
	ignored                  // within a CSI that makes no sense
	stringState              // within OSC, DCS, APC, PM or SOS
	stringEscape             // and an ESC in it
)

// step takes bytes of p, at least one, and reports whether a sequence is complete. It stops after the sequence's last byte.
func (q *parser) step(p []byte) (n int, done bool) {
	for n < len(p) {
		if q.state == stringState {
			// ST or BEL ends it, CAN and SUB break it off. The long ones are images.
			i := bytes.IndexAny(p[n:], "\x1b\x07\x18\x1a")
			if i < 0 {
				return len(p), false
			}
			n += i
		}
		c := p[n]
		n++
		if done = q.take(c); done || q.state == ground {
			return n, done
		}
	}
	return n, false
}

// take is one byte's step.
func (q *parser) take(c byte) (done bool) {
	switch {
	case c == 0x18 || c == 0x1a: // CAN, SUB
		q.state = ground
		return false
	case c == 0x1b:
		if q.state == stringState {
			q.state = stringEscape
		} else {
			q.state = escape
		}
		return false
	}
	switch q.state {
	case escape:
		return q.takeEscape(c)
	case escapeInter:
		if c >= 0x30 && c < 0x7f {
			q.state = ground // a character set, or the like
		}
	case control:
		return q.takeControl(c)
	case ignored:
		if c >= 0x40 && c < 0x7f {
			q.state = ground
		}
	case stringState:
		if c == 0x07 {
			q.state = ground
		}
	case stringEscape:
		if c == '\\' {
			q.state = ground
			return false
		}
		// Not ST: the string is broken off and a new sequence has begun.
		q.state = escape
		return q.takeEscape(c)
	}
	return false
}

func (q *parser) takeEscape(c byte) (done bool) {
	switch {
	case c == '[':
		*q = parser{state: control}
	case c == ']' || c == 'P' || c == 'X' || c == '^' || c == '_':
		q.state = stringState
	case c < 0x20: // acted upon within the sequence
	case c < 0x30:
		q.state = escapeInter
	case c < 0x7f:
		*q = parser{state: ground, private: 'E', final: c}
		return true
	}
	return false
}

func (q *parser) takeControl(c byte) (done bool) {
	switch {
	case c >= '0' && c <= '9':
		if q.n == 0 {
			q.n = 1
		}
		if i := q.n - 1; i < len(q.par) {
			q.given |= 1 << i
			if q.par[i] < 100000 {
				q.par[i] = q.par[i]*10 + int(c-'0')
			}
		}
	case c == ';' || c == ':':
		if q.n == 0 {
			q.n = 1
		}
		if q.n <= len(q.par) {
			q.n++
		}
	case c >= '<' && c <= '?':
		if q.n > 0 || q.private != 0 {
			q.state = ignored
			break
		}
		q.private = c
	case c >= 0x20 && c < 0x30:
		q.inter = c
	case c >= 0x40 && c < 0x7f:
		q.state, q.final = ground, c
		return true
	}
	return false
}

// param is parameter i, or def where it is missing or empty.
func (q *parser) param(i, def int) int {
	if i >= q.n || i >= len(q.par) || q.given&(1<<i) == 0 {
		return def
	}
	return q.par[i]
}

// params are all parameters, an empty one being 0.
func (q *parser) params() []int { return q.par[:min(q.n, len(q.par))] }
