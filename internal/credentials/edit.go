package credentials

import (
	"bytes"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/tidwall/gjson"
	"github.com/tidwall/sjson"
)

// edit replaces the bytes of a span.
type edit struct {
	span
	insert []byte
}

// SetAt puts the JSON value rawJSON at the place p: in the place of the value there, as a new last member of the
// object, or, at index -1 or the length, as a new last element of the array. Objects that are missing on the way are
// made; an index that is 0 or -1 makes an array there.
//
// Every byte outside the value, or the new member, stays. A new member is laid out as the one before it. The document
// itself is returned when nothing changes. The error is a *PathError, a *DuplicateKeyError when a key on the path is
// there twice, a *SyntaxError when rawJSON is not a JSON value, or an *atomicfile.TooLargeError.
func (d *Document) SetAt(p Path, rawJSON []byte) (*Document, error) {
	raw := bytes.Trim(rawJSON, " \t\r\n")
	if err := ValidValue(raw); err != nil {
		return nil, fmt.Errorf("the new value: %w", err)
	}
	pl, err := d.find(p)
	if err != nil {
		return nil, err
	}
	if pl.found {
		if bytes.Equal(pl.value.of(d.data), raw) {
			return d, nil
		}
		return d.apply(edit{pl.value, raw})
	}
	if raw, err = branch(p, pl.step+1, raw); err != nil {
		return nil, err
	}
	step := p[pl.step]
	switch pl.kind {
	case Object:
		if !utf8.ValidString(step.Name) {
			return nil, p.wrong("a new key has to be valid UTF-8")
		}
		return d.apply(d.insertion(pl, gjson.AppendJSONString(nil, step.Name), raw))
	case Array:
		if i, ok := step.index(); !step.appends() && (!ok || i != pl.count) {
			return nil, p.wrong("an array of %d elements has no place for %q", pl.count, step.Name)
		}
		return d.apply(d.insertion(pl, nil, raw))
	}
	return nil, p.wrong("%s is a %s and has nothing inside", p[:pl.step], pl.kind)
}

// branch wraps raw in the objects and arrays that the steps from p[from] on call for.
func branch(p Path, from int, raw []byte) ([]byte, error) {
	if from == len(p) {
		return raw, nil
	}
	const root = "r" // sjson makes an object of the first step whatever it is; its value is what is wanted
	path, made := []string{root}, Path{{Name: root}}
	for _, step := range p[from:] {
		i, isIndex := step.index()
		switch {
		case !utf8.ValidString(step.Name):
			return nil, p.wrong("a new key has to be valid UTF-8")
		case isIndex && i > 0:
			return nil, p.wrong("there is no array with a place for %q", step.Name)
		case isIndex || step.appends():
			path, made = append(path, step.Name), append(made, Step{Name: "0"})
		default: // the colon says: a key, whatever it looks like
			path, made = append(path, ":"+gjson.Escape(step.Name)), append(made, step)
		}
	}
	text, err := sjson.SetRawBytes([]byte("{}"), strings.Join(path, "."), raw)
	if err != nil {
		return nil, p.wrong("%v", err)
	}
	d, err := Parse(text) // sjson answers for nothing
	if err != nil {
		return nil, fmt.Errorf("make the missing objects of %s: %w", p, err)
	}
	if value, ok, err := d.At(made); err != nil || !ok || !bytes.Equal(value, raw) {
		return nil, p.wrong("the missing objects on the way cannot be made")
	}
	return d.members[0].value.of(text), nil
}

// insertion makes a new last member (or element, when key is nil) of a container, laid out as the last one is.
func (d *Document) insertion(pl place, key, raw []byte) edit {
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
	return edit{span{at, at}, append(text, raw...)}
}

// DeleteAt removes the member or element at the place p, with its comma. The document itself is returned when there is
// nothing at p. Errors are those of SetAt.
func (d *Document) DeleteAt(p Path) (*Document, error) {
	pl, err := d.find(p)
	if err != nil {
		return nil, err
	}
	if !pl.found {
		return d, nil
	}
	return d.apply(edit{span: pl.removal(d.data)})
}

// removal is what goes with a member: the comma and the space between it and a neighbour, or all the space of a
// container that becomes empty.
func (pl *place) removal(data []byte) span {
	switch {
	case pl.previous.value.end > 0:
		return span{pl.previous.value.end, pl.value.end}
	case pl.next.value.end > 0:
		return span{pl.start(), pl.next.start()}
	}
	return span{pl.container.start + 1, skipSpace(data, pl.value.end)}
}

// apply makes the edited document, and checks that it is one.
func (d *Document) apply(e edit) (*Document, error) {
	data := make([]byte, 0, len(d.data)-(e.end-e.start)+len(e.insert))
	data = append(append(append(data, d.data[:e.start]...), e.insert...), d.data[e.end:]...)
	edited, err := Parse(data)
	if err != nil {
		return nil, fmt.Errorf("edit the document: %w", err)
	}
	return edited, nil
}
