package detect

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"regexp"
	"strings"
	"testing"

	"github.com/claude-auth/claude-auth/internal/test/seeds"
)

const failed401 = "Failed to authenticate. API Error: 401 Invalid authentication credentials"

func TestWhole(t *testing.T) {
	rules := Builtin()
	for text, want := range map[string]string{
		failed401:                              "401-print",
		failed401 + "\n":                       "401-print",
		"\n " + failed401 + "\r\n":             "401-print",
		"Not logged in · Please run /login\n":  "not-logged-in",
		"Login expired · Please run /login \n": "login-expired",
		"Login expired · Please run /login · Claude Code tried":                                    "login-expired-no-credit",
		"API Error: 401 <html>oops</html>\n":                                                       "401-html",
		`API Error: 401 {"type":"error","error":{"type":"authentication_error","message":"m"}}`:    "401",
		"Failed to authenticate: this login reached its time limit and cannot be renewed. Run `x`": "login-limit-print",

		"":               "",
		"\n":             "",
		"Not logged in":  "",
		"x " + failed401: "",
		failed401 + "\nand this is what it means":     "",
		failed401 + "\x00":                            "",
		"Not logged in · Please run /login now":       "",
		"Not logged in · Please run /login\n\nagain.": "",
		"Login expired · Please run /login ·\n":       "",
		"Login expired · Please run /login ·":         "",
		"Login expired · Please run /login · \nx":     "",
		failed401 + strings.Repeat("x", maxHold):      "",
	} {
		found, ok := whole(rules, []byte(text))
		if ok != (want != "") || found.Rule != want {
			t.Errorf("%.90q: %q, %v, want %q", text, found.Rule, ok, want)
		}
	}
}

// whole gives text to a hold-back in one piece.
func whole(rules *Rules, text []byte) (RunResult, bool) {
	h := NewHoldback(rules)
	h.Write(text)
	return h.Finish()
}

// Every message of the table is whole by itself, and is not when it is quoted or goes on in another line.
func TestWholeKnowsItsTable(t *testing.T) {
	rules := Builtin()
	for _, rule := range rules.List() {
		text := rule.Phrase
		if rule.Open {
			text += "some more."
		}
		if found, ok := whole(rules, []byte(text+"\n")); !ok || found.Rule != rule.Name || found.Class != rule.Class {
			t.Errorf("%q: %v, %v, want %s", text, found, ok, rule.Name)
		}
		for _, quoted := range []string{`"` + text + `"`, "It says: " + text, text + "\n\nThat means:", "● " + text} {
			if found, ok := whole(rules, []byte(quoted)); ok {
				t.Errorf("%q: %v", quoted, found)
			}
		}
	}
}

// hold writes text in pieces to a text hold-back and returns what was released before the end, and what was still
// held then.
func hold(rules *Rules, text []byte, r *rand.Rand) (released, held []byte, found RunResult, ok bool) {
	h := NewHoldback(rules)
	for rest := text; len(rest) > 0; {
		n := 1 + r.IntN(len(rest))
		released = append(released, h.Write(rest[:n])...)
		rest = rest[n:]
	}
	held = h.Held()
	found, ok = h.Finish()
	return released, held, found, ok
}

func TestHoldback(t *testing.T) {
	rules, r := Builtin(), rand.New(rand.NewPCG(1, 1))
	for _, tc := range []struct {
		text string
		held bool
	}{
		{failed401 + "\n", true},
		{failed401, true},
		{"Failed to", true}, // could still become one
		{"", true},
		{"Not logged in · Please run /login\n", true},
		{"Not logged in · Please run /login, it says.\n", false},
		{failed401 + "\nmeans that your login is dead.\n", false},
		{"Failed to see why.\n", false},
		{"pong\n", false},
		{"\x00\x01\x02", false},
		{failed401 + strings.Repeat(" again", 1000), false},
		{strings.Repeat("\n", maxHold+1), false},
	} {
		for range 30 {
			released, held, _, _ := hold(rules, []byte(tc.text), r)
			want, wantHeld := tc.text, ""
			if tc.held {
				want, wantHeld = "", tc.text
			}
			if string(released) != want || string(held) != wantHeld {
				t.Errorf("%.80q: released %.80q, held %.80q", tc.text, released, held)
			}
		}
	}
}

// An answer goes on at its first byte that is in no failure message.
func TestHoldbackLetsGoAtOnce(t *testing.T) {
	h := NewHoldback(Builtin())
	if out := h.Write([]byte("Failed to ")); out != nil || !h.Holding() {
		t.Fatalf("released %q", out)
	}
	if out := h.Write([]byte("b")); string(out) != "Failed to b" || h.Holding() {
		t.Fatalf("released %q", out)
	}
	if out := h.Write([]byte("uild")); string(out) != "uild" {
		t.Fatalf("released %q", out)
	}
}

// FuzzHoldback holds the hold-back to its word: nothing is lost or changed, and what it holds to the end is what
// the whole says, or the beginning of it.
func FuzzHoldback(f *testing.F) {
	for _, rule := range builtin() {
		f.Add([]byte(rule.Phrase+"x\n"), uint64(1))
		f.Add([]byte("\n"+rule.Phrase+"\n"), uint64(2))
	}
	rules := Builtin()
	for i, text := range append(seeds.Texts(f), seeds.Recordings(f)...) {
		f.Add(text, uint64(i))
	}
	f.Fuzz(func(t *testing.T, text []byte, seed uint64) {
		released, held, found, ok := hold(rules, text, rand.New(rand.NewPCG(seed, 0)))
		if all := append(released, held...); !bytes.Equal(all, text) {
			t.Fatalf("%q became %q", text, all)
		}
		if len(held) > 0 && len(released) > 0 || len(held) > maxHold {
			t.Fatalf("%d bytes released, %d held", len(released), len(held))
		}
		want, whole := whole(rules, text)
		if ok != whole || found != want {
			t.Fatalf("%v, %v; the whole says %v, %v", found, ok, want, whole)
		}
		if got, want := len(text) == 0 || len(held) > 0, couldBe(rules, text); got != want {
			t.Fatalf("%q: held %v, could be a message: %v", text, got, want)
		}
	})
}

// couldBe says by plain comparison whether text can be continued to a failure message and nothing else.
func couldBe(rules *Rules, text []byte) bool {
	if len(text) > maxHold {
		return false
	}
	s := passAround(string(text))
	if s == "" {
		return true
	}
	best := Rule{}
	for _, rule := range rules.List() {
		if strings.HasPrefix(rule.Phrase, s) {
			return true
		}
		if strings.HasPrefix(s, rule.Phrase) && len(rule.Phrase) > len(best.Phrase) {
			best = rule
		}
	}
	after := strings.TrimPrefix(s, best.Phrase)
	if best.Open {
		after = strings.TrimLeftFunc(after, func(r rune) bool { return r >= ' ' || r == '\t' })
		if after != "" && !strings.ContainsRune("\r\n\x0e\x0f\x1b", rune(after[0])) {
			return false
		}
	}
	return best.Phrase != "" && passAround(after) == ""
}

// around matches what may surround a message, a byte being a rune: white space, or an escape sequence, which may be
// incomplete. junk are bytes that a terminal executes or ignores within one. CAN and SUB end a sequence, ESC begins
// another.
var around = func() *regexp.Regexp {
	const junk = `\x00-\x17\x19\x1c-\x1f\x7f-\xff`
	const begin = `|\x1b[` + junk + `]*`
	return regexp.MustCompile(`^(?s:[ \t\r\n\v\f\x0e\x0f]` +
		begin + `\[[` + junk + `\x20-\x3f]*[\x40-\x7e\x18\x1a]?` +
		begin + `[\]PX^_][^\x07\x1b\x18\x1a]*[\x07\x18\x1a]?` +
		begin + `[\x20-\x2f][` + junk + `\x20-\x2f]*[\x30-\x7e\x18\x1a]?` +
		begin + `[\x30-\x7e\x18\x1a]?)`)
}()

func passAround(s string) string {
	runes := make([]rune, len(s))
	for i := range len(s) {
		runes[i] = rune(s[i])
	}
	for rest := string(runes); ; {
		m := around.FindString(rest)
		if m == "" {
			return s[len(s)-len([]rune(rest)):]
		}
		rest = rest[len(m):]
	}
}

func ExampleHoldback() {
	h := NewHoldback(Builtin())
	fmt.Printf("%q\n", h.Write([]byte("Not logged in · ")))
	fmt.Printf("%q\n", h.Write([]byte("that is what it says")))
	// Output:
	// ""
	// "Not logged in · that is what it says"
}
