package standin

import "testing"

// TestStringify compares with what JSON.stringify(JSON.parse(text)) gives in node 20.
func TestStringify(t *testing.T) {
	for text, want := range map[string]string{
		`{"a":[1,2.50,1e3],"b":{"c":null}}`:                   `{"a":[1,2.5,1000],"b":{"c":null}}`,
		"{ \"a\" : true ,\n\"b\":\"x\\u0041\" }":              `{"a":true,"b":"xA"}`,
		`{"a":1,"b":2,"a":3}`:                                 `{"a":3,"b":2}`,
		`{"n":[1e21,1e-7,0.1,-0,1E400,12345678901234567890]}`: `{"n":[1e+21,1e-7,0.1,0,null,12345678901234567000]}`,
		"{\"s\":\"<&>\\u2028\u2028/\\/\"}":                    "{\"s\":\"<&>\u2028\u2028//\"}",
		`{"s":"\u0001\b\f\n"}`:                                `{"s":"\u0001\b\f\n"}`,
	} {
		o, err := parse([]byte(text))
		if err != nil {
			t.Errorf("parse %s: %v", text, err)
			continue
		}
		if got := string(stringify(o)); got != want {
			t.Errorf("stringify %s = %s, want %s", text, got, want)
		}
	}
	for _, text := range []string{``, `[]`, `{`, `{} x`, `{"a":}`, `null`, `{'a':1}`} {
		if _, err := parse([]byte(text)); err == nil {
			t.Errorf("parse %s: no error", text)
		}
	}
}
