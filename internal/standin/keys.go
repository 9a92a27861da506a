package standin

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// keyKind says what a key does in a session.
type keyKind int

const (
	keyText keyKind = iota
	keyEnter
	keyBackspace
	keyInterrupt // Ctrl-C
	keyEnd       // Ctrl-D
	keySuspend   // Ctrl-Z
	keyUp
	keyEscape
	keyRepaint // Ctrl-L
)

type key struct {
	kind keyKind
	text string
}

// keyDecoder takes the terminal's bytes apart. What the terminal answers to queries, and the focus events, are no keys.
type keyDecoder struct{ rest string }

func (d *keyDecoder) decode(chunk []byte) []key {
	text := d.rest + string(chunk)
	d.rest = ""
	var keys []key
	for text != "" {
		if text[0] == 0x1b {
			n := escapeLen(text)
			if n == 0 { // cut off; a lone Escape is a key of its own
				if len(text) == 1 {
					return append(keys, key{kind: keyEscape})
				}
				d.rest = text
				return keys
			}
			if k, ok := escapeKey(text[:n]); ok {
				keys = append(keys, k)
			}
			text = text[n:]
			continue
		}
		if !utf8.FullRuneInString(text) {
			d.rest = text
			return keys
		}
		r, n := utf8.DecodeRuneInString(text)
		if k, ok := plainKey(r, text[:n]); ok {
			keys = append(keys, k)
		}
		text = text[n:]
	}
	return keys
}

func plainKey(r rune, text string) (key, bool) {
	switch r {
	case '\r', '\n':
		return key{kind: keyEnter}, true
	case 0x7f, '\b':
		return key{kind: keyBackspace}, true
	case 0x03:
		return key{kind: keyInterrupt}, true
	case 0x04:
		return key{kind: keyEnd}, true
	case 0x1a:
		return key{kind: keySuspend}, true
	case 0x0c:
		return key{kind: keyRepaint}, true
	}
	return key{keyText, text}, r >= ' '
}

// escapeLen is the length of the escape sequence that text begins with, 0 when its end is not there.
func escapeLen(text string) int {
	if len(text) < 2 {
		return 0
	}
	switch text[1] {
	case '[':
		for i := 2; i < len(text); i++ {
			if text[i] >= 0x40 && text[i] <= 0x7e {
				return i + 1
			}
		}
		return 0
	case ']', 'P', '_', '^': // strings, until BEL or ST
		if i := strings.IndexByte(text, 0x07); i >= 0 {
			return i + 1
		}
		if i := strings.Index(text, "\x1b\\"); i >= 0 {
			return i + 2
		}
		return 0
	case 'O':
		if len(text) < 3 {
			return 0
		}
		return 3
	}
	return 2
}

// escapeKey is the key that a sequence stands for, the kitty keyboard protocol's forms included.
func escapeKey(sequence string) (key, bool) {
	switch sequence {
	case "\x1b[A", "\x1bOA":
		return key{kind: keyUp}, true
	}
	body, isKitty := strings.CutSuffix(strings.TrimPrefix(sequence, "\x1b["), "u")
	if !isKitty || strings.HasPrefix(body, "?") {
		return key{}, false
	}
	codeText, modifiers, _ := strings.Cut(body, ";")
	code, err := strconv.Atoi(strings.SplitN(codeText, ":", 2)[0])
	if err != nil {
		return key{}, false
	}
	if modifiers == "5" && code >= 'a' && code <= 'z' {
		return plainKey(rune(code-'a'+1), "")
	}
	if code == 27 {
		return key{kind: keyEscape}, true
	}
	return plainKey(rune(code), string(rune(code)))
}
