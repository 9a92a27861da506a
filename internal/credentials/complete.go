package credentials

import (
	"cmp"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Completion is a path that is offered, and the kind of the value there.
type Completion struct {
	Path string
	Kind Kind
}

// maxCompletions bounds what a person is offered at once.
const maxCompletions = 1000

// Complete lists the paths that begin with prefix and end in the container it leads to: keys and indexes, never values,
// and no keys that may not be shown. There are none for a prefix that leads nowhere.
func (d *Document) Complete(prefix string) (list []Completion) {
	parent, rest := splitLast(prefix)
	container := d.data
	if parent != "" {
		p, err := ParsePath(cmp.Or(strings.TrimSuffix(parent, "."), ":")) // ":" is the empty key
		if err != nil {
			return nil
		}
		container, _, _ = d.At(p)
	}
	r, seen, index := newRedactor(d.data), map[string]bool{}, 0
	for m := range children(container) {
		key, text := "", strconv.Itoa(index)
		if m.key.end > 0 {
			key = decodeString(m.key.of(container))
			text = Step{Name: key, Key: key == "" || key == "-1"}.String()
			if seen[key] || !typeable(key) || r.hides(key) {
				continue
			}
			seen[key] = true
		}
		index++
		if strings.HasPrefix(text, rest) || strings.HasPrefix(key, rest) {
			list = append(list, Completion{Path: parent + text, Kind: kindOf(container[m.value.start])})
		}
		if len(list) == maxCompletions {
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
