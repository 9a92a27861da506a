package vt

import "testing"

func TestDecode(t *testing.T) {
	char := func(r rune) Key { return Key{Kind: KeyRune, Rune: r} }
	key := func(k Kind) Key { return Key{Kind: k} }
	ctrl := func(r rune, mod int) Key { return Key{Kind: KeyCtrl, Rune: r, Mod: mod} }
	for _, c := range []struct {
		in   string
		n    int
		want Key
	}{
		{"a", 1, char('a')},
		{"é", 2, char('é')},
		{"\r", 1, key(KeyEnter)},
		{"\x03", 1, ctrl('c', 0)},
		{"\x04", 1, ctrl('d', 0)},
		{"\x1b[A", 3, key(KeyUp)},
		{"\x1b[B", 3, key(KeyOther)},
		{"\x1b[13;2u", 7, Key{Kind: KeyEnter, Mod: 1}},
		{"\n", 1, Key{Kind: KeyEnter, Mod: 4}},
		{"\x1b[200~", 6, key(PasteStart)},
		{"\x1bOM", 3, key(KeyEnter)},
		{"\x1bx", 2, key(KeyOther)},
		{"\x1b\x1b", 1, key(KeyEscape)},
		{"\x1b[13u", 5, key(KeyEnter)},
		{"\x1b[27u", 5, key(KeyEscape)},
		{"\x1b[99;5u", 7, ctrl('c', 4)},
		{"\x1b[27;5;99~", 10, ctrl('c', 4)},
		{"\x1b[114u", 6, char('r')},
		{"\x1b[13;1:3u", 9, key(Report)},            // Enter let go
		{"\x1b[I", 3, key(Report)},                  // focus
		{"\x1b[<0;3;4M", 9, key(Report)},            // mouse
		{"\x1b[M !!x", 6, key(Report)},              // mouse, the oldest
		{"\x1b[?62;22c", 9, key(Reply)},             // DA1
		{"\x1b[?997;1n", 9, key(Reply)},             // colour scheme
		{"\x1b[12;40R", 8, key(Reply)},              // cursor position
		{"\x1b[?5u", 5, key(Reply)},                 // kitty flags
		{"\x1b[?2026;2$y", 11, key(Reply)},          // mode report
		{"\x1b]11;rgb:0/0/0\x1b\\", 16, key(Reply)}, // background colour
		{"\x1bP>|tmux 3.3a\x1b\\", 15, key(Reply)},  // XTVERSION
		{"\x1b[", 0, Key{}},
		{"\x1b]11;rgb", 0, Key{}},
		{"\xc3", 0, Key{}},
	} {
		n, e := Decode([]byte(c.in), false)
		if n != c.n || e != c.want {
			t.Errorf("Decode(%q) = %d %+v, want %d %+v", c.in, n, e, c.n, c.want)
		}
	}
	if n, e := Decode([]byte("\x1b"), true); n != 1 || e.Kind != KeyEscape {
		t.Errorf("a lone ESC is %d %+v", n, e)
	}
}

// Whatever comes, decoding goes on: with last set something is always understood.
func FuzzDecode(f *testing.F) {
	f.Add([]byte("\x1b[?62;22c\x1b[Mxyz\x1b]11;\xff"))
	f.Fuzz(func(t *testing.T, p []byte) {
		for len(p) > 0 {
			n, _ := Decode(p, true)
			if n <= 0 || n > len(p) {
				t.Fatalf("Decode(%q) took %d", p, n)
			}
			p = p[n:]
		}
	})
}
