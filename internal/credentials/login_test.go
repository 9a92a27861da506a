package credentials

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

const (
	access  = "sk-ant-oat01-FIXTURE-access"
	refresh = "sk-ant-ort01-FIXTURE-refresh"
)

// loginText is a document with a login of the client's shape.
func loginText(access, refresh string, expires time.Time, more string) string {
	return fmt.Sprintf(`{"claudeAiOauth":{"accessToken":%q,"refreshToken":%q,"expiresAt":%d,"scopes":["user:inference",`+
		`"user:profile"],"subscriptionType":"max","rateLimitTier":"t"%s},"mcpOAuth":{"s|1":{"accessToken":"FIXTURE-mcp"}}}`,
		access, refresh, expires.UnixMilli(), more)
}

func TestLogin(t *testing.T) {
	l, ok := mustParse(t, loginText(access, refresh, noon,
		`,"refreshTokenExpiresAt":1775044800000,"accountUuid":"u","organizationUuid":"o","clientId":"c"`)).Login()
	if !ok || l.AccessToken.Reveal() != access || l.RefreshToken.Reveal() != refresh || !l.ExpiresAt.Equal(noon) ||
		l.RefreshTokenExpiresAt.UnixMilli() != 1775044800000 {
		t.Errorf("Login() = %+v, %v", l, ok)
	}
	if !slices.Equal(l.Scopes, []string{"user:inference", "user:profile"}) ||
		l.SubscriptionType != "max" {
		t.Errorf("Login() = %+v", l)
	}
	if len(l.Problems) != 0 || l.Duplicate != nil || l.RefreshEmptied {
		t.Errorf("a good login has problems: %+v", l)
	}
	for _, text := range []string{`{}`, `{"claudeAiOauth":null}`, `{"claudeAiOauth":"x"}`, `{"a":{"claudeAiOauth":{}}}`} {
		if l, ok := mustParse(t, text).Login(); ok {
			t.Errorf("Login() of %s = %+v", text, l)
		}
	}
}

func TestLoginTolerates(t *testing.T) {
	const token, refreshes, ends = `"accessToken":"a",`, `"refreshToken":"r",`, `"expiresAt":1772366400000,`
	for members, problems := range map[string]string{
		token + refreshes + `"expiresAt":"1772366400000","scopes":[]`: "expiresAt is a string, not a number",
		token + refreshes + `"expiresAt":true,"scopes":[]`:            "expiresAt is a boolean, not a number",
		token + refreshes + ends + `"scopes":"a b"`:                   "scopes is a string, not an array",
		token + refreshes + ends + `"scopes":["a",1]`:                 "scopes has a number among its strings",
		`"accessToken":7,` + refreshes + ends + `"scopes":[]`:         "accessToken is a number, not a string",
		token + `"expiresAt":null,"scopes":[]`:                        "refreshToken is missing|expiresAt is missing",
		token + refreshes + ends + `"scopes":[],"clientId":1`:         "clientId is a number, not a string",
	} {
		l, ok := mustParse(t, `{"claudeAiOauth":{`+members+`}}`).Login()
		var got []string
		for _, p := range l.Problems {
			got = append(got, strings.TrimPrefix(p.String(), "claudeAiOauth."))
		}
		if !ok || strings.Join(got, "|") != problems {
			t.Errorf("Problems of %s = %q, want %q", members, got, problems)
		}
	}
	if l, _ := mustParse(t, `{"claudeAiOauth":{"expiresAt":"1772366400000"}}`).Login(); !l.ExpiresAt.Equal(noon) {
		t.Errorf("a time in a string = %v, want what JavaScript makes of it", l.ExpiresAt)
	}
	for _, text := range []string{`1e999`, `-1e999`, `99999999999999999999`, `"x"`, `""`} {
		l, _ := mustParse(t, `{"claudeAiOauth":{"expiresAt":`+text+`}}`).Login()
		if year := l.ExpiresAt.Year(); year < -280000 || year > 280000 {
			t.Errorf("expiresAt %s = %v", text, l.ExpiresAt)
		}
	}
}

func TestLoginDuplicates(t *testing.T) {
	for text, want := range map[string]string{
		`{"claudeAiOauth":{"accessToken":"a"},"claudeAiOauth":{"accessToken":"b"}}`:           "claudeAiOauth b",
		`{"claudeAiOauth":{"accessToken":"a","refreshToken":"r","accessToken":"b"}}`:          "accessToken b",
		`{"claudeAiOauth":{"accessToken":"a","other":1,"other":2},"mcpOAuth":1,"mcpOAuth":2}`: " a",
	} {
		l, ok := mustParse(t, text).Login()
		key := ""
		if l.Duplicate != nil {
			key = l.Duplicate.Key
		}
		if got := key + " " + l.AccessToken.Reveal(); !ok || got != want {
			t.Errorf("Login() of %s: %q, want %q", text, got, want)
		}
	}
	if _, ok := mustParse(t, `{"claudeAiOauth":{},"claudeAiOauth":null}`).Login(); !ok {
		t.Error("a login that stands twice is none, instead of one that cannot be understood")
	}
}

func TestEvaluate(t *testing.T) {
	const day = 24 * time.Hour
	end := func(d time.Duration) string {
		return fmt.Sprintf(`,"refreshTokenExpiresAt":%d`, noon.Add(d).UnixMilli())
	}
	for _, test := range []struct {
		name, text string
		history    History
		want       State
	}{
		{"good", loginText(access, refresh, noon.Add(time.Hour), end(20*day)), History{}, OK},
		{"good, of an old client", loginText(access, refresh, noon.Add(time.Hour), ""), History{}, OK},
		{"no expiry is never past", `{"claudeAiOauth":{"accessToken":"a","refreshToken":"r","scopes":["user:inference"]}}`,
			History{}, OK},
		{"past to the millisecond", loginText(access, refresh, noon, ""), History{}, Renewable},
		{"a millisecond left", loginText(access, refresh, noon.Add(time.Millisecond), ""), History{}, OK},
		{"past", loginText(access, refresh, noon.Add(-time.Hour), end(20*day)), History{}, Renewable},
		{"ends in two days", loginText(access, refresh, noon.Add(time.Hour), end(2*day)), History{}, Expiring},
		{"ends in three days", loginText(access, refresh, noon.Add(time.Hour), end(3*day)), History{}, OK},
		{"past and ends in two days", loginText(access, refresh, noon.Add(-time.Hour), end(2*day)), History{}, Expiring},
		{"ended, the last access token lives", loginText(access, refresh, noon.Add(time.Hour), end(-time.Hour)), History{},
			Expiring},
		{"ended", loginText(access, refresh, noon.Add(-time.Hour), end(-time.Hour)), History{}, Expired},
		{"older than one that died", loginText(access, refresh, noon.Add(time.Hour), ""),
			History{OldestDeath: 9 * day, Age: 10 * day}, Expiring},
		{"younger than that", loginText(access, refresh, noon.Add(time.Hour), ""),
			History{OldestDeath: 9 * day, Age: 8 * day}, OK},
		{"refused", loginText(access, refresh, noon.Add(time.Hour), ""), History{Rejected: true}, Rejected},
		{"refused and past", loginText(access, refresh, noon.Add(-time.Hour), ""), History{Rejected: true}, Rejected},
		{"emptied by 2.1.330", loginText("", "", time.UnixMilli(0), ""), History{}, Blank},
		{"emptied and refused", loginText("", "", time.UnixMilli(0), ""), History{Rejected: true}, Blank},
		{"emptied by 2.1.165", loginText(access, "", noon.Add(-time.Hour), ""), History{}, Expired},
		{"emptied by 2.1.165 and refused", loginText(access, "", noon.Add(-time.Hour), ""), History{Rejected: true},
			Rejected},
		{"an empty object", `{"claudeAiOauth":{}}`, History{}, Blank},
		{"no refresh token, past", `{"claudeAiOauth":{"accessToken":"a","refreshToken":null,"expiresAt":1,` +
			`"scopes":["user:inference"]}}`, History{}, Expired},
		{"no refresh token, a year left", loginText(access, "", noon.Add(365*day), ""), History{}, OK},
		{"no refresh token, a day left", loginText(access, "", noon.Add(day), ""), History{}, Expiring},
		{"no scopes", `{"claudeAiOauth":{"accessToken":"a","refreshToken":"r"}}`, History{}, Limited},
		{"an empty list of scopes", `{"claudeAiOauth":{"accessToken":"a","scopes":[]}}`, History{}, Limited},
		{"other scopes, and refused", `{"claudeAiOauth":{"accessToken":"a","scopes":["user:profile"]}}`,
			History{Rejected: true}, Limited},
		{"scopes as text", `{"claudeAiOauth":{"accessToken":"a","scopes":"user:profile user:inference"}}`, History{}, OK},
		{"none", `{}`, History{}, Absent},
		{"null", `{"claudeAiOauth":null}`, History{}, Absent},
		{"twice", `{"claudeAiOauth":{"accessToken":"a"},"claudeAiOauth":{"accessToken":"b"}}`, History{}, Corrupt},
	} {
		s := Snapshot{Exists: true, Doc: mustParse(t, test.text)}
		got := s.State(noon, test.history)
		if got != test.want {
			t.Errorf("%s: %s, want %s", test.name, got, test.want)
		}
		if sentence := got.Sentence(s.Login(), noon); sentence == "" || strings.HasSuffix(sentence, ".") ||
			strings.Contains(sentence, "FIXTURE") {
			t.Errorf("%s: sentence %q", test.name, sentence)
		}
	}
}

func TestUsable(t *testing.T) {
	var usable []State
	for _, s := range States() {
		if s.Usable() {
			usable = append(usable, s)
		}
	}
	if !slices.Equal(usable, []State{OK, Renewable, Expiring, Console}) || len(States()) != 11 {
		t.Errorf("usable are %v of %v", usable, States())
	}
}
