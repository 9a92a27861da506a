package credentials

import (
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
	var list []Completion
	offer := func(step Step, value span) bool {
		if text := step.String(); strings.HasPrefix(text, rest) || strings.HasPrefix(step.Name, rest) {
			list = append(list, Completion{Path: parent + text, Kind: kindOf(d.data[value.start])})
		}
		return len(list) < maxCompletions
	}
	switch kindOf(d.data[at.start]) {
	case Object:
		d.completeKeys(at, offer)
	case Array:
		n := 0
		eachElement(d.data, at.start, func(value span) bool {
			n++
			return offer(indexStep(n-1), value)
		})
	}
	return list
}

func (d *Document) completeKeys(at span, offer func(Step, span) bool) {
	r := newRedactor(d.data)
	seen := map[string]bool{}
	eachMember(d.data, at.start, func(m member) bool {
		key := decodeString(m.key.of(d.data))
		if seen[key] || !typeable(key) || r.hides(key) {
			return true
		}
		seen[key] = true
		return offer(Step{Name: key, Key: key == "" || key == "-1"}, m.value)
	})
}

// typeable reports whether a key can stand on a command line and on a screen.
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
