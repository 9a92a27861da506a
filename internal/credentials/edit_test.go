package credentials

import (
	"errors"
	"strings"
	"testing"

	"github.com/claude-auth/claude-auth/internal/claude"
)

func TestSet(t *testing.T) {
	for _, test := range []struct{ before, path, value, after string }{
		{`{"a":1, "b" : [1,2.50,1e3] }` + "\n", "a", `"x"`, `{"a":"x", "b" : [1,2.50,1e3] }` + "\n"},
		{`{"a":1}`, "a", " 2 \n", `{"a":2}`},
		{`{}`, "a", "1", `{"a":1}`},
		{`{ }`, "a", "1", `{"a":1 }`},
		{`{"a":1}`, "b", "2", `{"a":1,"b":2}`},
		{"{\n  \"a\": 1\n}\n", "b", "2", "{\n  \"a\": 1,\n  \"b\": 2\n}\n"},
		{"{\n\t\"o\" : {\n\t\t\"x\" : 1 }}", "o.y", "2", "{\n\t\"o\" : {\n\t\t\"x\" : 1,\n\t\t\"y\" : 2 }}"},
		{`{"l":[1, 2]}`, "l.-1", "3", `{"l":[1, 2, 3]}`},
		{`{"l":[1, 2]}`, "l.2", "3", `{"l":[1, 2, 3]}`},
		{`{"l":[1, 2]}`, "l.0", "3", `{"l":[3, 2]}`},
		{`{"l":[]}`, "l.-1", "{}", `{"l":[{}]}`},
		{`{}`, "a.b.c", "1", `{"a":{"b":{"c":1}}}`},
		{`{}`, "a.0.-1.b", "1", `{"a":[[{"b":1}]]}`},
		{`{}`, "a.:0.:", "1", `{"a":{"0":{"":1}}}`},
		{`{}`, `a.x\.y\*\@\\\:z.b`, "1", `{"a":{"x.y*@\\:z":{"b":1}}}`},
		{`{}`, "a.\u00e4\".b", "1", "{\"a\":{\"\u00e4\\\"\":{\"b\":1}}}"},
		{`{"a":{"b":1}}`, "a.-1", "2", `{"a":{"b":1,"-1":2}}`},
		{`{"\u0061":1}`, "a", "2", `{"\u0061":2}`},
		{`{"x":1,"x":2,"a":1}`, "a", "2", `{"x":1,"x":2,"a":2}`},
		{`{"__proto__":1}`, "__proto__", "2", `{"__proto__":2}`},
	} {
		d, err := mustParse(t, test.before).Set(test.path, []byte(test.value))
		if err != nil {
			t.Errorf("Set(%q, %s) on %q: %v; want %q", test.path, test.value, test.before, err, test.after)
		} else if string(d.Bytes()) != test.after {
			t.Errorf("Set(%q, %s) on %q = %q; want %q", test.path, test.value, test.before, d.Bytes(), test.after)
		}
	}
}

func TestSetRefuses(t *testing.T) {
	for _, test := range []struct{ doc, path, value string }{
		{`{"a":1}`, "a", "x"}, {`{"a":1}`, "a", `{"b":}`}, {`{"a":1}`, "a", ""}, {`{"a":1}`, "a", "1 2"},
		{`{"a":1}`, "a.b", "1"}, {`{"a":"s"}`, "a.0", "1"}, {`{"a":null}`, "a.b.c", "1"},
		{`{"a":[1]}`, "a.2", "1"}, {`{"a":[1]}`, "a.x", "1"}, {`{"a":[1]}`, "a.99999999999999999999", "1"},
		{`{"a":[1]}`, "a.:0", "1"},
		{`{}`, "a.1", "1"}, {`{}`, "a.999999999", "1"}, {`{}`, "a.\xff", "1"}, {`{}`, "\xff", "1"},
		{`{}`, "", "1"}, {`{}`, "a.*", "1"}, {`{}`, "@this", "1"},
	} {
		d := mustParse(t, test.doc)
		if got, err := d.Set(test.path, []byte(test.value)); err == nil {
			t.Errorf("Set(%q, %q) on %s = %s, want an error", test.path, test.value, test.doc, got.Bytes())
		}
	}
}

func TestDelete(t *testing.T) {
	for _, test := range []struct{ before, path, after string }{
		{`{"a":1,"b":2,"c":3}`, "a", `{"b":2,"c":3}`},
		{`{"a":1,"b":2,"c":3}`, "b", `{"a":1,"c":3}`},
		{`{"a":1,"b":2,"c":3}`, "c", `{"a":1,"b":2}`},
		{"{\n  \"a\": 1,\n  \"b\": 2\n}\n", "a", "{\n  \"b\": 2\n}\n"},
		{"{\n  \"a\": 1,\n  \"b\": 2\n}\n", "b", "{\n  \"a\": 1\n}\n"},
		{"{\n  \"a\": 1\n}\n", "a", "{}\n"},
		{`{"l":[1 , 2 , 3]}`, "l.0", `{"l":[2 , 3]}`},
		{`{"l":[1 , 2 , 3]}`, "l.2", `{"l":[1 , 2]}`},
		{`{"l":[ 1 ]}`, "l.0", `{"l":[]}`},
		{`{"a":{"":{"b":1}}}`, "a..b", `{"a":{"":{}}}`},
	} {
		d, err := mustParse(t, test.before).Delete(test.path)
		if err != nil || string(d.Bytes()) != test.after {
			t.Errorf("Delete(%q) on %q = %s, %v; want %q", test.path, test.before, d.Bytes(), err, test.after)
		}
	}
}

func TestNoChangeIsTheSameDocument(t *testing.T) {
	d := mustParse(t, `{"a": 1.0 }`)
	if same, err := d.Set("a", []byte("1.0")); err != nil || same != d {
		t.Errorf("Set to what is there = %v, %v", same, err)
	}
	for _, path := range []string{"b", "a.b", "a.0", "b.c"} {
		if same, err := d.Delete(path); err != nil || same != d {
			t.Errorf("Delete(%q) of nothing = %v, %v", path, same, err)
		}
	}
}

func TestDuplicateKeys(t *testing.T) {
	d := mustParse(t, "{\"a\":{\"b\":1,\n \"\\u0062\":2},\"c\":1}")
	var twice *DuplicateKeyError
	if _, _, err := d.Get("a.b"); !errors.As(err, &twice) || twice.Key != "b" || twice.Line != 2 || twice.Column != 2 {
		t.Errorf("Get: %v, want b at line 2, column 2", err)
	}
	if _, err := d.Set("a.b", []byte("3")); !errors.As(err, &twice) {
		t.Errorf("Set: %v, want a *DuplicateKeyError", err)
	}
	if _, err := d.Delete("a.b"); !errors.As(err, &twice) {
		t.Errorf("Delete: %v, want a *DuplicateKeyError", err)
	}
	if _, err := d.Set("c", []byte("3")); err != nil {
		t.Errorf("Set beside it: %v", err)
	}
	outer := mustParse(t, `{"a":{"x":1},"a":{"x":2}}`)
	if _, err := outer.Set("a.x", []byte("3")); !errors.As(err, &twice) {
		t.Errorf("Set below it: %v, want a *DuplicateKeyError", err)
	}
	invalid := mustParse(t, "{\"\xff\":1,\"\xfe\":2}") // one key to JavaScript, which reads both as U+FFFD
	if _, err := invalid.Set("\ufffd", []byte("3")); !errors.As(err, &twice) {
		t.Errorf("Set of what is one key after decoding: %v, want a *DuplicateKeyError", err)
	}
}

func TestWithoutAccount(t *testing.T) {
	for before, want := range map[string]struct{ after, removed string }{
		`{"claudeAiOauth":{"x":1},"mcpOAuth":{"k":{"accessToken":"t"}},"futureKey":[1,2.50,1e3]}`: {
			`{"mcpOAuth":{"k":{"accessToken":"t"}},"futureKey":[1,2.50,1e3]}`, claude.LoginKey},
		"{\n  \"mcpOAuth\": {},\n  \"claudeAiOauth\": null,\n  \"pluginSecrets\": {},\n  \"organizationUuid\": \"o\",\n  " +
			"\"designOauth\": 1\n}\n": {
			"{\n  \"mcpOAuth\": {},\n  \"pluginSecrets\": {}\n}\n", "claudeAiOauth organizationUuid designOauth"},
		"{ \"enterpriseGateway\":1 , \"trustedDeviceToken\":2 }\n": {"{}\n", "enterpriseGateway trustedDeviceToken"},
		`{"\u0063laudeAiOauth":1,"a":{"claudeAiOauth":2}}`:         {`{"a":{"claudeAiOauth":2}}`, claude.LoginKey},
		`{"a":1,"a":2}`: {`{"a":1,"a":2}`, ""},
		`{}`:            {`{}`, ""},
	} {
		d, removed, err := mustParse(t, before).WithoutAccount()
		if err != nil || string(d.Bytes()) != want.after || strings.Join(removed, " ") != want.removed {
			t.Errorf("WithoutAccount of %q = %s, %v, %v; want %q, %q", before, d.Bytes(), removed, err, want.after, want.removed)
		}
	}
	var twice *DuplicateKeyError
	if _, _, err := mustParse(t, `{"claudeAiOauth":1,"claudeAiOauth":2}`).WithoutAccount(); !errors.As(err, &twice) {
		t.Errorf("twice the login: %v, want a *DuplicateKeyError", err)
	}
}

func TestWithoutAll(t *testing.T) {
	d, removed, err := mustParse(t, " {\n\"a\":1,\"b\":{\"c\":2}\n} \n").WithoutAll()
	if err != nil || string(d.Bytes()) != " {} \n" || strings.Join(removed, " ") != "a b" {
		t.Errorf("WithoutAll = %q, %v, %v", d.Bytes(), removed, err)
	}
}
