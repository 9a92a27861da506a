package standin

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
)

// object is a JSON object as JavaScript keeps it: the last of two equal keys counts, in the place of the first. Its
// values are *object, []any, json.Number, string, bool and nil.
type object struct {
	keys   []string
	values map[string]any
}

// newObject makes one of pairs of keys and values.
func newObject(pairs ...any) *object {
	o := &object{values: map[string]any{}}
	o.add(pairs...)
	return o
}

// add sets pairs of keys and values.
func (o *object) add(pairs ...any) {
	for i := 0; i+1 < len(pairs); i += 2 {
		o.set(pairs[i].(string), pairs[i+1])
	}
}

func (o *object) set(key string, value any) {
	if _, there := o.values[key]; !there {
		o.keys = append(o.keys, key)
	}
	o.values[key] = value
}

func (o *object) drop(key string) {
	if _, there := o.values[key]; there {
		delete(o.values, key)
		o.keys = slices.DeleteFunc(o.keys, func(k string) bool { return k == key })
	}
}

// get returns the value of key when it is of the type T, else T's zero value.
func get[T any](o *object, key string) T {
	if o == nil {
		var zero T
		return zero
	}
	value, _ := o.values[key].(T)
	return value
}

var errNotObject = errors.New("not a JSON object")

// parse reads a document as JSON.parse does.
func parse(text []byte) (*object, error) {
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	value, err := parseValue(decoder)
	if err != nil {
		return nil, err
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return nil, errNotObject
	}
	o, ok := value.(*object)
	if !ok {
		return nil, errNotObject
	}
	return o, nil
}

func parseValue(decoder *json.Decoder) (any, error) {
	token, err := decoder.Token()
	if err != nil {
		return nil, err
	}
	switch token {
	case json.Delim('{'):
		o := newObject()
		for decoder.More() {
			key, err := decoder.Token()
			if err != nil {
				return nil, err
			}
			value, err := parseValue(decoder)
			if err != nil {
				return nil, err
			}
			o.set(key.(string), value)
		}
		_, err := decoder.Token()
		return o, err
	case json.Delim('['):
		list := []any{}
		for decoder.More() {
			value, err := parseValue(decoder)
			if err != nil {
				return nil, err
			}
			list = append(list, value)
		}
		_, err := decoder.Token()
		return list, err
	}
	return token, nil
}

// stringify writes a value as JSON.stringify does: numbers in their shortest form, `2.50` as 2.5 and `1e3` as 1000.
func stringify(value any) []byte {
	var b bytes.Buffer
	writeValue(&b, value)
	return b.Bytes()
}

func writeValue(b *bytes.Buffer, value any) {
	switch v := value.(type) {
	case *object:
		b.WriteByte('{')
		for i, key := range v.keys {
			if i > 0 {
				b.WriteByte(',')
			}
			writeString(b, key)
			b.WriteByte(':')
			writeValue(b, v.values[key])
		}
		b.WriteByte('}')
	case []any:
		b.WriteByte('[')
		for i, element := range v {
			if i > 0 {
				b.WriteByte(',')
			}
			writeValue(b, element)
		}
		b.WriteByte(']')
	case json.Number:
		if f, err := v.Float64(); err == nil {
			writePlain(b, f+0) // -0 is written as 0
		} else {
			b.WriteString("null") // Infinity, in JavaScript
		}
	case string:
		writeString(b, v)
	default:
		writePlain(b, v)
	}
}

func writePlain(b *bytes.Buffer, v any) {
	text, err := json.Marshal(v) // writes numbers as ECMAScript does
	if err != nil {
		panic(fmt.Sprintf("stringify %T: %v", v, err)) // only numbers, booleans and nil come here
	}
	b.Write(text)
}

// lineSeparators turns the escapes of U+2028 and U+2029, which Go writes and JavaScript does not, into the characters.
var lineSeparators = strings.NewReplacer(`\\`, `\\`, `\u2028`, "\u2028", `\u2029`, "\u2029")

func writeString(b *bytes.Buffer, s string) {
	var text strings.Builder
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	_ = encoder.Encode(s) // a string and a buffer: nothing can fail
	_, _ = lineSeparators.WriteString(b, strings.TrimSuffix(text.String(), "\n"))
}

// readObject reads the object in a file. A file that is missing or not a JSON object counts as an empty one, as in the
// client.
func readObject(path string) *object {
	text, err := os.ReadFile(path)
	if err != nil {
		return newObject()
	}
	o, err := parse(text)
	if err != nil {
		return newObject()
	}
	return o
}
