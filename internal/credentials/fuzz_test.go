package credentials

import (
	"bytes"
	"encoding/json"
	"errors"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/tidwall/gjson"

	"github.com/claude-auth/claude-auth/internal/test/harness"
	"github.com/claude-auth/claude-auth/internal/test/seeds"
)

func addSeeds(f *testing.F, add func(text string)) {
	f.Helper()
	for _, text := range hardCases() {
		if len(text) < 1000 { // of a long one the fuzzer does nothing but look for a shorter one
			add(text)
		}
	}
	add(`{"a":` + strings.Repeat(`[{"b":`, 50) + "1" + strings.Repeat("}]", 50) + "}")
	for _, text := range []string{
		`{"claudeAiOauth":{"accessToken":"sk-ant-oat01-FIXTURE","refreshToken":"","expiresAt":0,"scopes":["a"]},` +
			`"mcpOAuth":{"a|b":{"accessToken":"x"}}}`,
		"{\n  \"a\": [1, {\"b\": null}],\n  \"a\": \"\\ud800\\u0061\"\n}\n", `{"claudeAiOauth":[],"x":1e999}`,
	} {
		add(text)
	}
	for _, document := range seeds.Documents(f) {
		add(string(document))
	}
}

// FuzzParse: what is taken is what encoding/json calls valid (it is JSON.parse's grammar but for invalid UTF-8, which
// it takes too), it comes out as it came in, and nothing that can be asked of it panics.
func FuzzParse(f *testing.F) {
	addSeeds(f, func(text string) { f.Add([]byte(text)) })
	f.Fuzz(func(t *testing.T, data []byte) {
		d, err := Parse(data)
		object := len(bytes.TrimLeft(data, " \t\r\n")) > 0 && bytes.TrimLeft(data, " \t\r\n")[0] == '{'
		if deep := bytes.Count(data, []byte("["))+bytes.Count(data, []byte("{")) > 9000; !deep &&
			(err == nil) != (json.Valid(data) && object) {
			t.Fatalf("Parse(%q) = %v, json.Valid: %v", data, err, json.Valid(data))
		}
		if err != nil {
			var syntax *SyntaxError
			if !errors.As(err, &syntax) || syntax.Line < 1 || syntax.Column < 1 {
				t.Fatalf("Parse(%q): %#v", data, err)
			}
			return
		}
		if !bytes.Equal(d.Bytes(), data) {
			t.Fatalf("Bytes() of %q = %q", data, d.Bytes())
		}
		for _, m := range d.Members() {
			if err := ValidValue(m.Raw); err != nil {
				t.Fatalf("the value of %q in %q is %q: %v", m.Key, data, m.Raw, err)
			}
		}
		d.Login()
		d.Rows()
		d.Complete("")
		if raw, _, _, err := d.Redacted(""); err != nil || ValidValue(raw) != nil {
			t.Fatalf("Redacted of %q is no JSON: %q, %v", data, raw, err)
		}
		if without, removed, err := d.WithoutAccount(); err == nil && len(d.members) != len(without.members)+len(removed) {
			t.Fatalf("WithoutAccount of %q = %q, removed %q", data, without.data, removed)
		}
	})
}

// FuzzEdit: an edit is refused, or changes the edited place and not a byte outside of it.
func FuzzEdit(f *testing.F) {
	addSeeds(f, func(text string) {
		f.Add([]byte(text), "a", []byte("1"))
		f.Add([]byte(text), "a.0.b", []byte(`{"x":[]}`))
		f.Add([]byte(text), "claudeAiOauth.accessToken", []byte(`""`))
	})
	fixture, err := harness.Document("stale", nil, time.Now())
	if err != nil {
		f.Fatal(err)
	}
	for _, command := range []string{"set", "unset", "get"} {
		for _, args := range seeds.Arguments(f, command) {
			for i, arg := range args {
				f.Add(fixture, arg, []byte(strings.Join(args[i+1:], " ")))
			}
		}
	}
	f.Add([]byte("{}"), `:0.\:.-1.@this|x.#(a=="b").*`, []byte("null"))
	f.Fuzz(func(t *testing.T, data []byte, path string, value []byte) {
		d, err := Parse(data)
		if err != nil {
			return
		}
		checkGet(t, d, path)
		p, err := ParsePath(path)
		if err != nil {
			return
		}
		if again, err := ParsePath(p.String()); err != nil || again.String() != p.String() {
			t.Fatalf("ParsePath(%q) = %q, and that = %q, %v", path, p, again, err)
		}
		checkSet(t, d, p, value)
		checkDelete(t, d, p)
	})
}

func checkGet(t *testing.T, d *Document, path string) {
	raw, ok, err := d.Get(path)
	if err == nil && ok && ValidValue(raw) != nil {
		t.Fatalf("Get(%q) of %q = %q, which is no JSON", path, d.data, raw)
	}
	if redacted, _, ok, err := d.Redacted(path); err == nil && ok && ValidValue(redacted) != nil {
		t.Fatalf("Redacted(%q) of %q = %q, which is no JSON", path, d.data, redacted)
	}
}

func checkSet(t *testing.T, d *Document, p Path, value []byte) {
	after, err := d.SetAt(p, value)
	if err != nil {
		return
	}
	before := append(Path{}, p...)
	pl, err := d.find(before)
	if err != nil || after != d && !outsideSame(d, after, pl) {
		t.Fatalf("Set(%q, %q) on %q = %q: bytes outside changed", p, value, d.data, after.data)
	}
	if pl.kind == Array && p[pl.step].appends() {
		before[pl.step] = Step{Name: strconv.Itoa(pl.count)}
	}
	at := append(before[:pl.step+1:pl.step+1], indexes(before[pl.step+1:])...)
	if got, ok, err := after.At(at); err != nil || !ok || !bytes.Equal(got, bytes.Trim(value, " \t\r\n")) {
		t.Fatalf("Set(%q, %q) on %q = %q: there is %q, %v, %v", p, value, d.data, after.data, got, ok, err)
	}
}

// indexes replaces -1 by 0: where the first element of a new array is found again.
func indexes(p Path) Path {
	out := make(Path, len(p))
	for i, step := range p {
		if out[i] = step; step.appends() {
			out[i].Name = "0"
		}
	}
	return out
}

func checkDelete(t *testing.T, d *Document, p Path) {
	after, err := d.DeleteAt(p)
	if err != nil {
		return
	}
	pl, err := d.find(p)
	if err != nil || after != d && !outsideSame(d, after, pl) || pl.found != (after != d) {
		t.Fatalf("Delete(%q) on %q = %q: bytes outside changed", p, d.data, after.data)
	}
	if pl.found && pl.kind == Object {
		if got, ok, err := after.At(p); err != nil || ok {
			t.Fatalf("Delete(%q) on %q = %q: there is still %q, %v", p, d.data, after.data, got, err)
		}
	}
}

// TestGjsonAgrees: where keys are plain and stand once, a path means what it means to gjson.
func TestGjsonAgrees(t *testing.T) {
	d := mustParse(t, `{"a":{"b":[{"c":1},{"c":[2,3]}],"x.y":4},"0":5}`)
	for _, path := range []string{"a", "a.b", "a.b.0", "a.b.1.c.1", "a.b.2", `a.x\.y`, "0", "a.0", "b", "a.b.c",
		"a.b.0.c.d"} {
		raw, ok, err := d.Get(path)
		if want := gjson.GetBytes(d.data, path); err != nil || ok != want.Exists() || string(raw) != want.Raw {
			t.Errorf("Get(%q) = %q, %v, %v; gjson: %q", path, raw, ok, err, want.Raw)
		}
	}
}
