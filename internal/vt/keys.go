package vt

import (
	"bytes"
	"strconv"
	"unicode"
	"unicode/utf8"
)

// Kind is what a terminal has sent.
type Kind int

// The kinds of keys, and of what a terminal sends by itself.
const (
	KeyOther Kind = iota // an arrow, a function key, Alt and a key
	KeyRune              // a character: Key.Rune
	KeyEnter
	KeyEscape
	KeyCtrl // Ctrl and a key: Key.Rune, a letter as a small one
	KeyBackspace
	KeyUp
	KeyResize  // not a key: the window has another size, and what it shows must be drawn again
	PasteStart // what follows is pasted, up to PasteEnd
	PasteEnd
	Pasted // not a key: a pasted text was dropped (see Single)
	Reply  // the terminal's answer to a program's question
	Report // focus, the mouse, the release of a key
)

// Key is one key with its modifiers.
type Key struct {
	Kind Kind
	Rune rune
	Mod  int // shift 1, alt 2, ctrl 4, … where the terminal sends them separately from the character
	// Text is the beginning of what came in one burst, for Pasted: "" where the terminal marked it as pasted.
	Text string
}

// Decode decodes the start of p and returns how many bytes that takes: 0 when more must come. When last is set, nothing
// more comes, and at least one byte is taken.
func Decode(p []byte, last bool) (int, Key) {
	if len(p) == 0 {
		return 0, Key{}
	}
	switch c := p[0]; {
	case c == esc:
		n, k := decodeEscape(p)
		switch {
		case n > 0 || !last:
			return n, k
		case len(p) == 1:
			return 1, Key{Kind: KeyEscape}
		case len(p) == 2:
			return 2, Key{Kind: KeyOther}
		}
		return len(p), Key{Kind: Report}
	case c < 0x20 || c == 0x7f:
		return 1, controlKey(c)
	case !utf8.FullRune(p) && !last:
		return 0, Key{}
	}
	r, n := utf8.DecodeRune(p)
	return n, Key{Kind: KeyRune, Rune: r}
}

// controlKey is the key that sends the control byte c.
func controlKey(c byte) Key {
	switch c {
	case '\r':
		return Key{Kind: KeyEnter}
	case '\n':
		return Key{Kind: KeyEnter, Mod: 4} // Ctrl-J, which is a line feed in some clients
	case '\b', 0x7f:
		return Key{Kind: KeyBackspace}
	}
	return Key{Kind: KeyCtrl, Rune: rune(c) | 0x60}
}

func decodeEscape(p []byte) (int, Key) {
	if len(p) == 1 {
		return 0, Key{}
	}
	switch p[1] {
	case '[', ']', 'P', '_', '^', 'X':
	case 'O':
		if len(p) < 3 {
			return 0, Key{}
		}
		return 3, shiftedKey(p[2])
	case esc:
		return 1, Key{Kind: KeyEscape}
	default:
		return 2, Key{Kind: KeyOther} // Alt and a key
	}
	var q Parser
	n, done := q.Step(p)
	switch {
	case !q.Ground():
		return 0, Key{}
	case p[1] != '[':
		return n, Key{Kind: Reply}
	case !done: // cut off
		return n, Key{Kind: Report}
	case q.Is(0, 0, 'M') && q.n == 0: // the oldest mouse report: three bytes follow
		if n += 3; n > len(p) {
			return 0, Key{}
		}
	}
	return n, q.key(p[:n])
}

// shiftedKey is the key that sends SS3 and c: the keypad's Enter, an arrow in application mode.
func shiftedKey(c byte) Key {
	switch c {
	case 'M':
		return Key{Kind: KeyEnter}
	case 'A':
		return Key{Kind: KeyUp}
	}
	return Key{Kind: KeyOther}
}

// key is what a control sequence means: a key, a report or a reply.
func (q *Parser) key(sequence []byte) Key {
	switch q.final {
	case 'A':
		if q.n == 0 {
			return Key{Kind: KeyUp}
		}
	case 'I', 'O', 'M', 'm': // focus, mouse
		return Key{Kind: Report}
	case 'c', 'y', 'n', 't', 'x':
		return Key{Kind: Reply}
	case 'R':
		if q.n >= 2 && q.Param(0, 0) > 1 || q.private == '?' {
			return Key{Kind: Reply}
		}
		return Key{Kind: Report} // the cursor's position, or F3 with modifiers, which types nothing
	case 'u':
		if q.private == '?' {
			return Key{Kind: Reply}
		}
		code, modifiers, released := kittyKey(sequence)
		if released {
			return Key{Kind: Report}
		}
		return codeKey(code, modifiers)
	case '~':
		switch q.Param(0, 0) {
		case 27: // modifyOtherKeys
			return codeKey(q.Param(2, 0), q.Param(1, 1))
		case 200:
			return Key{Kind: PasteStart}
		case 201:
			return Key{Kind: PasteEnd}
		}
	}
	return Key{Kind: KeyOther}
}

// kittyKey reads CSI code:shifted:base ; modifiers:event u. Event 3 is a key's release. With Ctrl the key counts that
// is in the same place on a Latin keyboard, where the terminal names it: Ctrl-C is that on a Greek keyboard too.
func kittyKey(sequence []byte) (code, modifiers int, released bool) {
	key, rest, _ := bytes.Cut(sequence[2:len(sequence)-1], []byte{';'})
	rest, _, _ = bytes.Cut(rest, []byte{';'})
	keys, mods := bytes.Split(key, []byte{':'}), bytes.Split(rest, []byte{':'})
	code, modifiers = number(keys[0]), number(mods[0])
	if len(keys) > 2 && (max(modifiers, 1)-1)&4 != 0 {
		code = number(keys[2])
	}
	return code, modifiers, len(mods) > 1 && string(mods[1]) == "3"
}

// number reads a parameter; 0 where there is none.
func number(p []byte) int {
	n, err := strconv.Atoi(string(p))
	if err != nil {
		return 0
	}
	return n
}

// keypadEnter is the code of the keypad's Enter in the kitty keyboard protocol.
const keypadEnter = 57414

// codeKey is a key by its code point and modifiers, which are counted from 1.
func codeKey(code, modifiers int) Key {
	mod := max(modifiers, 1) - 1
	ctrl, alt := mod&4 != 0, mod&2 != 0
	switch {
	case (code == 13 || code == keypadEnter) && !alt:
		return Key{Kind: KeyEnter, Mod: mod}
	case code == 27, ctrl && code == '[': // what Ctrl-[ sends otherwise
		return Key{Kind: KeyEscape, Mod: mod}
	case code == 127:
		return Key{Kind: KeyBackspace, Mod: mod}
	case ctrl && code >= 0x20 && code < 0x7f:
		return Key{Kind: KeyCtrl, Rune: unicode.ToLower(rune(code)), Mod: mod}
	case ctrl || alt || code < 0x20 || code >= 57344 && code <= 63743: // private use: a key without a character
		return Key{Kind: KeyOther, Mod: mod}
	}
	return Key{Kind: KeyRune, Rune: rune(code), Mod: mod}
}

// Answers counts the answers to Modes.Asked in what a terminal sends.
type Answers struct {
	p     Parser
	count uint64
}

// Count returns how many there were.
func (a *Answers) Count() uint64 { return a.count }

// Write takes what the terminal has sent.
func (a *Answers) Write(p []byte) {
	for len(p) > 0 {
		if a.p.Ground() {
			i := bytes.IndexByte(p, esc)
			if i < 0 {
				return
			}
			p = p[i:]
		}
		n, done := a.p.Step(p)
		p = p[n:]
		if done && a.p.Is('?', 0, 'c') {
			a.count++
		}
	}
}
