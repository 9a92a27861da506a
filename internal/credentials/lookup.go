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

// oneOf is the kind with its article.
func (k Kind) oneOf() string {
	if k == Array || k == Object {
		return "an " + k.String()
	}
	return "a " + k.String()
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

// maxQueryDepth bounds the nesting of a document that is queried: gjson's modifiers call themselves for each level.
const maxQueryDepth = 10_000

// Get returns the value at path as it is written. Besides the paths of ParsePath it takes gjson's wildcards, queries,
// modifiers and multipaths, whose results gjson may put together from several places.
//
// The error is a *PathError for a wrong path, and a *DuplicateKeyError when a key on the path is there twice.
func (d *Document) Get(path string) (raw []byte, ok bool, err error) {
	p, err := ParsePath(path)
	var wrong *PathError
	if errors.As(err, &wrong) && wrong.query {
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
		msg := fmt.Sprintf("the file is nested too deeply for a query: more than %d levels", maxQueryDepth)
		return nil, false, &PathError{Path: path, Msg: msg}
	}
	defer func() {
		if recover() != nil { // gjson may panic at a wrong query
			raw, ok, err = nil, false, &PathError{Path: path, Msg: "this is not a valid query"}
		}
	}()
	result := gjson.GetBytes(d.data, path)
	if !result.Exists() {
		return nil, false, nil
	}
	raw = []byte(result.Raw)
	if ValidValue(raw) != nil {
		return nil, false, &PathError{Path: path, Msg: "the query has no JSON value as its result"}
	}
	return raw, true, nil
}

// place is where a path leads, or where it ends because a step leads nowhere.
type place struct {
	container span // the object or array in which the step was looked for
	kind      Kind // of container
	step      int  // the index of that step in the path: the last one when found
	count     int  // members or elements of the container
	found     bool
	member           // when found
	previous  member // the one before it; the zero member when there is none
	next      member // the one after it; the same
	last      member // the last of the container
}

// find follows a path. A key on it that is there twice is an error; a step that leads nowhere is not. It reads each
// byte once, however many steps the path has.
func (d *Document) find(p Path) (place, error) {
	top := place{container: span{skipSpace(d.data, 0), len(d.data)}, kind: Object}
	for _, m := range d.members {
		hit, err := d.matches(&top, p, m)
		if err != nil {
			return place{}, err
		}
		top.add(m, hit)
	}
	if !top.found || len(p) == 1 {
		return top, nil
	}
	c := cursor{data: d.data[:top.value.end], pos: top.value.start}
	c.next()
	return d.follow(&c, p, 1)
}

// follow takes the step of this index, and those after it, in the value at which the cursor is, and moves the cursor to
// the value's end.
func (d *Document) follow(c *cursor, p Path, step int) (place, error) {
	in := place{container: c.value, kind: kindOf(d.data[c.value.start]), step: step}
	if c.found == scalar {
		return in, nil
	}
	further := in
	for c.next() && c.found != end {
		m := member{c.key, c.value}
		hit, err := d.matches(&in, p, m)
		switch {
		case err != nil:
		case hit && step < len(p)-1:
			further, err = d.follow(c, p, step+1)
		case c.found == begin:
			c.skip()
		}
		if err != nil {
			return place{}, err
		}
		m.value.end = c.value.end
		in.add(m, hit)
	}
	in.container.end = c.value.end
	if in.found && step < len(p)-1 {
		return further, nil
	}
	return in, nil
}

// matches reports whether the step leads to m, the next member or element of in.
func (d *Document) matches(in *place, p Path, m member) (bool, error) {
	step := p[in.step]
	if in.kind == Array {
		index, ok := step.index()
		return ok && index == in.count, nil
	}
	if !keyEqual(m.key.of(d.data), step.Name) {
		return false, nil
	}
	if in.found {
		return false, d.duplicate(m)
	}
	return true, nil
}

// add notes the next member or element of the container.
func (in *place) add(m member, hit bool) {
	switch {
	case hit:
		in.found, in.member, in.previous = true, m, in.last
	case in.found && in.next == (member{}):
		in.next = m
	}
	in.last = m
	in.count++
}
