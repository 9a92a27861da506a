// Package vt reads terminal escape sequences: it records what a program's output has switched on in its terminal, and
// decodes the keys that a terminal sends.
//
// All of this program uses its Parser, except the scanner in detect, which is faster because it knows only what moves
// the cursor. The table of github.com/charmbracelet/x/ansi/parser (v0.11.9) is not used: it is built at each start of
// the program, brings other modules with it, and needs as much code around it.
package vt

import "bytes"

const esc = 0x1b

// Parser recognises control sequences as ECMA-48 defines them and terminals accept them, however the stream is divided.
// It does not read text: the caller skips that up to the next ESC. The zero Parser is ready for use.
type Parser struct {
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

// Ground reports whether the stream is outside of a sequence.
func (q *Parser) Ground() bool { return q.state == ground }

// Is reports whether the last sequence was a control sequence with this private marker, intermediate and final byte.
func (q *Parser) Is(private, inter, final byte) bool {
	return q.private == private && q.inter == inter && q.final == final
}

// Step takes bytes of p, at least one, and stops after the last byte of a sequence. done reports that it was a complete
// escape or control sequence; after a string, or a sequence that was cut off, it is false.
func (q *Parser) Step(p []byte) (n int, done bool) {
	for n < len(p) {
		if q.state == stringState {
			// ST or BEL ends it, CAN and SUB cut it off. Long strings are images.
			i := bytes.IndexAny(p[n:], "\x1b\x07\x18\x1a")
			if i < 0 {
				return len(p), false
			}
			n += i
		}
		c := p[n]
		n++
		if done = q.Next(c); done || q.state == ground {
			return n, done
		}
	}
	return n, false
}

// Next is Step for one byte.
func (q *Parser) Next(c byte) (done bool) {
	switch {
	case c == 0x18 || c == 0x1a: // CAN, SUB
		q.state = ground
		return false
	case c == esc && q.state == stringState:
		q.state = stringEscape
		return false
	case c == esc:
		q.state = escape
		return false
	}
	switch q.state {
	case escape:
		return q.nextEscape(c)
	case escapeInter:
		if c >= 0x30 && c < 0x7f {
			q.state = ground // a character set, or the like
		}
	case control:
		return q.nextControl(c)
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
		// Not ST: the string is cut off and a new sequence has begun.
		q.state = escape
		return q.nextEscape(c)
	}
	return false
}

func (q *Parser) nextEscape(c byte) (done bool) {
	switch {
	case c == '[':
		*q = Parser{state: control}
	case c == ']' || c == 'P' || c == 'X' || c == '^' || c == '_':
		q.state = stringState
	case c < 0x20: // a terminal executes it within the sequence
	case c < 0x30:
		q.state = escapeInter
	case c < 0x7f:
		*q = Parser{private: 'E', final: c}
		return true
	}
	return false
}

func (q *Parser) nextControl(c byte) (done bool) {
	switch {
	case c >= '0' && c <= ';':
		q.parameter(c)
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

// parameter takes a digit or a separator.
func (q *Parser) parameter(c byte) {
	q.n = max(q.n, 1)
	i := q.n - 1
	switch {
	case i == len(q.par): // dropped
	case c > '9':
		q.n++
	default:
		q.given |= 1 << i
		if q.par[i] < 100000 {
			q.par[i] = q.par[i]*10 + int(c-'0')
		}
	}
}

// Param is parameter i, or def where it is missing or empty.
func (q *Parser) Param(i, def int) int {
	if i >= q.n || i >= len(q.par) || q.given&(1<<i) == 0 {
		return def
	}
	return q.par[i]
}

// params are all parameters, an empty one being 0.
func (q *Parser) params() []int { return q.par[:min(q.n, len(q.par))] }
