package credentials

import (
	"bytes"
	"fmt"
	"slices"
	"unicode/utf8"

	"github.com/claude-auth/claude-auth/internal/atomicfile"
	"github.com/claude-auth/claude-auth/internal/secret"
)

// MaxSize is the size in bytes above which a document is refused. The client's own is a few kilobytes.
const MaxSize = 16 << 20

// Document is a JSON object and the exact bytes it was read from. It never changes: an edit makes another document,
// whose bytes differ only where the edit was asked for.
type Document struct {
	data    []byte
	members []member // of the outermost object, in order
	depth   int      // the deepest nesting
}

type span struct{ start, end int }

func (s span) of(data []byte) []byte { return data[s.start:s.end:s.end] }

// member is the place of a member of an object: its key with the quotes, and its value without the space around it. An
// element of an array has no key, which is the empty span.
type member struct{ key, value span }

func (m member) start() int {
	if m.key.end > 0 {
		return m.key.start
	}
	return m.value.start
}

// SyntaxError says why JSON.parse would refuse a text, or that it is not an object.
type SyntaxError struct {
	Line, Column int // from 1; columns count characters
	Msg          string
}

func (e *SyntaxError) Error() string {
	return fmt.Sprintf("line %d, column %d: %s", e.Line, e.Column, e.Msg)
}

// Messages that fileError replaces by a shorter sentence.
const (
	noObject  = "expected an object, in braces"
	emptyText = "it is empty"
)

// DuplicateKeyError says that an object on a path has the same key twice. Programs disagree about which one counts
// (JSON.parse takes the last), so nothing is read or edited there.
type DuplicateKeyError struct {
	Key          string
	Line, Column int // of the second one
}

func (e *DuplicateKeyError) Error() string {
	key := secret.Redact(e.Key)
	return fmt.Sprintf("line %d, column %d: duplicate key %q", e.Line, e.Column, key)
}

// Parse reads a document, in time linear in its size. The document keeps data, which must not be changed afterwards.
//
// The error is a *SyntaxError for what JSON.parse refuses and for what is not an object, and an
// *atomicfile.TooLargeError above MaxSize.
func Parse(data []byte) (*Document, error) {
	if len(data) > MaxSize {
		return nil, &atomicfile.TooLargeError{Size: int64(len(data)), Limit: MaxSize}
	}
	if bytes.HasPrefix(data, []byte("\xef\xbb\xbf")) {
		return nil, &SyntaxError{Line: 1, Column: 1, Msg: "byte order mark, which JSON does not allow"}
	}
	var members []member
	c := cursor{data: data}
	c.space()
	start, isObject := c.pos, c.at('{')
	for m, ok := c.child(); ok; m, ok = c.child() {
		if isObject {
			members = append(members, m)
		}
	}
	if c.fault == nil && !isObject {
		c.fail(start, noObject)
	}
	if c.fault != nil {
		return nil, c.fault
	}
	return &Document{data, members, c.deepest}, nil
}

// Empty is the document of a file that does not exist.
func Empty() *Document { return &Document{data: []byte("{}")} }

// ValidValue checks that raw is one JSON value; the error is a *SyntaxError.
func ValidValue(raw []byte) error {
	c := cursor{data: raw}
	for c.next() {
	}
	return c.fault
}

// position turns an offset into a line and a column, both from 1.
func position(data []byte, offset int) (line, column int) {
	before := data[:offset]
	return 1 + bytes.Count(before, []byte("\n")), 1 + utf8.RuneCount(before[bytes.LastIndexByte(before, '\n')+1:])
}

// Bytes returns the document's bytes, which must not be changed.
func (d *Document) Bytes() []byte { return d.data[:len(d.data):len(d.data)] }

// Equal reports whether both are the same bytes.
func (d *Document) Equal(other *Document) bool { return bytes.Equal(d.data, other.data) }

// Has reports whether the outermost object has the key.
func (d *Document) Has(key string) bool {
	return slices.ContainsFunc(d.members, func(m member) bool { return keyEqual(m.key.of(d.data), key) })
}

func (d *Document) duplicate(m member) *DuplicateKeyError {
	line, column := position(d.data, m.key.start)
	return &DuplicateKeyError{Key: decodeString(m.key.of(d.data)), Line: line, Column: column}
}

// Keys lists the keys of the outermost object in their order, each once.
func (d *Document) Keys() []string {
	seen := make(map[string]bool, len(d.members))
	keys := make([]string, 0, len(d.members))
	for _, m := range d.members {
		if key := decodeString(m.key.of(d.data)); !seen[key] {
			seen[key] = true
			keys = append(keys, key)
		}
	}
	return keys
}
