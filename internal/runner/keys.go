package runner

import (
	"bytes"
	"context"
	"unicode/utf8"

	"golang.org/x/sys/unix"
)

// KeyKind is what was typed at a panel.
type KeyKind int

// The keys a panel knows.
const (
	KeyOther     KeyKind = iota // an arrow, a function key, Alt and something
	KeyRune                     // a character: Key.Rune
	KeyEnter                    //
	KeyEscape                   //
	KeyInterrupt                // Ctrl-C
	KeyEOF                      // Ctrl-D
	KeyResize                   // no key: the panel must be drawn anew
)

// Key is one of them.
type Key struct {
	Kind KeyKind
	Rune rune
}

// escapeTime is how long an ESC waits for the rest of a sequence before it is the key, in ms.
const escapeTime = 50

// ReadKey waits for a key, or for the need to draw the panel anew. Replies that the session's child has asked the terminal for are passed on to
// it; reports of focus and mouse are dropped. It returns ctx's error when that is cancelled, and ErrEnded when the panel is in vain.
func (t *Terminal) ReadKey(ctx context.Context) (Key, error) {
	stop := context.AfterFunc(ctx, t.wake.ring)
	defer stop()
	fds := []waitFD{{fd: t.s.in, want: pollIn}, {fd: t.wake.r, want: pollIn}}
	for {
		if t.takeResize() {
			return Key{Kind: KeyResize}, nil
		}
		timeout := -1
		if n, e := decode(t.in, false); n > 0 {
			if k, ok := t.took(n, e); ok {
				return k, nil
			}
			continue
		}
		if len(t.in) > 0 {
			timeout = escapeTime
		}
		select {
		case <-t.done:
			return Key{}, ErrEnded
		default:
		}
		if err := ctx.Err(); err != nil {
			return Key{}, err
		}
		ready, err := waitFDs(fds, timeout)
		if err != nil {
			return Key{}, err
		}
		if ready == 0 { // nothing follows: it is what it looks like
			n, e := decode(t.in, true)
			if k, ok := t.took(n, e); ok {
				return k, nil
			}
			continue
		}
		if fds[1].got != 0 {
			t.wake.clear()
		}
		if fds[0].got != 0 && !t.fill() {
			t.s.lose()
			return Key{}, ErrEnded
		}
	}
}

// fill reads what is there, and reports false when the terminal is gone.
func (t *Terminal) fill() bool {
	var buf [1024]byte
	n, err := readFD(t.s.in, buf[:])
	t.in = append(t.in, buf[:n]...)
	return n > 0 || err == unix.EAGAIN
}

// took removes n decoded bytes from the input. It reports whether they were a key.
func (t *Terminal) took(n int, e event) (Key, bool) {
	if e.reply {
		t.s.Inject(t.in[:n])
	}
	t.in = append(t.in[:0], t.in[n:]...)
	return e.key, !e.reply && !e.drop
}

// settleKeys is the end of a panel: what was typed at it and not read is dropped, replies still reach the child.
func (t *Terminal) settleKeys() {
	fds := []waitFD{{fd: t.s.in, want: pollIn}}
	for {
		if n, err := waitFDs(fds, 0); err != nil || n == 0 || !t.fill() {
			break
		}
	}
	for len(t.in) > 0 {
		n, e := decode(t.in, true)
		t.took(n, e)
	}
}

// event is what bytes from the terminal mean.
type event struct {
	key   Key
	reply bool // the terminal's answer to a question of the child's
	drop  bool // a report that is nobody's business here
}

// decode looks at the start of p and returns how many bytes it has understood: 0 when more must come. When last is set, nothing more comes.
func decode(p []byte, last bool) (int, event) {
	if len(p) == 0 {
		return 0, event{}
	}
	switch c := p[0]; {
	case c == 0x1b:
		n, e := decodeEscape(p)
		if n == 0 && last && len(p) == 1 {
			return 1, event{key: Key{Kind: KeyEscape}}
		}
		if n == 0 && last {
			return len(p), event{key: Key{Kind: KeyOther}, drop: len(p) > 2}
		}
		return n, e
	case c == '\r' || c == '\n':
		return 1, event{key: Key{Kind: KeyEnter}}
	case c == 3:
		return 1, event{key: Key{Kind: KeyInterrupt}}
	case c == 4:
		return 1, event{key: Key{Kind: KeyEOF}}
	case c < 0x20 || c == 0x7f:
		return 1, event{key: Key{Kind: KeyOther}}
	case !utf8.FullRune(p) && !last:
		return 0, event{}
	}
	r, n := utf8.DecodeRune(p)
	return n, event{key: Key{Kind: KeyRune, Rune: r}}
}

func decodeEscape(p []byte) (int, event) {
	other := event{key: Key{Kind: KeyOther}}
	if len(p) == 1 {
		return 0, event{}
	}
	switch p[1] {
	case '[':
		return decodeControl(p)
	case 'O':
		if len(p) < 3 {
			return 0, event{}
		}
		if p[2] == 'M' {
			return 3, event{key: Key{Kind: KeyEnter}}
		}
		return 3, other
	case ']', 'P', '_', '^', 'X':
		if end := bytes.IndexAny(p[2:], "\x07\x1b"); end >= 0 {
			end += 2
			if p[end] == 0x07 {
				return end + 1, event{reply: true}
			}
			if len(p) > end+1 {
				return end + 2, event{reply: true}
			}
		}
		return 0, event{}
	case 0x1b:
		return 1, event{key: Key{Kind: KeyEscape}}
	}
	return 2, other // Alt and a key
}

// decodeControl is a CSI: a key, a report or a reply.
func decodeControl(p []byte) (int, event) {
	q := parser{state: escape}
	n, done := q.step(p[1:])
	n++
	if !done {
		if q.state == ground { // broken off
			return n, event{drop: true}
		}
		return 0, event{}
	}
	switch q.final {
	case 'I', 'O': // focus
		return n, event{drop: true}
	case 'M', 'm':
		if q.final == 'M' && q.n == 0 && q.private == 0 { // the oldest mouse report: three bytes follow
			n += 3
			if n > len(p) {
				return 0, event{}
			}
		}
		return n, event{drop: true}
	case 'c', 'y', 'n', 't', 'x':
		return n, event{reply: true}
	case 'R':
		if q.n >= 2 && q.param(0, 0) > 1 || q.private == '?' { // CSI 1 ; 2 R is Shift-F3
			return n, event{reply: true}
		}
	case 'u':
		if q.private == '?' {
			return n, event{reply: true}
		}
		return n, keyEvent(q.param(0, 0), kittyModifiers(p[:n]))
	case '~':
		switch q.param(0, 0) {
		case 27: // modifyOtherKeys
			return n, keyEvent(q.param(2, 0), q.param(1, 1))
		}
	}
	return n, event{key: Key{Kind: KeyOther}}
}

// kittyModifiers is the second parameter of CSI code ; modifiers : event u, or 0 for a key that is let go.
func kittyModifiers(seq []byte) int {
	_, rest, _ := bytes.Cut(seq, []byte{';'})
	mods, n := 0, 0
	for n < len(rest) && rest[n] >= '0' && rest[n] <= '9' {
		mods = mods*10 + int(rest[n]-'0')
		n++
	}
	if bytes.HasPrefix(rest[n:], []byte(":3")) {
		return 0
	}
	return max(mods, 1)
}

// keyEvent is a key by its code point and modifiers, which are counted from 1; 0 is a key that is let go.
func keyEvent(code, modifiers int) event {
	if modifiers == 0 {
		return event{drop: true}
	}
	ctrl := (modifiers-1)&4 != 0
	alt := (modifiers-1)&2 != 0
	switch {
	case code == 13 && !alt:
		return event{key: Key{Kind: KeyEnter}}
	case code == 27:
		return event{key: Key{Kind: KeyEscape}}
	case ctrl && code == 'c':
		return event{key: Key{Kind: KeyInterrupt}}
	case ctrl && code == 'd':
		return event{key: Key{Kind: KeyEOF}}
	case ctrl || alt || code < 0x20 || code >= 57344 && code <= 63743: // keys without a character are in the private use area
		return event{key: Key{Kind: KeyOther}}
	}
	return event{key: Key{Kind: KeyRune, Rune: rune(code)}}
}
