package credentials

import (
	"bytes"
	"fmt"
	"slices"
	"unicode/utf8"

	"github.com/tidwall/gjson"
	"github.com/tidwall/sjson"
)

// SetAt puts the JSON value rawJSON at the place p. It replaces the value there, or adds a last member to the object,
// or, at the index -1 or the length, a last element to the array. Objects that are missing on the way are made; the
// index 0 or -1 makes an array.
//
// Every byte outside the value, or the new member, stays. A new member is laid out as the one before it. SetAt returns
// d itself when nothing changes. The error is a *PathError, a *DuplicateKeyError when a key on the path is
// there twice, a *SyntaxError when rawJSON is not a JSON value, or an *atomicfile.TooLargeError.
func (d *Document) SetAt(p Path, rawJSON []byte) (*Document, error) {
	raw := bytes.Trim(rawJSON, " \t\r\n")
	if err := ValidValue(raw); err != nil {
		return nil, fmt.Errorf("the new value is not valid JSON: %w", err)
	}
	pl, err := d.find(p)
	if err != nil {
		return nil, err
	}
	if pl.found {
		if bytes.Equal(pl.value.of(d.data), raw) {
			return d, nil
		}
		return d.replace(pl.value, raw)
	}
	if raw, err = branch(p, pl.step+1, raw); err != nil {
		return nil, err
	}
	step := p[pl.step]
	switch pl.kind {
	case Object:
		if !utf8.ValidString(step.Name) {
			return nil, p.wrong("a new key must be valid UTF-8")
		}
		return d.insert(pl, gjson.AppendJSONString(nil, step.Name), raw)
	case Array:
		if i, ok := step.index(); !step.appends() && (!ok || i != pl.count) {
			return nil, p.wrong("the array has %d elements, so %q is not a place in it; -1 adds one", pl.count, step.Name)
		}
		return d.insert(pl, nil, raw)
	}
	return nil, p.wrong("%s is %s, so nothing can be inside", p[:pl.step], pl.kind.oneOf())
}

// branch wraps raw in the objects and arrays that the steps from p[from] on lead through.
func branch(p Path, from int, raw []byte) ([]byte, error) {
	made := raw
	for _, step := range slices.Backward(p[from:]) {
		i, isIndex := step.index()
		around, path := "{}", ":"+gjson.Escape(step.Name) // the colon makes it a key, even when it looks like an index
		switch {
		case !utf8.ValidString(step.Name):
			return nil, p.wrong("a new key must be valid UTF-8")
		case isIndex && i > 0:
			return nil, p.wrong("there is no array yet, so %q is not a place in it; 0 makes one", step.Name)
		case isIndex || step.appends():
			around, path = "[]", "-1"
		}
		var err error
		if made, err = sjson.SetRawBytes([]byte(around), path, made); err != nil {
			return nil, p.wrong("%v", err)
		}
	}
	return made, nil
}

// insert adds a last member (an element when key is nil) to a container, laid out as the last one is.
func (d *Document) insert(pl place, key, raw []byte) (*Document, error) {
	var text []byte
	at := pl.container.start + 1
	colon := []byte(":")
	if pl.last.value.end > 0 {
		at = pl.last.value.end
		before := d.data[:pl.last.start()]
		space := before[len(bytes.TrimRight(before, " \t\r\n")):]
		text = append(append(text, ','), space...)
		if key != nil {
			colon = d.data[pl.last.key.end:pl.last.value.start]
		}
	}
	if key != nil {
		text = append(append(text, key...), colon...)
	}
	return d.replace(span{at, at}, append(text, raw...))
}

// DeleteAt removes the member or element at the place p, with its comma. It returns d itself when nothing is there. The
// errors are those of SetAt.
func (d *Document) DeleteAt(p Path) (*Document, error) {
	pl, err := d.find(p)
	if err != nil {
		return nil, err
	}
	if !pl.found {
		return d, nil
	}
	return d.replace(pl.removal(d.data), nil)
}

// removal is the span to delete for a member: with the comma and the space up to a neighbour, or with all the space in
// a container that becomes empty.
func (pl *place) removal(data []byte) span {
	switch {
	case pl.previous.value.end > 0:
		return span{pl.previous.value.end, pl.value.end}
	case pl.next.value.end > 0:
		return span{pl.start(), pl.next.start()}
	}
	return span{pl.container.start + 1, skipSpace(data, pl.value.end)}
}

// replace makes a document with other bytes in the place of a span, and checks that it is valid.
func (d *Document) replace(old span, text []byte) (*Document, error) {
	edited, err := Parse(slices.Concat(d.data[:old.start], text, d.data[old.end:]))
	if err != nil {
		return nil, fmt.Errorf("the file would not be valid JSON afterwards: %w", err)
	}
	return edited, nil
}
