package credentials

import (
	"encoding/binary"
	"fmt"
	"math/bits"
)

// scanner checks a JSON text against the grammar of ECMAScript's JSON.parse, which is that of RFC 8259: no byte order
// mark, no comments, no trailing commas, no control characters in strings. It holds the open brackets in a bit set
// instead of the call stack, so that nesting costs one bit a level and no depth can overflow anything.
//
// Bytes that are not UTF-8 are let through inside strings: the client decodes them to U+FFFD and goes on, and an edit
// elsewhere has to keep them.
type scanner struct {
	data  []byte
	pos   int
	depth int
	max   int
	open  []uint64 // one bit for each open bracket: 1 an object, 0 an array

	members *[]member // where to note the members of the outermost object; nil when they are not wanted
	key     span
	value   int
}

// fault is what is wrong with a text, and at which byte.
type fault struct {
	offset int
	msg    string
}

// expected is what has to come next.
type expected int

const (
	aValue expected = iota
	aKey
	aSeparator // a value has ended: a comma, a closing bracket or the end
	nothing
)

// scan checks that data is one JSON value and nothing more.
func (s *scanner) scan() *fault {
	next, f := s.begin()
	for f == nil {
		switch next {
		case nothing:
			return nil
		case aSeparator:
			next, f = s.after()
		case aKey:
			if f = s.memberKey(); f == nil {
				next, f = s.begin()
			}
		default:
			next, f = s.begin()
		}
	}
	return f
}

// begin reads a whole scalar or empty container, or the opening bracket of a container that has something in it.
func (s *scanner) begin() (expected, *fault) {
	s.space()
	if s.pos >= len(s.data) {
		return nothing, s.ends()
	}
	if s.depth == 1 {
		s.value = s.pos
	}
	switch c := s.data[s.pos]; {
	case c == '"':
		return aSeparator, s.str()
	case c == '{' || c == '[':
		return s.container(c), nil
	case c == '-' || '0' <= c && c <= '9':
		return aSeparator, s.number()
	case c == 't':
		return aSeparator, s.literal("true")
	case c == 'f':
		return aSeparator, s.literal("false")
	case c == 'n':
		return aSeparator, s.literal("null")
	}
	return nothing, s.unexpected("a value")
}

func (s *scanner) container(open byte) expected {
	s.pos++
	s.space()
	if s.pos < len(s.data) && s.data[s.pos] == open+2 { // '{'+2 is '}' and '['+2 is ']'
		s.pos++
		return aSeparator
	}
	s.push(open == '{')
	if open == '{' {
		return aKey
	}
	return aValue
}

// after reads what may follow a value: closing brackets up to a comma or the end.
func (s *scanner) after() (expected, *fault) {
	for {
		s.space()
		if s.depth == 0 {
			if s.pos < len(s.data) {
				return nothing, s.unexpected("nothing more")
			}
			return nothing, nil
		}
		object := s.inObject()
		if s.depth == 1 && object && s.members != nil {
			*s.members = append(*s.members, member{key: s.key, value: span{s.value, s.trimmed()}})
		}
		if s.pos >= len(s.data) {
			return nothing, s.ends()
		}
		switch c := s.data[s.pos]; {
		case c == ',' && object:
			s.pos++
			return aKey, s.noTrailingComma('}')
		case c == ',':
			s.pos++
			return aValue, s.noTrailingComma(']')
		case c == '}' && object, c == ']' && !object:
			s.pos++
			s.depth--
		case object:
			return nothing, s.unexpected("',' or '}'")
		default:
			return nothing, s.unexpected("',' or ']'")
		}
	}
}

// trimmed is the end of the value that ended before the space the reader has just skipped.
func (s *scanner) trimmed() int {
	end := s.pos
	for isSpace(s.data[end-1]) {
		end--
	}
	return end
}

func (s *scanner) noTrailingComma(closing byte) *fault {
	s.space()
	if s.pos < len(s.data) && s.data[s.pos] == closing {
		return &fault{s.pos, fmt.Sprintf("a comma stands before %q with nothing between them", closing)}
	}
	return nil
}

func (s *scanner) memberKey() *fault {
	s.space()
	if s.pos >= len(s.data) {
		return s.ends()
	}
	if s.data[s.pos] != '"' {
		return s.unexpected("a key in double quotes")
	}
	start := s.pos
	if f := s.str(); f != nil {
		return f
	}
	if s.depth == 1 {
		s.key = span{start, s.pos}
	}
	s.space()
	if s.pos >= len(s.data) {
		return s.ends()
	}
	if s.data[s.pos] != ':' {
		return s.unexpected("':'")
	}
	s.pos++
	return nil
}

func (s *scanner) push(object bool) {
	word, bit := s.depth/64, uint(s.depth%64)
	if word == len(s.open) {
		s.open = append(s.open, 0)
	}
	s.open[word] &^= 1 << bit
	if object {
		s.open[word] |= 1 << bit
	}
	s.depth++
	s.max = max(s.max, s.depth)
}

func (s *scanner) inObject() bool {
	top := s.depth - 1
	return s.open[top/64]>>uint(top%64)&1 == 1
}

func (s *scanner) space() { s.pos = skipSpace(s.data, s.pos) }

// str reads a string, the reader standing on its opening quote.
func (s *scanner) str() *fault {
	i := s.pos + 1
	for {
		i = plainRun(s.data, i)
		if i >= len(s.data) {
			s.pos = i
			return s.ends()
		}
		switch c := s.data[i]; {
		case c == '"':
			s.pos = i + 1
			return nil
		case c < ' ':
			return &fault{i, fmt.Sprintf("the control character %#02x stands unescaped in a string", c)}
		}
		n, f := s.escape(i)
		if f != nil {
			return f
		}
		i += n
	}
}

// escape returns the length of the escape sequence at i.
func (s *scanner) escape(i int) (int, *fault) {
	if i+1 >= len(s.data) {
		s.pos = len(s.data)
		return 0, s.ends()
	}
	switch s.data[i+1] {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		return 2, nil
	case 'u':
		for j := i + 2; j < i+6; j++ {
			if j >= len(s.data) {
				s.pos = j
				return 0, s.ends()
			}
			if !isHex(s.data[j]) {
				return 0, &fault{j, `four hexadecimal digits have to follow \u`}
			}
		}
		return 6, nil
	}
	return 0, &fault{i, "this escape does not exist in JSON"}
}

func (s *scanner) number() *fault {
	if s.data[s.pos] == '-' {
		s.pos++
	}
	if s.pos < len(s.data) && s.data[s.pos] == '0' {
		s.pos++ // a leading zero stands alone
	} else if f := s.digits(); f != nil {
		return f
	}
	if s.pos < len(s.data) && s.data[s.pos] == '.' {
		s.pos++
		if f := s.digits(); f != nil {
			return f
		}
	}
	if s.pos < len(s.data) && s.data[s.pos]|0x20 == 'e' {
		s.pos++
		if s.pos < len(s.data) && (s.data[s.pos] == '+' || s.data[s.pos] == '-') {
			s.pos++
		}
		return s.digits()
	}
	return nil
}

func (s *scanner) digits() *fault {
	start := s.pos
	for s.pos < len(s.data) && '0' <= s.data[s.pos] && s.data[s.pos] <= '9' {
		s.pos++
	}
	switch {
	case s.pos > start:
		return nil
	case s.pos >= len(s.data):
		return s.ends()
	}
	return s.unexpected("a digit")
}

func (s *scanner) literal(word string) *fault {
	for i := range len(word) {
		if s.pos >= len(s.data) {
			return s.ends()
		}
		if s.data[s.pos] != word[i] {
			return s.unexpected(word)
		}
		s.pos++
	}
	return nil
}

func (s *scanner) ends() *fault { return &fault{len(s.data), "it ends in the middle"} }

func (s *scanner) unexpected(wanted string) *fault {
	c := s.data[s.pos]
	if c < ' ' || c > '~' {
		return &fault{s.pos, fmt.Sprintf("byte %#02x stands where %s is expected", c, wanted)}
	}
	return &fault{s.pos, fmt.Sprintf("%q stands where %s is expected", c, wanted)}
}

func isSpace(c byte) bool { return c == ' ' || c == '\n' || c == '\r' || c == '\t' }

func isHex(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c|0x20 && c|0x20 <= 'f'
}

func skipSpace(data []byte, i int) int {
	for i < len(data) && isSpace(data[i]) {
		i++
	}
	return i
}

// plainRun returns the first index from i on of a quote, a backslash or a control character, eight bytes at a time:
// most of a document is the inside of strings.
func plainRun(data []byte, i int) int {
	const ones, highs = 0x0101010101010101, 0x8080808080808080
	for i+8 <= len(data) {
		w := binary.LittleEndian.Uint64(data[i:])
		quote, slash := w^(ones*'"'), w^(ones*'\\')
		// The lowest set bit is exact: a borrow can only raise a false flag above a true one.
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
