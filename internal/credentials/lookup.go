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

// find follows a path. Where a key on it stands twice that is an error; a step that leads nowhere is none. Each byte is
// looked at once, however many steps there are.
func (d *Document) find(p Path) (place, error) {
	f := finder{d: d, path: p}
	if err := f.outermost(); err != nil {
		return place{}, err
	}
	return f.place, nil
}

type finder struct {
	d     *Document
	path  Path
	place place
}

// outermost takes the first step, for which the members are known already.
func (f *finder) outermost() error {
	start := skipSpace(f.d.data, 0)
	pl := place{container: span{start, len(f.d.data)}, kind: Object}
	for _, m := range f.d.members {
		hit, err := f.matches(&pl, m)
		if err == nil && hit && len(f.path) > 1 {
			_, err = f.follow(1, m.value.start)
		}
		if err != nil {
			return err
		}
		pl.add(m, hit)
	}
	f.settle(pl)
	return nil
}

// follow takes step i in the value at start, and the steps after it in what it finds. It returns the value's end.
func (f *finder) follow(i, start int) (end int, err error) {
	data := f.d.data
	pl := place{container: span{start: start}, kind: kindOf(data[start]), step: i}
	if pl.kind != Object && pl.kind != Array {
		pl.container.end = skipValue(data, start)
		f.settle(pl)
		return pl.container.end, nil
	}
	at := skipSpace(data, start+1)
	for data[at] != '}' && data[at] != ']' {
		m := member{key: span{at, at}}
		if pl.kind == Object {
			m.key.end = skipString(data, at)
			at = skipSpace(data, skipSpace(data, m.key.end)+1) // behind the colon
		}
		m.value.start = at
		hit, err := f.matches(&pl, m)
		switch {
		case err != nil:
		case hit && i < len(f.path)-1:
			m.value.end, err = f.follow(i+1, at)
		default:
			m.value.end = skipValue(data, at)
		}
		if err != nil {
			return 0, err
		}
		pl.add(m, hit)
		if at = skipSpace(data, m.value.end); data[at] == ',' {
			at = skipSpace(data, at+1)
		}
	}
	pl.container.end = at + 1
	f.settle(pl)
	return pl.container.end, nil
}

// matches reports whether m, the next of pl, is what the step leads to.
func (f *finder) matches(pl *place, m member) (bool, error) {
	step := f.path[pl.step]
	if pl.kind == Array {
		index, ok := step.index()
		return ok && index == pl.count, nil
	}
	if !keyEqual(m.key.of(f.d.data), step.Name) {
		return false, nil
	}
	if pl.found {
		return false, f.d.duplicate(m)
	}
	return true, nil
}

// settle keeps the place at which the path ends, or breaks off.
func (f *finder) settle(pl place) {
	if !pl.found || pl.step == len(f.path)-1 {
		f.place = pl
	}
}

// add notes the next member or element of the container.
func (pl *place) add(m member, hit bool) {
	switch {
	case hit:
		pl.found, pl.member, pl.previous = true, m, pl.last
	case pl.found && pl.next == nil:
		pl.next = &m
	}
	pl.last = &m
	pl.count++
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
