package credentials

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"github.com/claude-auth/claude-auth/internal/atomicfile"
)

func mustParse(t testing.TB, text string) *Document {
	t.Helper()
	d, err := Parse([]byte(text))
	if err != nil {
		t.Fatalf("Parse(%.80q): %v", text, err)
	}
	return d
}

func TestParseRefuses(t *testing.T) {
	for _, test := range []struct {
		name, text   string
		line, column int
	}{
		{"nothing", "", 1, 1},
		{"white space", " \n ", 2, 2},
		{"half a document", `{"claudeAiOauth":`, 1, 18},
		{"half a string", `{"a":"b`, 1, 8},
		{"a string that ends in an escape", `{"a":"\`, 1, 8},
		{"half a \\u", `{"a":"\u12`, 1, 11},
		{"half a number", `{"a":-`, 1, 7},
		{"half a literal", `{"a":tru`, 1, 9},
		{"a byte order mark", "\xef\xbb\xbf{}", 1, 1},
		{"an array", " [1]", 1, 2},
		{"a string", `"x"`, 1, 1},
		{"null", "null", 1, 1},
		{"a trailing comma in an object", "{\n  \"a\": 1,\n}", 3, 1},
		{"a trailing comma in an array", `{"a":[1,]}`, 1, 9},
		{"a comma first", `{,"a":1}`, 1, 2},
		{"two commas", `{"a":1,,"b":2}`, 1, 8},
		{"two objects", `{}{}`, 1, 3},
		{"text behind", "{}\nx", 2, 1},
		{"a NUL behind", "{}\x00", 1, 3},
		{"a NUL in a string", "{\"a\":\"\x00\"}", 1, 7},
		{"a NUL in front", "\x00{}", 1, 1},
		{"a line break in a string", "{\"a\":\"x\ny\"}", 1, 8},
		{"a leading zero", `{"a":01}`, 1, 7},
		{"a plus", `{"a":+1}`, 1, 6},
		{"a point without digits", `{"a":1.}`, 1, 8},
		{"an exponent without digits", `{"a":1e}`, 1, 8},
		{"a minus alone", `{"a":-}`, 1, 7},
		{"NaN", `{"a":NaN}`, 1, 6},
		{"single quotes", `{'a':1}`, 1, 2},
		{"no quotes", `{a:1}`, 1, 2},
		{"a comment", `{} // x`, 1, 4},
		{"an unknown escape", `{"a":"\x41"}`, 1, 7},
		{"a bad \\u", `{"a":"\u12g4"}`, 1, 11},
		{"a wrong bracket", `{"a":[1}`, 1, 8},
		{"a missing colon", `{"a" 1}`, 1, 6},
		{"no-break space", "{\u00a0}", 1, 2},
		{"bytes that are no UTF-8 outside of strings", "{\xff}", 1, 2},
		{"columns count characters", `{"äö":x}`, 1, 7},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := Parse([]byte(test.text))
			var syntax *SyntaxError
			if !errors.As(err, &syntax) {
				t.Fatalf("Parse(%q) = %v, want a *SyntaxError", test.text, err)
			}
			if syntax.Line != test.line || syntax.Column != test.column {
				t.Errorf("Parse(%q) says %v, want line %d, column %d", test.text, err, test.line, test.column)
			}
		})
	}
}

// TestParseSays: where a mistake is common its message says what it is.
func TestParseSays(t *testing.T) {
	for text, want := range map[string]string{
		"{\"a\":1,}":     `trailing comma before '}'`,
		`{"a":[1, ]}`:    `trailing comma before ']'`,
		"\xef\xbb\xbf{}": "byte order mark",
		`{"a":`:          "it ends too early",
		`[]`:             "expected an object",
		"{\"a\":\x1b}":   "expected a value, found byte 0x1b",
		`{"a":'x'}`:      `expected a value, found '\''`,
	} {
		if _, err := Parse([]byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("Parse(%q) = %v, want %q", text, err, want)
		}
	}
}

func TestParseTakes(t *testing.T) {
	for _, text := range []string{
		"{}", " \t\r\n{ } \n", `{"":{"":[]}}`, `{"a":-0,"b":1E+5,"c":1e-99999,"d":0.10}`,
		`{"n":` + strings.Repeat("1234567890", 1000) + `.` + strings.Repeat("0", 1000) + `e5}`,
		`{"s":"\ud800","t":"\udc00\ud800","u":"\ud83d\ude00","v":"\u0000\/\b\f\n\r\t\"\\"}`,
		"{\"raw\":\"\x7f\u2028\u009b\xff\xc3\"}", `{"a":1,"a":2}`,
		`{"a":` + strings.Repeat("[", 10000) + strings.Repeat("]", 10000) + "}",
		`{"a":` + strings.Repeat(`{"b":[`, 10000) + strings.Repeat("]}", 10000) + "}",
	} {
		if d := mustParse(t, text); string(d.Bytes()) != text {
			t.Errorf("Bytes() of %.60q are others", text)
		}
	}
}

func TestParseSize(t *testing.T) {
	fits := append([]byte("{}"), bytes.Repeat([]byte(" "), MaxSize-2)...)
	if _, err := Parse(fits); err != nil {
		t.Errorf("a document of MaxSize bytes: %v", err)
	}
	var large *atomicfile.TooLargeError
	if _, err := Parse(append(fits, ' ')); !errors.As(err, &large) || large.Size != MaxSize+1 {
		t.Errorf("one byte more: %v, want a *TooLargeError", err)
	}
	brackets := append([]byte(`{"a":`), bytes.Repeat([]byte("["), MaxSize-6)...)
	if _, err := Parse(brackets); err == nil {
		t.Error("16 MiB of opening brackets are no document")
	}
}

func TestMembers(t *testing.T) {
	d := mustParse(t, ` { "a" : 1 , "b":[ {"c":2} ] ,"a":"x","\u0064": null
}`)
	var got []string
	for _, m := range d.Members() {
		got = append(got, m.Key+"="+string(m.Raw))
	}
	if want := `a=1|b=[ {"c":2} ]|a="x"|d=null`; strings.Join(got, "|") != want {
		t.Errorf("Members() = %q, want %q", strings.Join(got, "|"), want)
	}
	if keys := strings.Join(d.Keys(), "|"); keys != "a|b|d" {
		t.Errorf("Keys() = %q", keys)
	}
	if !d.Has("d") || d.Has("c") {
		t.Error("Has() is wrong")
	}
}

func TestGet(t *testing.T) {
	d := mustParse(t, `{"a":{"b.c":[10,{"d":null}],"":{"x":7},":1":8,"0":9,"-1":5,"*":6},"":{"":3},
		"\u0065\ud83d\ude00":4,"@m":11,"back\\slash":12,"\ud800":13,"\ud801":14}`)
	for path, want := range map[string]string{
		`a.b\.c.0`: "10", `a.b\.c.1`: `{"d":null}`, `a.b\.c.1.d`: "null", `a..x`: "7", `a.\:1`: "8", `a.0`: "9", `a.:0`: "9",
		`a.-1`: "5", `a.\*`: "6", `:`: `{"":3}`, `.`: "3", "e\U0001F600": "4", `\@m`: "11", `back\\slash`: "12",
		"\xed\xa0\x80": "13", "\xed\xa0\x81": "14",
	} {
		if raw, ok, err := d.Get(path); err != nil || !ok || string(raw) != want {
			t.Errorf("Get(%q) = %s, %v, %v; want %s", path, raw, ok, err, want)
		}
	}
	for _, path := range []string{"b", "a.x", "a.b", `a.b\.c.2`, `a.b\.c.00`, `a.b\.c.x`, `a.b\.c.:0`, `a.b\.c.0.z`,
		`a.b\.c.-1`, "\ufffd"} {
		if raw, ok, err := d.Get(path); err != nil || ok {
			t.Errorf("Get(%q) = %s, %v, %v; want nothing", path, raw, ok, err)
		}
	}
	for _, path := range []string{"", `a\`} {
		var bad *PathError
		if _, _, err := d.Get(path); !errors.As(err, &bad) {
			t.Errorf("Get(%q): %v, want a *PathError", path, err)
		}
	}
}

func TestGetQueries(t *testing.T) {
	d := mustParse(t, `{"l":[{"n":1,"v":"a"},{"n":2,"v":"b"}],"o":{"x":1,"y":2}}`)
	for path, want := range map[string]string{
		"l.#": "2", "l.#.v": `["a","b"]`, `l.#(n==2).v`: `"b"`, "o.@keys": `["x","y"]`, "{l.0.n,o.x}": `{"n":1,"x":1}`,
		"o.*": "1",
	} {
		if raw, ok, err := d.Get(path); err != nil || !ok || string(raw) != want {
			t.Errorf("Get(%q) = %s, %v, %v; want %s", path, raw, ok, err, want)
		}
		if _, err := d.Set(path, []byte("1")); err == nil {
			t.Errorf("Set(%q) edits a query", path)
		}
		if _, err := d.Delete(path); err == nil {
			t.Errorf("Delete(%q) edits a query", path)
		}
	}
	deep := mustParse(t, `{"a":`+strings.Repeat("[", 200000)+strings.Repeat("]", 200000)+"}")
	if _, _, err := deep.Get("@pretty"); err == nil {
		t.Error("a modifier was let loose on 200000 levels")
	}
}

func TestPathsReadBack(t *testing.T) {
	for _, name := range []string{
		"", "a", "a.b", ":", ":0", "::", "0", "-1", "00", "*", "?", "a|b", "#", "#(x)", "@this", "!x", "{", "[", `\`, `\\`,
		"a b", "ä", "\xff",
		"\xed\xa0\x80", "\x00", "\n", "%", "=", "~",
	} {
		for _, p := range []Path{{{Name: name, Key: true}}, {{Name: "x"}, {Name: name, Key: true}, {Name: "y"}},
			{{Name: name, Key: true}, {Name: name, Key: true}}} {
			back, err := ParsePath(p.String())
			if err != nil || len(back) != len(p) {
				t.Errorf("ParsePath(%q) = %v, %v; want %v", p.String(), back, err, p)
				continue
			}
			for i := range p {
				if back[i].Name != p[i].Name {
					t.Errorf("ParsePath(%q) = %v, want %v", p.String(), back, p)
				}
			}
		}
	}
}

func TestDecodeString(t *testing.T) {
	for raw, want := range map[string]string{
		`"a\u0041\n"`: "aA\n", `"\ud83d\ude00"`: "\U0001F600", `"\ud83dx"`: "\xed\xa0\xbdx", "\"\xe2\x82x\"": "\ufffdx",
		"\"\xff\xfe\"":     "\ufffd\ufffd",
		"\"\xf0\x9f\x98\"": "\ufffd", "\"\xed\xa0\x80\"": "\ufffd\ufffd\ufffd", "\"\xc0\x80\"": "\ufffd\ufffd",
		"\"\xf1\x80\x80x\"": "\ufffdx", "\"\xf4\x90\x80\"": "\ufffd\ufffd\ufffd", "\"\xf0\x8f\x80\"": "\ufffd\ufffd\ufffd",
	} {
		if got := decodeString([]byte(raw)); got != want {
			t.Errorf("decodeString(%q) = %q, want %q", raw, got, want)
		}
	}
}
