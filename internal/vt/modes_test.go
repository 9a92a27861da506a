package vt

import (
	"os"
	"path/filepath"
	"testing"
)

// what the clients and their children switch on, in one go
const everything = "\x1b[?2004h\x1b[?1004;2031h\x1b[?25l\x1b[>4;2m\x1b[>5u" +
	"\x1b[?1000h\x1b[?1002h\x1b[?1003h\x1b[?1006h\x1b[?1h\x1b=\x1b[5 q\x1b[3;20r"

func follow(s string) *Modes {
	m := NewModes()
	m.Write([]byte(s))
	return m
}

// same compares what a terminal would have on.
func same(a, b *Modes) bool { return a.String() == b.String() }

func TestModesAreFollowedHoweverTheOutputIsDivided(t *testing.T) {
	want := follow(everything)
	if want.now.other != 2 || want.keys[0].flags != 5 ||
		want.now.shape != 5 || !want.now.keypad || want.now.private[modeIndex(25)] || want.now.region != [2]int{3, 20} {
		t.Fatalf("not followed: %+v", want)
	}
	for _, n := range []int{2004, 1004, 2031, 1000, 1002, 1003, 1006, 1} {
		if !want.now.private[modeIndex(n)] {
			t.Errorf("mode %d is not on", n)
		}
	}
	text := "héllo\x1b]0;a title\x07" + everything + "\x1bPq[?1004l\x1b\\" // the last is a string
	for i := range text {
		m := NewModes()
		m.Write([]byte(text[:i]))
		m.Write([]byte(text[i:]))
		if !same(m, want) {
			t.Fatalf("divided at %d: %+v", i, m)
		}
	}
}

func TestKittyKeyboardStack(t *testing.T) {
	for _, c := range []struct {
		in    string
		flags int
		depth int
	}{
		{"\x1b[>5u", 5, 1},
		{"\x1b[>5u\x1b[<u", 0, 0},
		{"\x1b[>5u\x1b[>1u\x1b[<2u", 0, 0},
		{"\x1b[>5u\x1b[<9u", 0, 0},
		{"\x1b[=3u\x1b[=4;2u\x1b[=1;3u", 6, 0},
		{"\x1b[?u\x1b[u", 0, 0},
		{"\x1b[>5u\x1b[?1049h", 0, 0}, // the alternate screen has its own
		{"\x1b[>5u\x1b[?1049h\x1b[>1u\x1b[?1049l", 5, 1},
		{"\x1b[>5u\x1bc", 0, 0},
	} {
		m := follow(c.in)
		if k := m.keyboard(); k.flags != c.flags || len(k.stack) != c.depth {
			t.Errorf("%q: flags %d depth %d, want %d %d", c.in, k.flags, len(k.stack), c.flags, c.depth)
		}
	}
}

func TestAPanelLeavesTheModesAsTheyWere(t *testing.T) {
	for _, in := range []string{
		"", "\x1b[?2004h", everything, everything + "\x1b[?1049h",
		"\x1b[?1049h\x1b[>1u\x1b[?1003h", "\x1b[?7l\x1b[?25l",
	} {
		m := follow(in)
		shown := follow(in)
		shown.Write([]byte(m.EnterPanel()))
		for i, number := range privateModes {
			on := number == 7 || number == 25 || number == 2004 // wrap, cursor, marks around pasted text
			if shown.now.private[i] != on {
				t.Errorf("%q: mode %d is %v in the panel", in, number, shown.now.private[i])
			}
		}
		if !shown.now.alt || shown.keyboard().flags != 0 || shown.now.other != 0 || shown.now.region != [2]int{} {
			t.Errorf("%q: panel has %+v", in, shown)
		}
		shown.Write([]byte(m.HidePanel()))
		if shown.now.alt || shown.keys[0].flags != 0 {
			t.Errorf("%q: the shell has %+v", in, shown)
		}
		shown.Write([]byte(m.ShowPanel()))
		shown.Write([]byte(m.LeavePanel()))
		if !same(m, shown) {
			t.Errorf("%q: afterwards\n%+v, want\n%+v", in, shown, m)
		}
	}
}

func TestResetBringsEverythingBack(t *testing.T) {
	if got := NewModes().Reset(); got != "" {
		t.Errorf("nothing on, and yet %q", got)
	}
	for _, in := range []string{everything, everything + "\x1b[?1049h\x1b[>1u\x1b[>2u", "\x1b[=5u", "\x1b]0;cut off"} {
		m := follow(in)
		got := follow(in)
		got.Write([]byte(m.Reset()))
		if !same(got, NewModes()) {
			t.Errorf("%q: left %+v", in, got)
		}
	}
}

func TestRecordingsAreAtRest(t *testing.T) {
	files, err := filepath.Glob("../detect/testdata/captures/*.raw")
	if err != nil || len(files) == 0 {
		t.Fatalf("the recordings are missing: %v", err)
	}
	for _, f := range files {
		p, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		if m := follow(string(p)); m.p.state != ground {
			t.Errorf("%s ends within a sequence, the parser says", f)
		}
	}
}

// rest is what of a parser counts for what follows. Outside of a control sequence its fields are the last one's, and
// whether that was skipped whole or followed does not matter: the next one clears them.
func rest(p Parser) Parser {
	if p.state == control || p.state == ignored {
		return p
	}
	return Parser{state: p.state}
}

func FuzzModes(f *testing.F) {
	f.Add([]byte("\x1b[A"), 1) // skipped when it is whole, and followed when it is not
	f.Add([]byte("\x1b[0A\x1b"), 4)
	f.Add([]byte(everything), 3)
	f.Add([]byte("\x1b[?2026h\x1b[1;2;3;4;5;6;7;8;9;10;11;12;13;14;15;16;17;18m\x1b[<99999999999u"), 9)
	f.Fuzz(func(t *testing.T, p []byte, at int) {
		whole, parts := NewModes(), NewModes()
		whole.Write(p)
		at = min(max(at, 0), len(p))
		parts.Write(p[:at])
		parts.Write(p[at:])
		if !same(whole, parts) || rest(whole.p) != rest(parts.p) {
			t.Fatalf("divided at %d: %+v, whole: %+v", at, parts, whole)
		}
		if len(whole.Reset()) > ResetMax {
			t.Fatalf("reset of %d bytes does not fit", len(whole.Reset()))
		}
	})
}

// The modes are followed on every read, so this is part of the price of a session's output.
func BenchmarkModes(b *testing.B) {
	var p []byte
	files, _ := filepath.Glob("../detect/testdata/captures/*.raw")
	for _, f := range files {
		q, err := os.ReadFile(f)
		if err != nil {
			b.Fatal(err)
		}
		p = append(p, q...)
	}
	if len(p) == 0 {
		b.Skip("no recordings here")
	}
	m := NewModes()
	b.SetBytes(int64(len(p)))
	b.ReportAllocs()
	for b.Loop() {
		for q := p; len(q) > 0; {
			n := min(4095, len(q)) // the most that one read of a pty gives on Linux
			m.Write(q[:n])
			q = q[n:]
		}
	}
}
