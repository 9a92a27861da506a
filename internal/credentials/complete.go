package credentials

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Completion is a path that may be completed to.
type Completion struct {
	Path string
	Kind Kind
}

// maxCompletions bounds what a person is offered at once.
const maxCompletions = 1000

// Complete lists the paths that begin with prefix and end in the container it leads to: keys and indexes, never values,
// and no keys that may not be shown. What cannot be completed gives none.
func (d *Document) Complete(prefix string) []Completion {
	parent, rest := splitLast(prefix)
	at := span{skipSpace(d.data, 0), len(d.data)}
	if parent != "" {
		p := Path{{Key: true}} // for ".": what is in the member with the empty key
		if parent != "." {
			var err error
			if p, err = ParsePath(strings.TrimSuffix(parent, ".")); err != nil {
				return nil
			}
		}
		pl, err := d.find(p)
		if err != nil || !pl.found {
			return nil
		}
		at = pl.value
	}
	switch inside := at.of(d.data); kindOf(inside[0]) {
	case Object:
		return d.completeKeys(inside, parent, rest)
	case Array:
		return completeIndexes(inside, parent, rest)
	}
	return nil
}

func (d *Document) completeKeys(object []byte, parent, rest string) (list []Completion) {
	r, seen := newRedactor(d.data), map[string]bool{}
	for m := range children(object) {
		key := decodeString(m.key.of(object))
		if seen[key] || !typeable(key) || r.hides(key) {
			continue
		}
		seen[key] = true
		text := Step{Name: key, Key: key == "" || key == "-1"}.String()
		if strings.HasPrefix(text, rest) || strings.HasPrefix(key, rest) {
			list = append(list, Completion{Path: parent + text, Kind: kindOf(object[m.value.start])})
		}
		if len(list) == maxCompletions {
			break
		}
	}
	return list
}

func completeIndexes(array []byte, parent, rest string) (list []Completion) {
	i := 0
	for m := range children(array) {
		if text := strconv.Itoa(i); strings.HasPrefix(text, rest) {
			list = append(list, Completion{Path: parent + text, Kind: kindOf(array[m.value.start])})
		}
		if i++; len(list) == maxCompletions {
			break
		}
	}
	return list
}

// typeable reports whether a key can be typed and shown.
func typeable(key string) bool {
	return utf8.ValidString(key) && strings.IndexFunc(key, func(c rune) bool { return !unicode.IsPrint(c) }) < 0
}

// splitLast splits a path behind its last dot that is not escaped.
func splitLast(path string) (parent, rest string) {
	cut := 0
	for i := 0; i < len(path); i++ {
		switch path[i] {
		case '\\':
			i++
		case '.':
			cut = i + 1
		}
	}
	return path[:cut], path[cut:]
}
