package credentials

import (
	"bytes"
	"encoding/json"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// decodeString decodes a JSON string with its quotes, of a text that has been checked, as the client sees it:
//
//   - bytes that are not UTF-8 become as many U+FFFD as the WHATWG decoder makes of them;
//   - lone surrogates keep their three-byte form (WTF-8), so that two different keys never become the same.
func decodeString(raw []byte) string {
	inner := raw[1 : len(raw)-1]
	if bytes.IndexByte(inner, '\\') < 0 && utf8.Valid(inner) {
		return string(inner)
	}
	out := make([]byte, 0, len(inner))
	for i := 0; i < len(inner); {
		switch c := inner[i]; {
		case c == '\\' && inner[i+1] == 'u':
			r, n := decodeUnit(inner[i:])
			out = appendWTF8(out, r)
			i += n
		case c == '\\':
			out = append(out, unescaped(inner[i+1]))
			i += 2
		case c < utf8.RuneSelf:
			out = append(out, c)
			i++
		default:
			n, valid := sequence(inner[i:])
			if valid {
				out = append(out, inner[i:i+n]...)
			} else {
				out = append(out, "\uFFFD"...)
			}
			i += n
		}
	}
	return string(out)
}

// keyEqual reports whether raw, a key with its quotes, decodes to key. It does not allocate for a key without escapes.
func keyEqual(raw []byte, key string) bool {
	inner := raw[1 : len(raw)-1]
	if bytes.IndexByte(inner, '\\') < 0 && utf8.Valid(inner) {
		return string(inner) == key
	}
	return decodeString(raw) == key
}

func unescaped(c byte) byte {
	if i := strings.IndexByte("bfnrt", c); i >= 0 {
		return "\b\f\n\r\t"[i]
	}
	return c // quote, backslash, slash
}

// decodeUnit decodes the \uXXXX at the beginning of s, or a surrogate pair of them, and returns its length n.
func decodeUnit(s []byte) (r rune, n int) {
	r = hex4(s[2:6])
	if utf16.IsSurrogate(r) && len(s) >= 12 && s[6] == '\\' && s[7] == 'u' {
		if pair := utf16.DecodeRune(r, hex4(s[8:12])); pair != utf8.RuneError {
			return pair, 12
		}
	}
	return r, 6
}

// hex4 reads four hexadecimal digits, of a text that has been checked.
func hex4(digits []byte) rune {
	n, _ := strconv.ParseUint(string(digits), 16, 16)
	return rune(n)
}

func appendWTF8(out []byte, r rune) []byte {
	if utf16.IsSurrogate(r) {
		return append(out, 0xE0|byte(r>>12), 0x80|byte(r>>6)&0xBF, 0x80|byte(r)&0xBF)
	}
	return utf8.AppendRune(out, r)
}

// sequence returns the length of the UTF-8 sequence at the beginning of s and whether it is valid. The length of an
// invalid one is that of the part that one U+FFFD replaces: the longest beginning of a sequence, at least a byte.
func sequence(s []byte) (n int, valid bool) {
	if r, n := utf8.DecodeRune(s); r != utf8.RuneError || n > 1 {
		return n, true
	}
	for n = 1; n < len(s) && !utf8.FullRune(s[:n+1]); {
		n++
	}
	return n, false
}

// Quote returns text as a JSON string, with no more escapes than JSON asks for.
func Quote(text string) []byte {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	_ = encoder.Encode(text) // a string into a buffer
	return bytes.TrimSuffix(out.Bytes(), []byte("\n"))
}
