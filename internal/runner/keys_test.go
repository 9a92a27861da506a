package runner

import "testing"

func TestDecode(t *testing.T) {
	char := func(r rune) event { return event{key: Key{KeyRune, r}} }
	key := func(k KeyKind) event { return event{key: Key{Kind: k}} }
	for _, c := range []struct {
		in   string
		n    int
		want event
	}{
		{"a", 1, char('a')},
		{"é", 2, char('é')},
		{"\r", 1, key(KeyEnter)},
		{"\x03", 1, key(KeyInterrupt)},
		{"\x04", 1, key(KeyEOF)},
		{"\x1b[A", 3, key(KeyOther)},
		{"\x1bOM", 3, key(KeyEnter)},
		{"\x1bx", 2, key(KeyOther)},
		{"\x1b\x1b", 1, key(KeyEscape)},
		{"\x1b[13u", 5, key(KeyEnter)},
		{"\x1b[27u", 5, key(KeyEscape)},
		{"\x1b[99;5u", 7, key(KeyInterrupt)},
		{"\x1b[27;5;99~", 10, key(KeyInterrupt)},
		{"\x1b[114u", 6, char('r')},
		{"\x1b[13;1:3u", 9, event{drop: true}},              // Enter let go
		{"\x1b[I", 3, event{drop: true}},                    // focus
		{"\x1b[<0;3;4M", 9, event{drop: true}},              // mouse
		{"\x1b[M !!x", 6, event{drop: true}},                // mouse, the oldest
		{"\x1b[?62;22c", 9, event{reply: true}},             // DA1
		{"\x1b[?997;1n", 9, event{reply: true}},             // colour scheme
		{"\x1b[12;40R", 8, event{reply: true}},              // cursor position
		{"\x1b[?5u", 5, event{reply: true}},                 // kitty flags
		{"\x1b[?2026;2$y", 11, event{reply: true}},          // mode report
		{"\x1b]11;rgb:0/0/0\x1b\\", 16, event{reply: true}}, // background colour
		{"\x1bP>|tmux 3.3a\x1b\\", 15, event{reply: true}},  // XTVERSION
		{"\x1b[", 0, event{}},
		{"\x1b]11;rgb", 0, event{}},
		{"\xc3", 0, event{}},
	} {
		n, e := decode([]byte(c.in), false)
		if n != c.n || e != c.want {
			t.Errorf("decode(%q) = %d %+v, want %d %+v", c.in, n, e, c.n, c.want)
		}
	}
	if n, e := decode([]byte("\x1b"), true); n != 1 || e.key.Kind != KeyEscape {
		t.Errorf("a lone ESC is %d %+v", n, e)
	}
}

// Whatever comes, decoding goes on: with last set something is always understood.
func FuzzDecode(f *testing.F) {
	f.Add([]byte("\x1b[?62;22c\x1b[Mxyz\x1b]11;\xff"))
	f.Fuzz(func(t *testing.T, p []byte) {
		for len(p) > 0 {
			n, _ := decode(p, true)
			if n <= 0 || n > len(p) {
				t.Fatalf("decode(%q) took %d", p, n)
			}
			p = p[n:]
		}
	})
}
