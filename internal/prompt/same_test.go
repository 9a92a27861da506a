package prompt_test

import (
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/claude-auth/claude-auth/internal/claude"
	"github.com/claude-auth/claude-auth/internal/credentials"
	"github.com/claude-auth/claude-auth/internal/diagnose"
	"github.com/claude-auth/claude-auth/internal/paths"
	"github.com/claude-auth/claude-auth/internal/prompt"
	"github.com/claude-auth/claude-auth/internal/test/seeds"
)

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// standing is what the ledger may say about a login.
type standing struct {
	rejected bool
	age      time.Duration // 0: not known
	oldest   time.Duration
}

var standings = []standing{{}, {rejected: true}, {age: time.Hour, oldest: 2 * time.Hour}, {age: 2 * time.Hour, oldest: 2 * time.Hour}, {age: 3 * time.Hour, oldest: 2 * time.Hour}}

// same compares the fast path with the whole program on one document. It returns whether the fast path was sure.
func same(t *testing.T, text string, now time.Time, h standing) bool {
	t.Helper()
	entry := prompt.SeenEntry{Rejected: h.rejected}
	if h.age > 0 {
		entry.Born = now.Add(-h.age).UnixMilli()
	}
	got, access, refresh, sure := prompt.ReportOf([]byte(text), entry, h.oldest.Milliseconds(), now)
	doc, err := credentials.Parse([]byte(text))
	if !sure {
		return false
	}
	if err != nil {
		t.Errorf("the fast path says %q of a document that is refused (%v): %q", got.State, err, text)
		return true
	}
	login, present := doc.Login()
	want := credentials.Evaluate(nil, now, credentials.History{})
	var expires, ends time.Time
	if present {
		want = credentials.Evaluate(&login, now, credentials.History{Rejected: h.rejected, OldestDeath: h.oldest, Age: h.age})
		expires, ends = login.ExpiresAt, login.EndsAt()
	}
	if got.State != string(want) || !got.ExpiresAt.Equal(expires) || !got.EndsAt.Equal(ends) ||
		access != login.AccessToken.Reveal() || refresh != login.RefreshToken.Reveal() {
		t.Errorf("the fast path says %+v, the whole program %s until %v and %v, of %q (%+v)", got, want, expires, ends, text, h)
	}
	if got.Usable() != want.Usable() {
		t.Errorf("usable: %v and %v", got.Usable(), want.Usable())
	}
	return true
}

// millis is a time of a document, relative to noon.
func millis(d time.Duration) string { return fmt.Sprint(noon.Add(d).UnixMilli()) }

func login(expires, ends string) string {
	text := `{"claudeAiOauth":{"accessToken":"sk-ant-oat01-FIXTURE","refreshToken":"sk-ant-ort01-FIXTURE","expiresAt":` + expires
	if ends != "" {
		text += `,"refreshTokenExpiresAt":` + ends
	}
	return text + `,"scopes":["user:inference"],"subscriptionType":"max"}}`
}

// TestSameAsTheWholeProgram lists documents, each of which the fast path has to answer, or has to leave.
func TestSameAsTheWholeProgram(t *testing.T) {
	day := 24 * time.Hour
	plain := login(millis(time.Hour), "")
	answered := map[string]string{
		"plain": plain, "in lines": strings.NewReplacer(`,"`, ",\n  \"", `":`, "\" :\t").Replace(plain), "final newline": "\n" + plain + "\r\n",
		"ends in a month": login(millis(time.Hour), millis(30*day)), "ends in three days": login(millis(time.Hour), millis(3*day)),
		"ends within three days": login(millis(time.Hour), millis(3*day-1)), "ended": login(millis(-time.Hour), millis(-time.Minute)),
		"ended, access token valid": login(millis(time.Hour), millis(-time.Minute)), "past": login(millis(-time.Hour), ""),
		"past this very moment": login(millis(0), ""), "expires at 0": login("0", ""), "no time": login("null", "null"),
		"emptied by 2.1.330": `{"claudeAiOauth":{"accessToken":"","refreshToken":"","expiresAt":0}}`,
		"emptied by 2.1.165": `{"claudeAiOauth":{"accessToken":"sk-ant-oat01-FIXTURE","refreshToken":"","expiresAt":` + millis(time.Hour) + `}}`,
		"no refresh token":   `{"claudeAiOauth":{"accessToken":"a","expiresAt":` + millis(day) + `}}`, "null tokens": `{"claudeAiOauth":{"accessToken":null,"refreshToken":null}}`,
		"setup token, past": `{"claudeAiOauth":{"accessToken":"a","refreshToken":null,"expiresAt":` + millis(-day) + `}}`,
		"empty login":       `{"claudeAiOauth":{}}`, "null login": `{"claudeAiOauth":null}`, "no login": `{}`, "others only": `{"mcpOAuth":{}}`,
		"decoys":              `{"mcpOAuth":{"claudeAiOauth":{"accessToken":"no","expiresAt":1},"x":[{"claudeAiOauth":{"accessToken":""}}]},"claudeAiOauthX":1,"claudeAiOauth":{"accessTokens":"no","x":{"accessToken":"no","expiresAt":1},"accessToken":"yes","refreshToken":"r","expiresAt":` + millis(day) + `}}`,
		"twice elsewhere":     `{"a":1,"a":2,"claudeAiOauth":{"scopes":1,"scopes":2,"accessToken":"a","refreshToken":"b"}}`,
		"escapes in a value":  `{"a":"\u0022claudeAiOauth\":{","b":"\ud800\\\/","claudeAiOauth":{"accessToken":"a","refreshToken":"b"}}`,
		"numbers":             `{"n":[0,-0,-1.5,1e5,1E+5,1.25e-5,123456789012345678901234567890],"claudeAiOauth":{"accessToken":"a","refreshToken":"b"}}`,
		"not UTF-8 elsewhere": "{\"k\xff\":\"\xff\",\"claudeAiOauth\":{\"accessToken\":\"a\",\"refreshToken\":\"b\"}}", "deep": `{"d":` + strings.Repeat("[", 60) + strings.Repeat("]", 60) + `,"claudeAiOauth":null}`,
	}
	for name, text := range answered {
		for _, h := range standings {
			if !same(t, text, noon, h) {
				t.Errorf("%s: not answered", name)
			}
		}
	}
	left := map[string]string{
		"login twice": `{"claudeAiOauth":{"accessToken":"a"},"claudeAiOauth":{"accessToken":"b"}}`, "token twice": `{"claudeAiOauth":{"accessToken":"a","accessToken":"b"}}`,
		"escaped key": `{"claude\u0041iOauth":{}}`, "escaped member": `{"claudeAiOauth":{"\u0061ccessToken":"a"}}`, "escaped token": `{"claudeAiOauth":{"accessToken":"a\u0062"}}`,
		"escaped twin":     `{"claudeAiOauth":{"accessToken":"a"},"claude\u0041iOauth":{"accessToken":""}}`,
		"time as a string": login(`"1"`, ""), "time with a fraction": login("1.5", ""), "time with an exponent": login("1e12", ""), "negative time": login("-1", ""), "enormous time": login("9000000000001", ""), "leading zero": login("01", ""),
		"token as a number": `{"claudeAiOauth":{"accessToken":1}}`, "token not ASCII": `{"claudeAiOauth":{"accessToken":"ä"}}`, "login as a string": `{"claudeAiOauth":"a"}`, "login as an array": `{"claudeAiOauth":[]}`,
		"torn": `{"claudeAiOauth":`, "empty": "", "blank": " \n", "byte order mark": "\ufeff{}", "array": "[]", "trailing comma": `{"a":1,}`, "comment": "{/**/}", "two values": "{}{}", "control character": "{\"a\":\"\n\"}",
		"no colon": `{"a" 1}`, "wrong bracket": `{"a":[}`, "bare key": `{a:1}`, "bad literal": `{"a":nul}`, "bad escape": `{"a":"\x"}`, "too deep": `{"d":` + strings.Repeat("[", 80) + strings.Repeat("]", 80) + `}`,
		"number with nothing after the point": `{"a":1.}`, "half an escape": `{"a":"\u12"}`, "open string": `{"a":"`,
	}
	for name, text := range left {
		for _, h := range standings {
			if same(t, text, noon, h) {
				t.Errorf("%s: answered", name)
			}
		}
	}
}

// TestSameOnGeneratedDocuments compares on documents that are put together at random from likely and unlikely pieces, and on
// damaged ones.
func TestSameOnGeneratedDocuments(t *testing.T) {
	keys := []string{`"claudeAiOauth"`, `"accessToken"`, `"refreshToken"`, `"expiresAt"`, `"refreshTokenExpiresAt"`, `"mcpOAuth"`, `"\u0061ccessToken"`, `""`, `"ä"`}
	values := []string{`"sk-ant-oat01-FIXTURE"`, `""`, `null`, `0`, `true`, `"a\n"`, `[]`, `{}`, `-1`, `1.5`, millis(time.Hour), millis(-time.Hour), millis(48 * time.Hour), millis(400 * time.Hour)}
	spaces := []string{"", "", "", " ", "\n\t"}
	answered := 0
	for seed := range uint64(30_000) {
		r := rand.New(rand.NewPCG(seed, 3))
		pick := func(from []string) string { return from[r.IntN(len(from))] }
		var value func(depth int) string
		object := func(depth int, names []string) string {
			var members []string
			for range r.IntN(6) {
				members = append(members, pick(spaces)+pick(names)+pick(spaces)+":"+pick(spaces)+value(depth-1)+pick(spaces))
			}
			return "{" + strings.Join(members, ",") + "}"
		}
		value = func(depth int) string {
			switch {
			case depth > 0 && r.IntN(3) == 0:
				return object(depth, keys)
			case depth > 0 && r.IntN(8) == 0:
				return "[" + value(depth-1) + "," + value(depth-1) + "]"
			}
			return pick(values)
		}
		text := object(3, keys)
		if r.IntN(2) == 0 { // mostly right
			text = fmt.Sprintf(`{"mcpOAuth":%s,"claudeAiOauth":{"accessToken":%s,"refreshToken":%s,"expiresAt":%s,"refreshTokenExpiresAt":%s},"z":%s}`,
				value(2), pick(values[:3]), pick(values[:3]), pick(values[10:]), pick(values[10:]), value(2))
		}
		if r.IntN(4) == 0 { // damaged
			at := r.IntN(len(text))
			text = text[:at] + string(rune(r.IntN(128))) + text[at+r.IntN(2):]
		}
		if same(t, text, noon, standings[r.IntN(len(standings))]) {
			answered++
		}
	}
	if answered < 5000 {
		t.Errorf("only %d documents were answered", answered)
	}
}

func FuzzSame(f *testing.F) {
	for _, text := range []string{"{}", login("1", "2"), `{"claudeAiOauth":{"accessToken":"a","refreshToken":""}}`, `{"a":[1e5,{"b":null}]}`} {
		f.Add(text, int64(0), false)
	}
	for i, document := range seeds.Documents(f) {
		f.Add(string(document), noon.UnixMilli(), i%2 == 0)
	}
	f.Fuzz(func(t *testing.T, text string, at int64, rejected bool) {
		same(t, text, time.UnixMilli(at%9_000_000_000_000), standing{rejected: rejected})
	})
}

// TestSamePlaces compares the places with those of package paths.
func TestSamePlaces(t *testing.T) {
	answered := 0
	choices := [][]string{
		{"", "HOME=/home/u", "HOME=/home//u/", "HOME=rel", "HOME="},
		{"", "CLAUDE_CONFIG_DIR=/c", "CLAUDE_CONFIG_DIR=", "CLAUDE_CONFIG_DIR=rel", "CLAUDE_CONFIG_DIR=/c/../d/"},
		{"", "CLAUDE_SECURESTORAGE_CONFIG_DIR=/s", "CLAUDE_SECURESTORAGE_CONFIG_DIR=", "CLAUDE_SECURESTORAGE_CONFIG_DIR=rel"},
		{"", "CLAUDE_AUTH_FILE=/f//x.json", "CLAUDE_AUTH_FILE=rel", "CLAUDE_AUTH_FILE="},
		{"", "XDG_STATE_HOME=/x", "XDG_STATE_HOME=rel", "XDG_STATE_HOME="},
		{"", "/flag/../f.json", "rel.json"},
	}
	var walk func(i int, pairs []string)
	walk = func(i int, pairs []string) {
		if i < len(choices)-1 {
			for _, pair := range choices[i] {
				if pair == "" {
					walk(i+1, pairs)
				} else {
					walk(i+1, append(pairs[:len(pairs):len(pairs)], pair))
				}
			}
			return
		}
		env := paths.New(pairs)
		for _, flag := range choices[i] {
			file, config, seen, ledger, state, ok := prompt.Locate(env.Lookup, flag)
			if !ok {
				continue
			}
			answered++
			want, err := paths.Resolve(env, flag)
			if err != nil || file != want.Credentials || config != want.ConfigDir || ledger != want.Ledger() || state != want.PromptState() ||
				seen != filepath.Join(want.StateDir, "seen") {
				t.Errorf("%q --file %q: %s %s %s %s, want %+v (%v)", pairs, flag, file, config, ledger, state, want, err)
			}
		}
	}
	walk(0, nil)
	if answered < 100 {
		t.Errorf("only %d environments were answered", answered)
	}
}

func TestSameSettings(t *testing.T) {
	for _, env := range []paths.Env{paths.New([]string{"HOME=/h"}), paths.New([]string{"HOME=/h", "CLAUDE_CONFIG_DIR=/c"})} {
		p, err := paths.Resolve(env, "")
		if err != nil {
			t.Fatal(err)
		}
		// Beside the settings the client takes the env block of the file that names the account, and what the administrator puts
		// into a directory (package diagnose).
		want := append(p.SettingsFiles(""), p.GlobalConfig, strings.TrimSuffix(claude.ManagedSettings(), "json")+"d")
		got := prompt.Settings(env.Lookup)
		slices.Sort(want)
		slices.Sort(got)
		if !slices.Equal(got, want) {
			t.Errorf("looks at %q, not %q", got, want)
		}
	}
}

// TestSameWinners holds that whatever the whole program calls a shadow in the environment is left to it.
func TestSameWinners(t *testing.T) {
	p := paths.Paths{ConfigDir: t.TempDir()}
	for _, name := range prompt.Winners {
		if diagnose.FindShadow(paths.New([]string{name + "=1"}), p, t.TempDir()) == nil {
			t.Errorf("%s wins over nothing", name)
		}
	}
	for _, name := range []string{ // client-facts, section 6; and package diagnose
		"CLAUDE_CODE_USE_BEDROCK", "CLAUDE_CODE_USE_VERTEX", "CLAUDE_CODE_USE_FOUNDRY", "ANTHROPIC_AUTH_TOKEN", "ANTHROPIC_API_KEY", "CLAUDE_CODE_OAUTH_TOKEN",
		"CLAUDE_CODE_USE_ANTHROPIC_AWS", "CLAUDE_CODE_USE_MANTLE", "CLAUDE_CODE_API_KEY_FILE_DESCRIPTOR", "CLAUDE_CODE_OAUTH_TOKEN_FILE_DESCRIPTOR",
	} {
		if !slices.Contains(prompt.Winners[:], name) {
			t.Errorf("%s is not looked for", name)
		}
	}
}

// TestStates holds that the words of the two packages are the same, by way of a document for each state.
func TestStates(t *testing.T) {
	met := map[string]bool{}
	for _, c := range []struct {
		text string
		h    standing
	}{
		{`{}`, standing{}}, {`{"claudeAiOauth":{}}`, standing{}}, {login(millis(time.Hour), ""), standing{}}, {login(millis(-time.Hour), ""), standing{}},
		{login("1", millis(time.Hour)), standing{}}, {login("1", ""), standing{rejected: true}}, {login("1", "2"), standing{}},
	} {
		r, _, _, _ := prompt.ReportOf([]byte(c.text), prompt.SeenEntry{Rejected: c.h.rejected}, 0, noon)
		met[r.State] = true
		same(t, c.text, noon, c.h)
	}
	for _, state := range credentials.States() {
		if state != credentials.Corrupt && state != credentials.Unreadable && !met[string(state)] {
			t.Errorf("no document is %s", state)
		}
	}
}
