package credentials

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/tidwall/gjson"

	"github.com/claude-auth/claude-auth/internal/secret"
)

// Path names a place in a document: a key or an array index for each level.
type Path []Step

// Step is one level of a Path. "7" is a key in an object and an index in an array, unless Key is set.
type Step struct {
	Name string
	Key  bool // Name is a key, even if it looks like an index
}

// PathError says why a path cannot be followed.
type PathError struct {
	Path, Msg string
	query     bool // Path is a gjson query, which can be read but not edited
}

func (e *PathError) Error() string {
	return fmt.Sprintf("invalid path %s: %s", secret.Redact(e.Path), e.Msg)
}

func (p Path) wrong(format string, args ...any) error {
	return &PathError{Path: p.String(), Msg: fmt.Sprintf(format, args...)}
}

// ParsePath reads the part of gjson's path syntax that names one place: keys and indexes between dots, and a backslash
// before a character that is meant literally. A colon before digits says that they are a key: `a.:0` is the member "0"
// of a. A colon alone is the empty key. `-1` is the end of an array, for SetAt.
//
// Wildcards, queries, modifiers and multipaths are a *PathError here; Get takes them.
func ParsePath(text string) (Path, error) {
	if text == "" {
		return nil, &PathError{Path: `""`, Msg: "it is empty"}
	}
	var p Path
	var name []byte
	begin, colon := true, false
	for i := 0; i < len(text); i++ {
		c := text[i]
		switch {
		case c == '\\' && i+1 == len(text):
			return nil, &PathError{Path: text, Msg: "there is nothing after the backslash"}
		case c == '\\':
			i++
			name = append(name, text[i])
		case c == '.':
			p = append(p, makeStep(name, colon))
			name, begin, colon = name[:0], true, false
			continue
		case c == '*' || c == '?' || c == '|', begin && strings.IndexByte("#@!{[", c) >= 0:
			msg := fmt.Sprintf(`%q belongs to a query; if it belongs to the key, write \%c`, c, c)
			return nil, &PathError{Path: text, Msg: msg, query: true}
		default:
			colon = colon || begin && c == ':'
			name = append(name, c)
		}
		begin = false
	}
	return append(p, makeStep(name, colon)), nil
}

func makeStep(name []byte, colon bool) Step {
	if colon && isForced(string(name[1:])) {
		return Step{Name: string(name[1:]), Key: true}
	}
	return Step{Name: string(name)}
}

// isForced reports whether a colon before rest says that rest is a key, and is not a part of the key.
func isForced(rest string) bool {
	return rest == "" || rest == "-1" || strings.Trim(rest, "0123456789") == ""
}

// String writes the path so that ParsePath reads it again.
func (p Path) String() string {
	parts := make([]string, len(p))
	for i, step := range p {
		parts[i] = step.String()
	}
	if len(p) == 1 && parts[0] == "" {
		return ":"
	}
	return strings.Join(parts, ".")
}

// String is the step as it is written in a path.
func (s Step) String() string {
	text := gjson.Escape(s.Name)
	switch {
	case s.Key && isForced(s.Name):
		return ":" + s.Name
	case strings.HasPrefix(text, ":"):
		return `\` + text
	}
	return text
}

// index returns the step as an index of an array.
func (s Step) index() (n int, ok bool) {
	if s.Key || s.Name == "" || len(s.Name) > 1 && s.Name[0] == '0' || strings.Trim(s.Name, "0123456789") != "" {
		return 0, false
	}
	n, err := strconv.Atoi(s.Name)
	return n, err == nil
}

// appends reports whether the step names the place after the last element of an array.
func (s Step) appends() bool { return !s.Key && s.Name == "-1" }

// SecretPath reports whether a key on the path is the name of a secret. Such a value is read from standard input only
// and shown as a fingerprint.
func SecretPath(path string) bool {
	p, err := ParsePath(path)
	if err != nil {
		return false
	}
	return slices.ContainsFunc(p, func(step Step) bool { return secret.IsSecretName(step.Name) })
}
