package credentials

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"unicode/utf8"

	"github.com/claude-auth/claude-auth/internal/claude"
)

// form is an item in the form in which it is written.
type form struct {
	text []byte // the item's bytes
	line []byte // the line for `security -i` that stores them

	slot   string // of a sealed item: the slot of the second item
	sealed string // and its text
}

// formOf finds the form for a document in the place of the current item. The error is a *KeychainError that is TooLong.
func (k *KeychainStore) formOf(current item, data []byte) (*form, error) {
	text := printable(data)
	if line := k.lineFor(k.Service, text); line != nil {
		return &form{text: text, line: line}, nil
	}
	if len(current.sealed) > 0 || k.Version != nil && k.Version() >= claude.KeychainSealed {
		if f, err := k.seal(current, text); f != nil || err != nil {
			return f, err
		}
	}
	return nil, &KeychainError{
		Service: k.Service, TooLong: true,
		Msg: fmt.Sprintf("not changed: other processes could read its %d bytes while they are written", len(data)),
	}
}

// lineFor returns the line that stores the text in an item, and nil when there is none that is short enough. The first
// form is the client's own. The second has room for twice as much: security reads a value between quotes as a shell
// does.
func (k *KeychainStore) lineFor(service string, text []byte) []byte {
	head := fmt.Sprintf(`add-generic-password -U -a "%s" -s "%s" `, k.Account, service)
	if line := fmt.Appendf(nil, "%s-X \"%x\"\n", head, text); len(line) <= claude.KeychainLine {
		return line
	}
	if bytes.ContainsFunc(text, func(r rune) bool { return r < ' ' || r > '~' }) {
		return nil // such a character is for the hex form alone
	}
	quoted := bytes.ReplaceAll(text, []byte(`\`), []byte(`\\`))
	quoted = bytes.ReplaceAll(quoted, []byte(`'`), []byte(`\'`))
	if line := fmt.Appendf(nil, "%s-w '%s'\n", head, quoted); len(line) <= claude.KeychainLine {
		return line
	}
	return nil
}

// printable writes JSON so that `security` prints it as it is: characters in strings as \uXXXX, line breaks between
// tokens as spaces. What is not JSON stays as it is.
func printable(text []byte) []byte {
	if !bytes.ContainsFunc(text, func(r rune) bool { return r < ' ' || r > '~' }) || ValidValue(text) != nil {
		return text
	}
	out := make([]byte, 0, len(text)+len(text)/2)
	for len(text) > 0 {
		r, n := utf8.DecodeRune(text)
		switch {
		case r < ' ':
			out = append(out, ' ') // JSON has these between tokens only
		case r <= '~':
			out = append(out, byte(r))
		case r > 0xffff:
			r -= 0x10000
			out = fmt.Appendf(out, `\u%04x\u%04x`, 0xd800+r>>10, 0xdc00+r&0x3ff)
		default:
			out = fmt.Appendf(out, `\u%04x`, r) // U+FFFD for bytes that are not UTF-8, as the client reads them
		}
		text = text[n:]
	}
	return out
}

// fromHex undoes what `security … -w` does to an item with a byte that is not printable ASCII: it prints all of it as
// hex digits.
func fromHex(text []byte) (data []byte, hexed bool) {
	if len(text) == 0 || len(text)%2 != 0 {
		return text, false
	}
	decoded := make([]byte, len(text)/2)
	if _, err := hex.Decode(decoded, text); err != nil || !bytes.ContainsRune(decoded, '{') {
		return text, false
	}
	return decoded, true
}
