package credentials

import (
	"bytes"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/claude-auth/claude-auth/internal/secret"
)

// Row is a value of a document as it may be shown: without secrets, and without characters that act on a terminal.
type Row struct {
	Kind     Kind
	Depth    int    // 0 for the document itself
	Key      string // decoded, may be a secret; "" in an array
	Label    string // the key, as it may be shown
	Text     string // the value as JSON; "" for a container
	Redacted bool
	InArray  bool
	Index    int  // among the members or elements of its container
	Last     bool // of its container
	Count    int  // of members or elements, for a container
}

// Rows lists the values of the document in its order, a container before its contents.
func (d *Document) Rows() []Row {
	r := newRedactor(d.data)
	list := values(d.data)
	hidden := r.hidden(d.data, list, false)
	rows := make([]Row, len(list))
	for i, v := range list {
		row := Row{
			Kind: v.kind, Depth: int(v.depth), Redacted: hidden[i],
			InArray: v.inArray, Index: int(v.index), Last: v.last, Count: int(v.count),
		}
		if v.hasKey() {
			row.Key = decodeString(v.key(d.data))
			row.Label = r.label(row.Key)
		}
		switch {
		case row.Redacted:
			row.Text = quoted
		case row.Kind != Object && row.Kind != Array:
			row.Text = string(appendPrintable(nil, v.text(d.data)))
		}
		rows[i] = row
	}
	return rows
}

// Redacted returns the value at path (all of the document for "") with its secrets replaced, and whether there were
// any. The layout and the forms of numbers are those of the document.
func (d *Document) Redacted(path string) (raw []byte, hidden, ok bool, err error) {
	r := newRedactor(d.data)
	if path == "" {
		raw, hidden = r.render(d.data, false)
		return raw, hidden, true, nil
	}
	value, ok, err := d.Get(path)
	if err != nil || !ok {
		return nil, false, ok, err
	}
	raw, hidden = r.render(value, SecretPath(path))
	return raw, hidden, true, nil
}

// SecretValue reports whether a JSON value contains a secret, by its looks or by the name of its key.
func SecretValue(raw []byte) bool {
	if ValidValue(raw) != nil {
		return false
	}
	_, hidden := newRedactor([]byte("{}")).render(raw, false)
	return hidden
}

// Labels returns keys of the outermost object as they may be shown: a key can be a token, or repeat one that is
// elsewhere in the document.
func (d *Document) Labels(keys []string) []string {
	r := newRedactor(d.data)
	labels := make([]string, len(keys))
	for i, key := range keys {
		labels[i] = r.label(key)
	}
	return labels
}

// Labels returns keys of the backup's document as they may be shown.
func (b *Backup) Labels(keys []string) []string {
	document, err := Parse(b.Document)
	if err != nil {
		document = Empty()
	}
	return document.Labels(keys)
}

const quoted = `"` + secret.Redacted + `"`

// A secret is hidden wherever it is repeated, if it has leastKnown bytes. The first mostInside secrets that have
// leastInside bytes are also searched for inside longer texts: not more, because each costs a search of the document.
const (
	leastKnown  = 4
	leastInside = 8
	mostInside  = 256
)

// redactor decides what to hide. A value is hidden for its key, for the key of a container around it, for its looks, or
// because it repeats or contains a value that is hidden for its key. The repetition may be under another key, be a key
// itself, or be in the result of a query.
type redactor struct {
	known  map[string]bool   // values that are hidden for their keys
	inside []string          // those of them that are searched for inside longer texts
	names  map[string]bool   // cache of secretName: a document has few different keys
	labels map[string]string // how a key may be shown
	masked int               // how many keys may not be shown
}

func newRedactor(data []byte) *redactor {
	r := &redactor{known: map[string]bool{}, names: map[string]bool{}, labels: map[string]string{}}
	list := values(data)
	for i, named := range r.named(data, list, false) {
		if named {
			r.remember(plain(list[i].text(data)))
		}
	}
	return r
}

// secretName is secret.IsSecretName of a key with its quotes.
func (r *redactor) secretName(raw []byte) bool {
	is, seen := r.names[string(raw)]
	if !seen {
		is = secret.IsSecretName(decodeString(raw))
		r.names[string(raw)] = is
	}
	return is
}

// named marks the scalars that are secret by their key, or by that of a container around them. All marks every scalar.
func (r *redactor) named(data []byte, list []value, all bool) []bool {
	marks := make([]bool, len(list))
	under := int32(-1) // the depth of the outermost container around v with a secret's name; -1 without one
	for i, v := range list {
		if under >= 0 && v.depth <= under {
			under = -1
		}
		secretName := v.hasKey() && r.secretName(v.key(data))
		switch v.kind {
		case Object, Array:
			if secretName && under < 0 {
				under = v.depth
			}
		case String, Number:
			marks[i] = (all || secretName || under >= 0) && plain(v.text(data)) != ""
		}
	}
	return marks
}

// hidden marks the scalars that are secret for any reason, and all of them when all is set.
func (r *redactor) hidden(data []byte, list []value, all bool) []bool {
	marks := r.named(data, list, all)
	for i, v := range list {
		switch text := v.text(data); {
		case marks[i]:
		case v.kind == String:
			marks[i] = r.secretText(plain(text))
		case v.kind == Number:
			marks[i] = r.known[string(text)]
		}
	}
	return marks
}

// plain is the text of a scalar: a string is decoded, a number stays as it is written.
func plain(raw []byte) string {
	if raw[0] == '"' {
		return decodeString(raw)
	}
	return string(raw)
}

func (r *redactor) remember(text string) {
	if len(text) < leastKnown || r.known[text] {
		return
	}
	r.known[text] = true
	if len(text) >= leastInside && len(r.inside) < mostInside {
		r.inside = append(r.inside, text)
	}
}

func (r *redactor) secretText(text string) bool {
	if r.known[text] || secret.LooksSecret(text) {
		return true
	}
	for _, known := range r.inside {
		if len(known) <= len(text) && strings.Contains(text, known) {
			return true
		}
	}
	return secretPart(text)
}

// leastOpaque is the length in bytes from which a part of a text is given to LooksSecret by itself. It is below the
// length from which LooksSecret takes an unknown text for a token; known tokens it finds inside the whole text.
const leastOpaque = 32

// secretPart reports whether a part of text looks like a secret, in a URL for example, or in JSON inside a string.
func secretPart(text string) bool {
	name, assigned := "", false // the part before, and whether the next one is its value, as in access_token=…
	for len(text) > 0 {
		n := strings.IndexFunc(text, separates)
		part, end := text, byte(0)
		if n >= 0 {
			part, end = text[:n], text[n]
			text = text[n+1:]
		} else {
			text = ""
		}
		if part != "" {
			if len(part) >= leastOpaque && secret.LooksSecret(part) || assigned && secret.IsSecretName(name) {
				return true
			}
			name, assigned = part, false
		}
		switch end {
		case '=', ':':
			assigned = name != ""
		case '"', '\'', ' ', '\t', '\n', '\r': // between a name and what is assigned to it
		default:
			name, assigned = "", false
		}
	}
	return false
}

func separates(c rune) bool {
	return c < utf8.RuneSelf && (c <= ' ' || strings.ContainsRune(`/?#&=@:|,;"'{}[]()<>`, c))
}

// label is a key as it may be shown. Hidden keys are numbered, so that they stay different.
func (r *redactor) label(key string) string {
	shown, seen := r.labels[key]
	if seen {
		return shown
	}
	shown = string(appendPrintable(nil, []byte(key)))
	if r.secretText(key) {
		r.masked++
		if shown = secret.Redacted; r.masked > 1 {
			shown = fmt.Sprintf("%s (%d)", secret.Redacted, r.masked)
		}
	}
	r.labels[key] = shown
	return shown
}

// hides reports whether label hides the key.
func (r *redactor) hides(key string) bool {
	return strings.HasPrefix(r.label(key), secret.Redacted)
}

// render writes a value of the document, or the result of a query, with the secrets replaced: all scalars when all is
// set.
func (r *redactor) render(raw []byte, all bool) (out []byte, hidden bool) {
	list := values(raw)
	marks := r.hidden(raw, list, all)
	at := 0
	for i, v := range list {
		if v.hasKey() {
			out = appendLayout(out, raw[at:v.keyStart])
			key := v.key(raw)
			if text := decodeString(key); r.hides(text) {
				out, hidden = append(append(append(out, '"'), r.label(text)...), '"'), true
			} else {
				out = appendPrintable(out, key)
			}
			at = int(v.keyEnd)
		}
		if v.kind == Object || v.kind == Array {
			continue
		}
		out = appendLayout(out, raw[at:v.start])
		if marks[i] {
			out, hidden = append(out, quoted...), true
		} else {
			out = appendPrintable(out, v.text(raw))
		}
		at = int(v.end)
	}
	return appendLayout(out, raw[at:]), hidden
}

// appendLayout copies brackets, commas and white space, but no carriage returns, which can hide a line on a terminal.
func appendLayout(out, layout []byte) []byte {
	return append(out, bytes.ReplaceAll(layout, []byte("\r"), nil)...)
}

// appendPrintable copies the text of a JSON scalar, or a key. It writes as \u escapes the characters that JSON allows
// and a terminal acts upon: C1 controls, direction marks, line separators, bytes that are not UTF-8.
func appendPrintable(out, text []byte) []byte {
	for i := 0; i < len(text); {
		r, n := utf8.DecodeRune(text[i:])
		switch {
		case r == utf8.RuneError && n == 1:
			out = append(out, `\ufffd`...)
		case r < ' ' || r == 0x7F || !unicode.IsPrint(r) && r <= 0xFFFF:
			out = fmt.Appendf(out, `\u%04x`, r)
		case !unicode.IsPrint(r):
			high, low := utf16.EncodeRune(r)
			out = fmt.Appendf(out, `\u%04x\u%04x`, high, low)
		default:
			out = append(out, text[i:i+n]...)
		}
		i += n
	}
	return out
}
