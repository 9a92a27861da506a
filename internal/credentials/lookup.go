package credentials

import (
	"errors"
	"fmt"

	"github.com/tidwall/gjson"
)

// Kind is the type of a JSON value.
type Kind byte

// The kinds.
const (
	Null Kind = iota
	Bool
	Number
	String
	Array
	Object
)

func (k Kind) String() string {
	return [...]string{"null", "boolean", "number", "string", "array", "object"}[k]
}

func kindOf(first byte) Kind {
	switch first {
	case '{':
		return Object
	case '[':
		return Array
	case '"':
		return String
	case 't', 'f':
		return Bool
	case 'n':
		return Null
	}
	return Number
}

// KindOf returns the kind of a JSON value that has been checked.
func KindOf(raw []byte) Kind { return kindOf(raw[skipSpace(raw, 0)]) }

// maxQueryDepth bounds the nesting of a document that gjson's queries and modifiers are let loose on: they call
// themselves for each level.
const maxQueryDepth = 10_000

// Get returns the value at path as it is written. Besides the paths of ParsePath it takes gjson's wildcards, queries,
// modifiers and multipaths, whose results may be put together from several places.
//
// The error is a *PathError for a path that is none, a *DuplicateKeyError where a key on the way stands twice.
func (d *Document) Get(path string) (raw []byte, ok bool, err error) {
	p, err := ParsePath(path)
	var query *errQuery
	if errors.As(err, &query) {
		return d.query(path)
	}
	if err != nil {
		return nil, false, err
	}
	return d.At(p)
}

// At returns the value at the place p as it is written.
func (d *Document) At(p Path) (raw []byte, ok bool, err error) {
	place, err := d.find(p)
	if err != nil || !place.found {
		return nil, false, err
	}
	return place.value.of(d.data), true, nil
}

func (d *Document) query(path string) (raw []byte, ok bool, err error) {
	if d.depth > maxQueryDepth {
		return nil, false, &PathError{Path: path, Msg: fmt.Sprintf("queries are for documents of at most %d levels", maxQueryDepth)}
	}
	defer func() {
		if r := recover(); r != nil { // a path is anything a person types, and gjson promises nothing for a wrong one
			raw, ok, err = nil, false, &PathError{Path: path, Msg: "this query cannot be read"}
		}
	}()
	result := gjson.GetBytes(d.data, path)
	if !result.Exists() {
		return nil, false, nil
	}
	raw = []byte(result.Raw)
	if ValidValue(raw) != nil {
		return nil, false, &PathError{Path: path, Msg: "the query gives what is no JSON value"}
	}
	return raw, true, nil
}

// place is where a path leads.
type place struct {
	container span // the object or array that has, or lacks, the step
	kind      Kind // of container
	step      int  // the index of that step in the path: the last one when found
	found     bool
	member            // when found; key is empty in an array
	previous  *member // the one before it, when found and not the first
	next      *member // the one after it
	last      *member // the last of the container, nil when that is empty
	count     int     // members or elements of the container
}

// find follows a path. Where a key on it stands twice that is an error; a step that leads nowhere is none.
func (d *Document) find(p Path) (place, error) {
	at := span{skipSpace(d.data, 0), len(d.data)}
	for i := 0; ; i++ {
		pl := place{container: at, kind: kindOf(d.data[at.start]), step: i}
		var err error
		switch pl.kind {
		case Object:
			err = d.findKey(&pl, p[i].Name, i == 0)
		case Array:
			d.findIndex(&pl, p[i])
		}
		if err != nil || !pl.found || i == len(p)-1 {
			return pl, err
		}
		at = pl.value
	}
}

func (d *Document) findKey(pl *place, key string, outermost bool) error {
	var twice *DuplicateKeyError
	before := member{}
	visit := func(m member) bool {
		switch {
		case keyEqual(m.key.of(d.data), key):
			if pl.found {
				twice = d.duplicate(m)
				return false
			}
			pl.note(m, before)
		case pl.found && pl.next == nil:
			pl.next = &member{key: m.key, value: m.value}
		}
		pl.count++
		before = m
		return true
	}
	if outermost {
		for _, m := range d.members {
			if !visit(m) {
				break
			}
		}
	} else {
		eachMember(d.data, pl.container.start, visit)
	}
	if pl.count > 0 {
		pl.last = &before
	}
	if twice != nil {
		return twice
	}
	return nil
}

func (d *Document) findIndex(pl *place, step Step) {
	index, ok := step.index()
	before := member{}
	eachElement(d.data, pl.container.start, func(value span) bool {
		m := member{key: span{value.start, value.start}, value: value}
		switch {
		case ok && pl.count == index:
			pl.note(m, before)
		case pl.found && pl.next == nil:
			pl.next = &m
		}
		pl.count++
		before = m
		return true
	})
	if pl.count > 0 {
		pl.last = &before
	}
}

func (pl *place) note(m, before member) {
	pl.found, pl.member = true, m
	if pl.count > 0 {
		pl.previous = &before
	}
}

// eachMember calls visit for each member of the object that begins at start, until it returns false. The text has
// been checked.
func eachMember(data []byte, start int, visit func(member) bool) {
	i := skipSpace(data, start+1)
	for data[i] != '}' {
		var m member
		m.key = span{i, skipString(data, i)}
		i = skipSpace(data, m.key.end) + 1 // the colon
		i = skipSpace(data, i)
		m.value = span{i, skipValue(data, i)}
		if !visit(m) {
			return
		}
		if i = skipSpace(data, m.value.end); data[i] == ',' {
			i = skipSpace(data, i+1)
		}
	}
}

// eachElement calls visit for each element of the array that begins at start, until it returns false.
func eachElement(data []byte, start int, visit func(span) bool) {
	i := skipSpace(data, start+1)
	for data[i] != ']' {
		value := span{i, skipValue(data, i)}
		if !visit(value) {
			return
		}
		if i = skipSpace(data, value.end); data[i] == ',' {
			i = skipSpace(data, i+1)
		}
	}
}

func skipString(data []byte, i int) int {
	for i++; ; {
		i = plainRun(data, i)
		if data[i] == '"' {
			return i + 1
		}
		i += 2 // an escape; what follows \u is plain
	}
}

// skipValue returns the end of the value that begins at i.
func skipValue(data []byte, i int) int {
	depth := 0
	for {
		switch c := data[i]; c {
		case '"':
			i = skipString(data, i)
		case '{', '[':
			depth++
			i++
		case '}', ']':
			depth--
			i++
		case ',', ':', ' ', '\n', '\r', '\t':
			i++
			continue
		default:
			i = skipScalar(data, i)
		}
		if depth == 0 {
			return i
		}
	}
}

func skipScalar(data []byte, i int) int {
	for i < len(data) {
		switch data[i] {
		case ',', '}', ']', ' ', '\n', '\r', '\t':
			return i
		}
		i++
	}
	return i
}
