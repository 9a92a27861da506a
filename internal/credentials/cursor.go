package credentials

import (
	"encoding/binary"
	"fmt"
	"iter"
	"math/bits"
	"strings"
)

// cursor reads a JSON text value by value, and checks it against the grammar of ECMAScript's JSON.parse, which is that
// of RFC 8259: no byte order mark, no comments, no trailing commas, no control characters in strings.
//
// It keeps the open brackets in a bit set instead of the call stack: nesting costs one bit a level, and no depth can
// overflow anything. Bytes that are not UTF-8 are let through inside strings: the client decodes them to U+FFFD and
// goes on, and an edit of another place has to keep them.
type cursor struct {
	data []byte
	pos  int

	found found // what next has passed
	depth int   // how many containers are around it
	key   span  // with its quotes; empty where there is none. Not set at the end of a container.
	value span  // when a container begins only the start is set, and when it ends only the end

	open    []uint64 // one bit for each open container: 1 an object, 0 an array
	level   int      // how many are open
	deepest int      // how many were ever open at once
	fault   error    // the *SyntaxError at which the cursor has stopped
}

// found is what the cursor has just passed.
type found int

const (
	nothing found = iota
	scalar
	begin // the bracket that opens an object or array
	end   // the bracket that closes one
)

// next goes on to the next scalar, or to the beginning or end of a container. It returns false at the end of the text,
// and at a syntax error.
func (c *cursor) next() bool {
	c.space()
	if c.level == 0 {
		if c.found != nothing {
			return c.pos < len(c.data) && c.unexpected("the end")
		}
		return c.start()
	}
	object := c.open[(c.level-1)/64]>>uint((c.level-1)%64)&1 == 1
	closing := byte(']')
	if object {
		closing = '}'
	}
	switch {
	case c.at(closing):
		c.leave(c.pos + 1)
		return true
	case c.found == begin: // the first value in it
	case !c.at(','):
		return c.unexpected("',' or '" + string(closing) + "'")
	default:
		c.pos++
		if c.space(); c.at(closing) {
			return c.fail(c.pos, fmt.Sprintf("trailing comma before %q", closing))
		}
	}
	c.key = span{}
	return (!object || c.memberKey()) && c.start()
}

// start reads a scalar, or the bracket that opens a container.
func (c *cursor) start() bool {
	c.space()
	c.found, c.depth, c.value.start = scalar, c.level, c.pos
	ok := false
	switch {
	case c.at('"'):
		ok = c.str()
	case c.at('{'), c.at('['):
		c.enter(c.at('{'))
		return true
	case c.at('t'):
		ok = c.literal("true")
	case c.at('f'):
		ok = c.literal("false")
	case c.at('n'):
		ok = c.literal("null")
	case c.at('-') || c.atDigit():
		ok = c.number()
	default:
		return c.unexpected("a value")
	}
	c.value.end = c.pos
	return ok
}

func (c *cursor) enter(object bool) {
	c.pos++
	c.found = begin
	word, bit := c.level/64, uint(c.level%64)
	if word == len(c.open) {
		c.open = append(c.open, 0)
	}
	c.open[word] &^= 1 << bit
	if object {
		c.open[word] |= 1 << bit
	}
	c.level++
	c.deepest = max(c.deepest, c.level)
}

// leave ends the container around the cursor at pos.
func (c *cursor) leave(pos int) {
	c.pos = pos
	c.level--
	c.found, c.depth, c.value.end = end, c.level, pos
}

func (c *cursor) memberKey() bool {
	if !c.at('"') {
		return c.unexpected("a key in double quotes")
	}
	start := c.pos
	if !c.str() {
		return false
	}
	c.key = span{start, c.pos}
	if c.space(); !c.at(':') {
		return c.unexpected("':'")
	}
	c.pos++
	return true
}

// skip goes from the beginning of a container to its end, in a text that has been checked.
func (c *cursor) skip() {
	data, i := c.data, c.pos
	for open := 1; open > 0; {
		switch data[i] {
		case '"':
			i = stringEnd(data, i)
			continue
		case '{', '[':
			open++
		case '}', ']':
			open--
		}
		i++
	}
	c.leave(i)
}

// child returns the next member or element of the container that the text is. The cursor is then at its end.
func (c *cursor) child() (m member, ok bool) {
	for c.next() {
		switch {
		case c.depth != 1:
		case c.found == scalar:
			return member{c.key, c.value}, true
		case c.found == begin:
			m = member{key: c.key, value: span{start: c.value.start}}
		default:
			m.value.end = c.pos
			return m, true
		}
	}
	return m, false
}

// children iterates over the members or elements of raw, a value that has been checked. A scalar has none.
func children(raw []byte) iter.Seq[member] {
	return func(yield func(member) bool) {
		c := cursor{data: raw}
		for m, ok := c.child(); ok && yield(m); {
			m, ok = c.child()
		}
	}
}

// str reads a string. The cursor is on its opening quote.
func (c *cursor) str() bool {
	c.pos++
	for {
		c.pos = plainRun(c.data, c.pos)
		switch {
		case c.at('"'):
			c.pos++
			return true
		case c.at('\\'):
			if !c.escape() {
				return false
			}
		case c.pos >= len(c.data):
			return c.endsEarly()
		default:
			return c.fail(c.pos, fmt.Sprintf("unescaped control character %#02x in a string", c.data[c.pos]))
		}
	}
}

// escape reads an escape sequence. The cursor is on its backslash.
func (c *cursor) escape() bool {
	c.pos++
	switch {
	case c.pos >= len(c.data):
		return c.endsEarly()
	case strings.IndexByte(`"\/bfnrt`, c.data[c.pos]) >= 0:
		c.pos++
		return true
	case !c.at('u'):
		return c.fail(c.pos-1, "unknown escape sequence")
	}
	for range 4 {
		if c.pos++; c.pos >= len(c.data) {
			return c.endsEarly()
		}
		if strings.IndexByte("0123456789abcdefABCDEF", c.data[c.pos]) < 0 {
			return c.fail(c.pos, `expected four hexadecimal digits after \u`)
		}
	}
	c.pos++
	return true
}

func (c *cursor) number() bool {
	if c.at('-') {
		c.pos++
	}
	if c.at('0') {
		c.pos++ // no digit may follow a leading zero
	} else if !c.digits() {
		return false
	}
	if c.at('.') {
		c.pos++
		if !c.digits() {
			return false
		}
	}
	if c.at('e') || c.at('E') {
		c.pos++
		if c.at('+') || c.at('-') {
			c.pos++
		}
		return c.digits()
	}
	return true
}

func (c *cursor) digits() bool {
	if !c.atDigit() {
		return c.unexpected("a digit")
	}
	for c.atDigit() {
		c.pos++
	}
	return true
}

func (c *cursor) literal(word string) bool {
	for i := range len(word) {
		if !c.at(word[i]) {
			return c.unexpected(word)
		}
		c.pos++
	}
	return true
}

func (c *cursor) at(b byte) bool { return c.pos < len(c.data) && c.data[c.pos] == b }

func (c *cursor) atDigit() bool {
	return c.pos < len(c.data) && '0' <= c.data[c.pos] && c.data[c.pos] <= '9'
}

func (c *cursor) fail(offset int, msg string) bool {
	line, column := position(c.data, offset)
	c.fault = &SyntaxError{line, column, msg}
	return false
}

func (c *cursor) endsEarly() bool {
	if skipSpace(c.data, 0) == len(c.data) {
		return c.fail(len(c.data), emptyText)
	}
	return c.fail(len(c.data), "it ends too early")
}

func (c *cursor) unexpected(wanted string) bool {
	if c.pos >= len(c.data) {
		return c.endsEarly()
	}
	b := c.data[c.pos]
	if b < ' ' || b > '~' {
		return c.fail(c.pos, fmt.Sprintf("expected %s, found byte %#02x", wanted, b))
	}
	return c.fail(c.pos, fmt.Sprintf("expected %s, found %q", wanted, b))
}

func (c *cursor) space() { c.pos = skipSpace(c.data, c.pos) }

func skipSpace(data []byte, i int) int {
	for i < len(data) && (data[i] == ' ' || data[i] == '\n' || data[i] == '\r' || data[i] == '\t') {
		i++
	}
	return i
}

// stringEnd returns the end of the string at i, in a text that has been checked.
func stringEnd(data []byte, i int) int {
	for i++; ; i += 2 { // past an escape; what follows \u is plain
		if i = plainRun(data, i); data[i] == '"' {
			return i + 1
		}
	}
}

// plainRun returns the index, from i on, of the first quote, backslash or control character. It looks at eight bytes at
// once, because most of a document is the inside of strings.
func plainRun(data []byte, i int) int {
	const ones, highs = 0x0101010101010101, 0x8080808080808080
	for i+8 <= len(data) {
		w := binary.LittleEndian.Uint64(data[i:])
		quote, slash := w^(ones*'"'), w^(ones*'\\')
		// The lowest flag is exact: a borrow can set a false flag only above a true one.
		hit := ((w - ones*' ') & ^w) | ((quote - ones) & ^quote) | ((slash - ones) & ^slash)
		if hit &= highs; hit != 0 {
			return i + bits.TrailingZeros64(hit)/8
		}
		i += 8
	}
	for i < len(data) && data[i] >= ' ' && data[i] != '"' && data[i] != '\\' {
		i++
	}
	return i
}
