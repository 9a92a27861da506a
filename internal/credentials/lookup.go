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
// modifiers and multipaths, whose results may be put together from several places.
//
// The error is a *PathError for a wrong path, and a *DuplicateKeyError where a key on the way is there twice.
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
		msg := fmt.Sprintf("queries are for documents of at most %d levels", maxQueryDepth)
		return nil, false, &PathError{Path: path, Msg: msg}
	}
	defer func() {
		if recover() != nil { // gjson promises nothing for a wrong query, and people type anything
			raw, ok, err = nil, false, &PathError{Path: path, Msg: "this query cannot be read"}
		}
	}()
	result := gjson.GetBytes(d.data, path)
	if !result.Exists() {
		return nil, false, nil
	}
	raw = []byte(result.Raw)
	if ValidValue(raw) != nil {
		return nil, false, &PathError{Path: path, Msg: "the result of the query is not a JSON value"}
	}
	return raw, true, nil
}

// place is where a path leads, or where it breaks off.
type place struct {
	container span // the object or array that has, or lacks, the step
	kind      Kind // of container
	step      int  // the index of that step in the path: the last one when found
	count     int  // members or elements of the container
	found     bool
	member           // when found
	previous  member // the one before it, when found and not the first; the zero member is none
	next      member // the one after it
	last      member // the last of the container
}

// find follows a path. A key on it that is there twice is an error; a step that leads nowhere is not. Each byte is looked
// at once, however many steps there are.
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
	return d.findBelow(p, top.value)
}

// findBelow takes the second step, and those after it, in the value of the first.
func (d *Document) findBelow(p Path, value span) (place, error) {
	c := cursor{data: d.data[:value.end], pos: value.start}
	c.next()
	result := place{container: value, kind: kindOf(d.data[value.start]), step: 1} // unless the path goes on
	if c.found == scalar {
		return result, nil
	}
	way := []place{result} // the containers around the cursor, which the path leads through
	for c.next() {
		in := &way[len(way)-1]
		m := member{c.key, c.value}
		if c.found == end { // a container on the way ends, and is done as a member of the one around it
			in.container.end = c.pos
			if !in.found || in.step == len(p)-1 {
				result = *in
			}
			if way = way[:len(way)-1]; len(way) == 0 {
				break
			}
			around := &way[len(way)-1]
			around.value.end = c.pos
			around.last = around.member
			continue
		}
		hit, err := d.matches(in, p, m)
		if err != nil {
			return place{}, err
		}
		further := hit && in.step < len(p)-1
		if further {
			result = place{container: m.value, kind: kindOf(d.data[m.value.start]), step: in.step + 1}
		}
		if c.found == begin && !further {
			c.skip()
			m.value.end = c.pos
		}
		in.add(m, hit)
		if c.found == begin {
			way = append(way, result)
		}
	}
	return result, nil
}

// matches reports whether m, the next of in, is what the step leads to.
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
