package credentials

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/claude-auth/claude-auth/internal/secret"
)

// odd is a document with tokens in odd places: every one of them has FIXTURE in it, and nothing else has.
const odd = `{
  "claudeAiOauth": {"accessToken": "sk-ant-oat01-FIXTURE1", "refreshToken": "short-FIXTURE2",
    "expiresAt": 1772366400000, "scopes": ["user:inference"],
    "subscriptionType": "max", "refreshTokenExpiresAt": 1775044800000},
  "mcpOAuth": {
    "server|638130d5ab3558f4": {"serverUrl": "https://mcp.example.com/sse", "accessToken": "FIXTURE3",
      "clientId": "9c5e7a04-6d9a-4d8e-8f7e-2f64d2b6a111",
      "discoveryState": {"authorizationServerUrl": "https://auth.example.com",
        "x": ["a", {"client_secret": "FIXTURE4"}]}},
    "\u0061ccess": {"\u0061ccessToken": "FIXTURE5"}
  },
  "pluginSecrets": {"plugin": {"harmless": "FIXTURE6", "list": ["FIXTURE7", 1234567890]}},
  "future": {"note": "it is short-FIXTURE2 of course", "url": "https://x.example/?access_token=FIXTURE8&b=1",
    "urlTwo": "https://u:ghp_FIXTURE9FIXTURE9@x.example/",
    "path": "/FIXTURE0abcdefghijklmnopqrstuvwxyz0123456789", "escaped": "\u0073k-ant-oat01-FIXTUREa",
    "json": "{\"k\":\"eyJFIXTURE.eyJFIXTURE.FIXTURE\"}"},
  "sk-ant-ort01-FIXTUREb": 1,
  "FIXTUREcabcdefghijklmnopqrstuvwxyz01234567": {"FIXTUREcabcdefghijklmnopqrstuvwxyz76543210": true},
  "bearer": "Bearer FIXTUREdFIXTUREd", "password": 12345678, "empty": {"token": ""}, "apiKey": null
}
`

func TestRedacted(t *testing.T) {
	raw, hidden, ok, err := mustParse(t, odd).Redacted("")
	if err != nil || !ok || !hidden {
		t.Fatalf("Redacted = %v, %v, %v", hidden, ok, err)
	}
	text := string(raw)
	if strings.Contains(text, "FIXTURE") || strings.Contains(text, "12345678") {
		t.Errorf("a secret is shown:\n%s", text)
	}
	for _, plain := range []string{
		`"expiresAt": 1772366400000`, `"scopes": ["user:inference"]`, `"subscriptionType": "max"`,
		`"refreshTokenExpiresAt": 1775044800000`, `"server|638130d5ab3558f4"`,
		`"serverUrl": "https://mcp.example.com/sse"`, `"clientId": "9c5e7a04-6d9a-4d8e-8f7e-2f64d2b6a111"`,
		`"authorizationServerUrl": "https://auth.example.com"`,
		`"token": ""`, `"apiKey": null`, "\n  \"mcpOAuth\": {\n", `"accessToken": "[redacted]"`, `"[redacted]": 1`,
		`"[redacted] (2)": {"[redacted] (3)": true}`,
	} {
		if !strings.Contains(text, plain) {
			t.Errorf("%s is missing:\n%s", plain, text)
		}
	}
	mustParse(t, text)
}

// TestRedactedRepeats: a secret of a few characters is hidden where all of a value is the same, and nowhere else.
func TestRedactedRepeats(t *testing.T) {
	raw, _, _, err := mustParse(t,
		`{"token":"max1","a":"max1","b":"max10","pin":4711,"password":4711,"c":"x","secret":"x",`+
			`"n":1234567890123456789012345678901234567890e5}`).Redacted("")
	want := `{"token":"[redacted]","a":"[redacted]","b":"max10","pin":"[redacted]","password":"[redacted]","c":"x",` +
		`"secret":"[redacted]","n":1234567890123456789012345678901234567890e5}`
	if err != nil || string(raw) != want {
		t.Errorf("Redacted = %s, %v; want %s", raw, err, want)
	}
}

func TestRows(t *testing.T) {
	rows := mustParse(t, odd).Rows()
	if out := fmt.Sprint(labels(rows)); strings.Contains(out, "FIXTURE") || strings.Contains(out, "12345678") {
		t.Errorf("a secret is shown: %s", out)
	}
	rows = mustParse(t, `{"a":{"b":[1.50,{}],"token":"FIXTURE"},"c":[]}`).Rows()
	want := []string{"0 object=", "1 a object=", "2 b array=", "3 number=1.50", "3 object= last",
		`2 token string="[redacted]" last`, "1 c array= last"}
	if got := labels(rows); !slices.Equal(got[1:], want[1:]) || len(rows) != 7 {
		t.Errorf("Rows = %q, want %q", got, want)
	}
	if rows[0].Count != 2 || rows[2].Count != 2 || rows[6].Count != 0 || !rows[3].InArray || rows[4].Index != 1 ||
		!rows[5].Redacted || rows[3].Redacted {
		t.Errorf("Rows = %+v", rows)
	}
}

// labels is what of the rows is for showing.
func labels(rows []Row) []string {
	var list []string
	for _, r := range rows {
		parts := []string{fmt.Sprint(r.Depth)}
		if r.Label != "" {
			parts = append(parts, r.Label)
		}
		parts = append(parts, r.Kind.String()+"="+r.Text)
		if r.Last {
			parts = append(parts, "last")
		}
		list = append(list, strings.Join(parts, " "))
	}
	return list
}

func TestRedactedPaths(t *testing.T) {
	d := mustParse(t, odd)
	for path, hides := range map[string]bool{
		"claudeAiOauth.accessToken": true, "claudeAiOauth.expiresAt": false, "claudeAiOauth": true,
		"pluginSecrets.plugin.harmless": true,
		"pluginSecrets.plugin.list.1":   true, "future.note": true, "claudeAiOauth.@values": true,
		"mcpOAuth.*.accessToken": true, "mcpOAuth.@tostr": true,
		"{claudeAiOauth.refreshToken,future.note}": true, "claudeAiOauth.@keys": false, "claudeAiOauth.scopes.#": false,
		"pluginSecrets.@flatten": true,
		"password":               true, "[password]": true, "pluginSecrets.plugin.@values": true,
		"empty.token": false, "apiKey": false,
	} {
		raw, hidden, ok, err := d.Redacted(path)
		if err != nil || !ok || hidden != hides || strings.Contains(string(raw), "FIXTURE") ||
			strings.Contains(string(raw), "12345678") {
			t.Errorf("Redacted(%q) = %s, %v, %v, %v; want hidden %v", path, raw, hidden, ok, err, hides)
		}
	}
	for path, want := range map[string]bool{"claudeAiOauth.accessToken": true, "a.token.0": true,
		"claudeAiOauth.expiresAt": false, "mcpOAuth.k.serverUrl": false} {
		if got := SecretPath(path); got != want {
			t.Errorf("SecretPath(%q) = %v", path, got)
		}
	}
}

// TestNothingActsOnATerminal: JSON allows some of what terminals act upon to stand unescaped in a string.
func TestNothingActsOnATerminal(t *testing.T) {
	d := mustParse(t, "{\r\"a\":\"\u009b31m\x7f\u202e\u2028\xff\U000E0001ok\",\"k\u009d0;x\":1,"+
		"\"\\u001b[2J\":\"\\u001b]0;t\\u0007\"\r\n}")
	raw, _, _, err := d.Redacted("")
	if err != nil {
		t.Fatal(err)
	}
	texts := []string{string(raw)}
	for _, row := range d.Rows() {
		texts = append(texts, row.Label, row.Text)
	}
	for _, text := range texts {
		for _, r := range text {
			if r != '\n' && (r < ' ' || r == 0x7F || 0x80 <= r && r < 0xA0 || r == 0x202E || r == 0x2028 || r == 0xE0001 ||
				r == 0xFFFD) {
				t.Errorf("%U stands raw in %q", r, text)
			}
		}
	}
	var back string
	if v, ok, err := mustParse(t, string(raw)).Get("a"); err == nil && ok {
		back = decodeString(v)
	}
	if back != "\u009b31m\x7f\u202e\u2028\ufffd\U000E0001ok" {
		t.Errorf("the value has become %q", back)
	}
}

func TestRedactedDeep(t *testing.T) {
	const depth = 100_000
	text := `{"a":` + strings.Repeat(`[{"b":`, depth) + `"sk-ant-oat01-FIXTURE"` + strings.Repeat("}]", depth) + "}"
	raw, hidden, _, err := mustParse(t, text).Redacted("")
	if want := strings.Replace(text, "sk-ant-oat01-FIXTURE", secret.Redacted, 1); err != nil || !hidden ||
		string(raw) != want {
		t.Errorf("Redacted of %d levels: hidden %v, %v", depth, hidden, err)
	}
}

func TestComplete(t *testing.T) {
	d := mustParse(t, `{"claudeAiOauth":{"accessToken":"FIXTURE","expiresAt":1},"a.b":{"x y":[1,{"z":2}]},"":{"q":1},`+
		`":0":1,"sk-ant-oat01-FIXTURE":1,"\u001b":1,"claudeAiOauth":{}}`)
	for prefix, want := range map[string]string{
		"":               `claudeAiOauth a\.b : \:0`,
		"cl":             "claudeAiOauth",
		`a\`:             `a\.b`,
		"a.":             "",
		`a\.b.`:          `a\.b.x y`,
		`a\.b.x y.`:      `a\.b.x y.0 a\.b.x y.1`,
		`a\.b.x y.1.`:    `a\.b.x y.1.z`,
		".":              ".q",
		"claudeAiOauth.": "", // twice there: which one is meant cannot be said
		"zzz":            "",
		"a.*.":           "",
	} {
		var got []string
		for _, c := range d.Complete(prefix) {
			got = append(got, c.Path)
		}
		if strings.Join(got, " ") != want {
			t.Errorf("Complete(%q) = %q, want %q", prefix, got, want)
		}
	}
	list := mustParse(t, `{"claudeAiOauth":{"accessToken":"FIXTURE","expiresAt":1}}`).Complete("claudeAiOauth.")
	if len(list) != 2 || list[0] != (Completion{"claudeAiOauth.accessToken", String}) || list[1].Kind != Number {
		t.Errorf("Complete = %v", list)
	}
}
