package detect

import (
	"bytes"
	"encoding/json"
	"strings"
	"unicode/utf8"
)

// Bounds of what is kept of one object, in bytes of JSON text. What is longer is cut: the fields of interest are
// short, a long one is not a failure.
const (
	maxField = 4 << 10
	maxKey   = 32
)

// An objects splits a stream of JSON into its objects and keeps a few of each one's members. It takes every form the
// client has: one object, an array of them, an object a line. It does not validate: brackets are counted, not matched,
// and text that is not JSON is skipped to the end of its line.
type objects struct {
	begin  func() // an object begins
	wanted func(key string) bool
	member func(key string, raw []byte) // as soon as a member's value is whole
	object func()                       // an object is whole

	depth int // brackets open
	level int // depth of the members that count: 1, or 2 within an array
	lex   lexer
	skip  bool // to the end of the line
	whole bool // the first value is whole
	extra bool // something came after the first value, or before it that is not JSON
	key   []byte
	value []byte
	part  part
	keep  bool // the value under way is wanted
}

type lexer uint8

const (
	between   lexer = iota // tokens
	inString               // in a string
	inEscape               // after its backslash
	inLiteral              // in a number, true, false or null
)

// A part is what comes next of a member.
type part uint8

const (
	wantKey part = iota
	wantValue
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
			o.part = wantValue
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
		if o.depth == o.level && o.part == wantKey {
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
		o.part = wantKey
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
	o.part = wantKey
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
	case '\n': // no JSON: a line was broken off
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
	if o.depth != o.level || o.part == wantKey {
		return
	}
	if o.keep {
		o.member(o.name(), o.value)
	}
	o.part, o.keep = wantKey, false
}

// add keeps a piece of the token under way, as far as it is of interest.
func (o *objects) add(p []byte) {
	switch {
	case o.depth != o.level:
	case o.part == wantKey:
		o.key = append(o.key, p[:min(len(p), maxKey-len(o.key))]...)
	case o.keep:
		o.value = append(o.value, p[:min(len(p), maxField-len(o.value))]...)
	}
}

// name returns the key of the member under way.
func (o *objects) name() string { return strings.Trim(string(o.key), `"`) }

// resync gives up on the rest of a line that is not JSON.
func (o *objects) resync() {
	o.extra = true
	o.reset()
	o.skip = true
}

// reset goes back to before a value.
func (o *objects) reset() {
	o.extra = true
	o.depth, o.lex, o.part, o.keep = 0, between, wantKey, false
}

// jsonString returns the text of a JSON string, of a cut one what is whole.
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
