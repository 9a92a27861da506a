package vt

import (
	"fmt"
	"math/rand"
	"slices"
	"strings"
	"testing"
	"time"
)

// arrival is what arrives from the terminal, a while after what arrived before.
type arrival struct {
	after time.Duration
	bytes string
}

// outcome is something that Next returned, and when.
type outcome struct {
	what string
	at   time.Duration
}

// describe names a key, and a reply with its bytes.
func describe(k Key, bytes []byte) string {
	switch k.Kind {
	case Reply:
		return "reply " + string(bytes)
	case PasteEnd:
		return "end of paste"
	case Pasted:
		return "pasted"
	case KeyEnter:
		return "Enter"
	case KeyEscape:
		return "Esc"
	case KeyCtrl:
		return "Ctrl-" + string(k.Rune)
	case KeyRune:
		return string(k.Rune)
	}
	return fmt.Sprintf("kind %d", k.Kind)
}

// play has everything arrive, on a clock of its own, and returns what comes of it.
func play(s *Single, arrivals []arrival) (got []outcome) {
	start := time.Unix(1e9, 0)
	now := start
	next := func(until time.Time) {
		for {
			k, bytes, wait, ok := s.Next(now)
			switch {
			case ok:
				got = append(got, outcome{describe(k, bytes), now.Sub(start)})
			case wait < 0 || !now.Add(wait).Before(until):
				return
			default:
				now = now.Add(wait)
			}
		}
	}
	for _, a := range arrivals {
		at := now.Add(a.after)
		next(at)
		now = at
		s.Feed([]byte(a.bytes), now)
	}
	next(now.Add(time.Hour))
	return got
}

func whats(outcomes []outcome) (list []string) {
	for _, o := range outcomes {
		list = append(list, o.what)
	}
	return list
}

const ms = time.Millisecond

// replies are what terminals send by themselves: the first are passed on, the others are dropped.
var replies = []string{
	"\x1b[?62;22c", "\x1b[>41;354;0c", "\x1b[12;40R", "\x1b[?12;40R", "\x1b[?5u", "\x1b[?2026;2$y", "\x1b[?997;1n",
	"\x1b[0n", "\x1b[4;600;800t", "\x1b]11;rgb:dddd/cccc/rrrr\x1b\\", "\x1b]11;rgb:0/0/0\x07", "\x1b]4;1;rgb:d/d/d\x07",
	"\x1bP>|tmux 3.3a\x1b\\", "\x1bP1+r524742=38\x1b\\", "\x1b_Gi=31;OK\x1b\\",
}

var reports = []string{
	"\x1b[I", "\x1b[O", "\x1b[<0;3;4M", "\x1b[<0;3;4m", "\x1b[M !!", "\x1b[13;1:3u", "\x1b[100;1:3u",
}

// A reply that arrives in parts is one reply, wherever it is divided, and no key.
func TestRepliesInTwoParts(t *testing.T) {
	for _, reply := range slices.Concat(replies, reports) {
		want := []string{"reply " + reply, "d"}
		if slices.Contains(reports, reply) {
			want = want[1:]
		}
		for at := range reply {
			parts := []arrival{{0, reply[:at]}, {90 * ms, reply[at:]}, {90 * ms, "d"}}
			if got := whats(play(&Single{}, parts)); !slices.Equal(got, want) {
				t.Errorf("%q and %q: %q", reply[:at], reply[at:], got)
			}
			parts[1].after = 900 * ms // a slow line, on which a program waits for the reply
			if got := whats(play(&Single{Expecting: true}, parts)); !slices.Equal(got, want) {
				t.Errorf("slowly, %q and %q: %q", reply[:at], reply[at:], got)
			}
		}
	}
}

// Each way of sending a key is one key, wherever it is divided, and acts before a person waits for it.
func TestKeysInTwoParts(t *testing.T) {
	for bytes, want := range map[string]string{
		"\r": "Enter", "\n": "Enter", "\x1bOM": "Enter", "\x1b[13u": "Enter", "\x1b[13;1u": "Enter", "\x1b[57414u": "Enter",
		"\x1b[27;5;13~": "Enter", "\x1b": "Esc", "\x1b[27u": "Esc", "\x1b[27;1;27~": "Esc", "\x1b[27;129u": "Esc",
		"\x1b[91;5u": "Esc", "\x03": "Ctrl-c", "\x1b[99;5u": "Ctrl-c", "\x1b[27;5;99~": "Ctrl-c",
		"\x1b[27;5;67~": "Ctrl-c", "\x1b[99;69u": "Ctrl-c", "\x1b[1089::99;5u": "Ctrl-c", "\x1b[99;5:1u": "Ctrl-c",
		"d": "d", "\x1b[100u": "d", "é": "é", "𝒳": "𝒳", "\x1bx": "kind 0", "\x1b[15~": "kind 0", "\x1bOP": "kind 0",
		"\x1b[1;5C": "kind 0", "\x1b[120;3u": "kind 0",
	} {
		for at := range len(bytes) {
			parts := []arrival{{0, bytes[:at]}, {90 * ms, bytes[at:]}, {time.Second, "q"}}
			if at == 0 {
				parts = parts[1:]
			}
			got := play(&Single{}, parts)
			if !slices.Equal(whats(got), []string{want, "q"}) {
				t.Errorf("%q and %q: %v, want %s", bytes[:at], bytes[at:], got, want)
			} else if got[0].at > 190*ms {
				t.Errorf("%q acts after %v", bytes, got[0].at)
			}
		}
	}
}

func TestPastesAnswerNothing(t *testing.T) {
	long := strings.Repeat("text\r", 2000)
	for name, test := range map[string]struct {
		arrivals []arrival
		want     []string
	}{
		"marked": {[]arrival{{0, "\x1b[200~a\r\x1b[201~"}, {100 * ms, "d"}}, []string{"pasted", "d"}},
		"marked, a single Enter": {
			[]arrival{{0, "\x1b[200~\r\x1b[201~"}, {50 * ms, "\r"}}, []string{"pasted", "Enter"},
		},
		"marked, slowly": {
			[]arrival{{0, "\x1b[200~a"}, {time.Second, "\r"}, {time.Second, "\x1b[20"}, {time.Second, "1~"}, {50 * ms, "d"}},
			[]string{"pasted", "d"},
		},
		"marked, with sequences in it": {
			[]arrival{{0, "\x1b[200~\x1b]11;\x1b[?62c\x1b[201~"}, {50 * ms, "d"}}, []string{"pasted", "d"},
		},
		"marked, without an end": {[]arrival{{0, "\x1b[200~a\r"}, {2500 * ms, "\r"}}, []string{"pasted", "Enter"}},
		"the rest of one": {
			[]arrival{{0, "rest\r\x1b[201~"}, {time.Second, "d"}}, []string{"end of paste", "pasted", "d"},
		},
		"the rest of one, Enter": {
			[]arrival{{0, "\r\x1b[201~"}, {time.Second, "d"}}, []string{"end of paste", "pasted", "d"},
		},
		"one read":  {[]arrival{{0, "y\r"}, {time.Second, "\r"}}, []string{"pasted", "Enter"}},
		"two reads": {[]arrival{{0, "y"}, {30 * ms, "\r"}, {time.Second, "d"}}, []string{"pasted", "d"}},
		"Enter in a read of its own": {
			[]arrival{{0, "echo a"}, {200 * ms, "\r"}, {250 * ms, "\r"}, {time.Second, "d"}}, []string{"pasted", "d"},
		},
		"byte by byte": {
			[]arrival{{0, "\r"}, {12 * ms, "\r"}, {12 * ms, "\r"}, {12 * ms, "y"}, {time.Second, "d"}}, []string{"pasted", "d"},
		},
		"long":           {[]arrival{{0, long}, {20 * ms, long}, {time.Second, "d"}}, []string{"pasted", "d"}},
		"with Ctrl-C":    {[]arrival{{0, "a\x03b"}, {time.Second, "d"}}, []string{"pasted", "d"}},
		"a wheel turned": {[]arrival{{0, "\x1bOA\x1bOA\x1bOA"}, {time.Second, "d"}}, []string{"d"}},
		"a reply in between": {
			[]arrival{{0, "a\x1b[?62;22c\r"}, {time.Second, "d"}}, []string{"reply \x1b[?62;22c", "pasted", "d"},
		},
	} {
		if got := whats(play(&Single{}, test.arrivals)); !slices.Equal(got, test.want) {
			t.Errorf("%s: %q, want %q", name, got, test.want)
		}
	}
}

// A person's keys, with a person's pauses, all count.
func TestKeysOfAPerson(t *testing.T) {
	got := play(&Single{}, []arrival{{0, "d"}, {80 * ms, "\x1b"}, {150 * ms, "y"}, {60 * ms, "\r"}, {5 * ms, "\x1b[I"}})
	if want := []string{"d", "Esc", "y", "Enter"}; !slices.Equal(whats(got), want) {
		t.Errorf("%v, want %q", got, want)
	}
}

// What was typed before a question does not answer it, in whatever state it is.
func TestDropLeavesNoKey(t *testing.T) {
	for _, before := range []string{"\r", "y\r", "\x1b", "\x1b[13", "\x1b[200~text", "\xc3"} {
		s := &Single{}
		s.Feed([]byte(before), time.Unix(1e9, 0).Add(-ms))
		s.Drop(time.Unix(1e9, 0))
		rest := map[string]string{"\x1b[13": "u", "\x1b[200~text": "\r\x1b[201~", "\xc3": "\xa9"}[before]
		got := whats(play(s, []arrival{{10 * ms, rest}, {time.Second, "d"}}))
		got = slices.DeleteFunc(got, func(what string) bool { return what == "pasted" })
		if !slices.Equal(got, []string{"d"}) {
			t.Errorf("%q: %q", before, got)
		}
	}
	s := &Single{}
	s.Feed([]byte("\r\x1b[?62c\r"), time.Unix(1e9, 0))
	if got := string(s.Drop(time.Unix(1e9, 0))); got != "\x1b[?62c" {
		t.Errorf("the replies among it are %q", got)
	}
}

// However something is divided, as long as a person could not have typed it, the same comes of it.
func TestDivisionsChangeNothing(t *testing.T) {
	random := rand.New(rand.NewSource(1))
	items := slices.Concat(replies, reports, []string{
		"\x1b[200~some\rtext\x1b[201~", "\x1b[200~\x1b]1;\x1b[201~", "y\r", "abc\x03", "\x1bx\x1by", "é", "d", "\r", "\x1b[A",
	})
	for round := range 3000 {
		var text string
		for range 1 + random.Intn(6) {
			text += items[random.Intn(len(items))]
		}
		want := whats(play(&Single{}, []arrival{{0, text}}))
		var parts []arrival
		for rest := text; rest != ""; {
			n := 1 + random.Intn(len(rest))
			parts = append(parts, arrival{time.Duration(random.Intn(5)) * ms, rest[:n]})
			rest = rest[n:]
		}
		got := whats(play(&Single{}, parts))
		if keys(got) != keys(want) || !slices.Equal(passed(got), passed(want)) {
			t.Fatalf("round %d: %q is %q, and in parts %v %q", round, text, want, parts, got)
		}
	}
}

// keys are the keys among what has come, in order.
func keys(list []string) (text string) {
	for _, what := range list {
		if what != "pasted" && what != "end of paste" && !strings.HasPrefix(what, "reply") {
			text += what + " "
		}
	}
	return text
}

// passed are the replies among it.
func passed(list []string) []string {
	return slices.DeleteFunc(slices.Clone(list), func(what string) bool { return !strings.HasPrefix(what, "reply") })
}
