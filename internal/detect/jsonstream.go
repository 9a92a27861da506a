package detect

import (
	"bytes"
	"encoding/json"
	"strings"
	"unicode/utf8"
)

// Bounds of what is kept of one object, in bytes of JSON text. More is cut: the fields of a failure are short.
const (
	maxField = 4 << 10
	maxKey   = 32
)

// An objects splits a stream of JSON into its objects and keeps a few members of each one. It reads every form the
// client prints: one object, an array of objects, an object a line. It does not validate: it counts brackets without
// matching them, and skips text that is not JSON to the end of its line.
type objects struct {
	begin  func() // called when an object begins
	wanted func(key string) bool
	member func(key string, raw []byte) // called when a wanted member's value is complete
	object func()                       // called when an object is complete

	depth   int // brackets open
	level   int // depth of the members that count: 1, or 2 within an array
	lex     lexer
	skip    bool // to the end of the line
	whole   bool // the first value is complete
	extra   bool // something came after the first value, or something that is not JSON
	key     []byte
	value   []byte
	inValue bool // what comes next of a member is its value, not its key
	keep    bool // that value is wanted
}

type lexer uint8

const (
	between   lexer = iota // tokens
	inString               // in a string
	inEscape               // after its backslash
	inLiteral              // in a number, true, false or null
)

func (o *objects) write(p []byte) {
	for i := 0; i < len(p); {
		if o.skip {
			n := bytes.IndexByte(p[i:], '\n')
			if n < 0 {
				return
			}
			o.skip = false
			i += n
			continue
		}
		switch o.lex {
		case inString:
			i = o.text(p, i)
		case inEscape:
			o.add(p[i : i+1])
			o.lex = inString
			i++
		case inLiteral:
			i = o.literal(p, i)
		default:
			o.token(p[i : i+1])
			i++
		}
	}
}

// token handles a byte between strings and literals.
func (o *objects) token(p []byte) {
	switch c := p[0]; c {
	case ' ', '\t', '\r', '\n', ',':
	case ':':
		if o.depth == o.level {
			o.inValue = true
			o.keep = o.wanted(o.name())
			o.value = o.value[:0]
		}
	case '{', '[':
		o.openBracket(c)
	case '}', ']':
		o.closeBracket()
	default:
		if o.depth == 0 {
			o.resync()
			return
		}
		if o.depth == o.level && !o.inValue {
			o.key = o.key[:0]
		}
		o.add(p)
		if c == '"' {
			o.lex = inString
		} else {
			o.lex = inLiteral
		}
	}
}

func (o *objects) openBracket(c byte) {
	if o.depth == 0 {
		o.extra = o.extra || o.whole
		o.level = 1
		if c == '[' {
			o.level = 2
		}
	}
	o.depth++
	if o.depth == o.level {
		o.inValue = false
		o.begin()
	}
}

func (o *objects) closeBracket() {
	if o.depth == 0 {
		o.resync()
		return
	}
	if o.depth == o.level {
		o.object()
	}
	o.depth--
	o.inValue = false
	if o.depth == 0 {
		o.whole = true
	}
}

// text handles a piece of a string.
func (o *objects) text(p []byte, i int) int {
	from := i
	for i < len(p) && p[i] != '"' && p[i] != '\\' && p[i] != '\n' {
		i++
	}
	o.add(p[from:i])
	if i == len(p) {
		return i
	}
	switch p[i] {
	case '\n': // not JSON: a line was cut off
		o.reset()
		return i + 1
	case '\\':
		o.lex = inEscape
	default:
		o.lex = between
	}
	o.add(p[i : i+1])
	if o.lex == between {
		o.end()
	}
	return i + 1
}

func (o *objects) literal(p []byte, i int) int {
	from := i
	for i < len(p) && strings.IndexByte(" \t\r\n,:{}[]\"", p[i]) < 0 {
		i++
	}
	o.add(p[from:i])
	if i < len(p) {
		o.lex = between
		o.end()
	}
	return i
}

// end handles the end of a string or literal.
func (o *objects) end() {
	if o.depth != o.level || !o.inValue {
		return
	}
	if o.keep {
		o.member(o.name(), o.value)
	}
	o.inValue, o.keep = false, false
}

// add keeps a piece of the current token if that is a key or a wanted value.
func (o *objects) add(p []byte) {
	switch {
	case o.depth != o.level:
	case !o.inValue:
		o.key = append(o.key, p[:min(len(p), maxKey-len(o.key))]...)
	case o.keep:
		o.value = append(o.value, p[:min(len(p), maxField-len(o.value))]...)
	}
}

// name returns the key of the current member.
func (o *objects) name() string { return strings.Trim(string(o.key), `"`) }

// resync gives up on the rest of a line that is not JSON.
func (o *objects) resync() {
	o.reset()
	o.skip = true
}

// reset forgets the current value, which is not JSON.
func (o *objects) reset() {
	o.extra = true
	o.depth, o.lex, o.inValue, o.keep = 0, between, false, false
}

// jsonString returns the text of a JSON string. Of a string that was cut it returns the whole characters.
func jsonString(raw []byte) string {
	var s string
	if json.Unmarshal(raw, &s) == nil {
		return s
	}
	if len(raw) == 0 || raw[0] != '"' {
		return ""
	}
	for n := len(raw); n > max(len(raw)-12, 0); n-- { // the longest escape is \uXXXX\uXXXX
		if utf8.Valid(raw[:n]) && json.Unmarshal(append(raw[:n:n], '"'), &s) == nil {
			return s
		}
	}
	return ""
}
