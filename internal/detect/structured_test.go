package detect

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/claude-auth/claude-auth/internal/test/seeds"
)

func clientOutput(t testing.TB, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", "client", name))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func read(rules *Rules, text []byte, size int) RunResult {
	r := NewOutputParser(rules)
	for rest := text; len(rest) > 0; rest = rest[min(size, len(rest)):] {
		r.Write(rest[:min(size, len(rest))])
	}
	return r.Result()
}

// sessionID is how the client names a session: a UUID.
var sessionID = regexp.MustCompile(`^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$`)

// What the real clients put out with no login (2.1.165) and with an emptied one (2.1.330), in the three forms.
func TestOutputParserOnTheRealClients(t *testing.T) {
	rules := Builtin()
	for version, want := range map[string]RunResult{
		"165": {Class: NoLogin, Rule: "not-logged-in", Text: "Not logged in · Please run /login"},
		"330": {
			Class: Rejected, Rule: "session-expired-print",
			Text: "Failed to authenticate: OAuth session expired and could not be refreshed",
		},
	} {
		want.Ended, want.Failed = true, true
		for _, form := range []string{"json", "verbose", "stream"} {
			text := clientOutput(t, version+"-"+form+".json")
			for size := 1; size < 300; size += 7 {
				got := read(rules, text, size)
				if form != "json" && got.Error != "authentication_failed" {
					t.Fatalf("%s %s: %+v", version, form, got)
				}
				if !sessionID.MatchString(got.SessionID) {
					t.Fatalf("%s %s: session %q", version, form, got.SessionID)
				}
				got.SessionID, got.Error = "", ""
				if got != want {
					t.Fatalf("%s %s in reads of %d: %+v, want %+v", version, form, size, got, want)
				}
			}
		}
	}
}

const sid = `"session_id":"39af802a-440f-46eb-bdf7-7f0b5cf8b7d4"`

const retry = `{"type":"system","subtype":"api_retry","error_status":401,"error":"authentication_failed"}` + "\n"

func result(isError bool, status, text string) string {
	const form = `{"type":"result","subtype":"success","is_error":%v,"api_error_status":%s,"result":%s,%s}`
	return fmt.Sprintf(form, isError, status, text, sid)
}

func TestOutputParser(t *testing.T) {
	for _, tc := range []struct {
		name, text string
		want       RunResult
	}{
		{"answer", result(false, "null", `"pong"`), RunResult{Ended: true, Text: "pong"}},
		{
			"refused", result(true, "401", `"`+failed401+`"`),
			RunResult{Ended: true, Failed: true, Class: Rejected, Rule: "401-print", Status: 401, Text: failed401},
		},
		{
			"unknown words", result(true, "401", `"Neue Worte"`),
			RunResult{Ended: true, Failed: true, Class: Rejected, Status: 401, Text: "Neue Worte"},
		},
		{
			"outage", result(true, "529", `"busy"`),
			RunResult{Ended: true, Failed: true, Class: Outage, Status: 529, Text: "busy"},
		},
		{
			"other error", result(true, "400", `"Prompt is too long"`),
			RunResult{Ended: true, Failed: true, Status: 400, Text: "Prompt is too long"},
		},
		{"escapes", result(false, "null", `"a\"}\\\n\u00e9\ud83d\ude00{"`), RunResult{Ended: true, Text: "a\"}\\\né😀{"}},
		{"retry, then answer", retry + retry + result(false, "null", `"pong"`), RunResult{Ended: true, Text: "pong"}},
		{
			"quoted in an answer", result(false, "null", jsonText(t, result(true, "401", `"x"`))),
			RunResult{Ended: true, Text: result(true, "401", `"x"`)},
		},
		{
			"nested members",
			`{"type":"assistant","message":{"type":"result","is_error":true,"error":"authentication_failed"}}`,
			RunResult{},
		},
		{"not begun", "", RunResult{}},
		{"torn", `{"type":"result","is_error":true,"api_error_st`, RunResult{}},
		{
			"after noise", "Warning: {\"type\":\"result\"\n" + result(true, "401", `"`+failed401+`"`),
			RunResult{Ended: true, Failed: true, Class: Rejected, Rule: "401-print", Status: 401, Text: failed401},
		},
		{
			"after a torn line",
			`{"type":"result","is_error":true,"api_error_status":401,"result":"x` + "\n" +
				`{"type":"result","is_error":false,"result":"pong",` + sid + `}`,
			RunResult{Ended: true, Text: "pong"},
		},
		{
			"ill-typed", `{"type":1,"subtype":{},"result":[],"is_error":"true"}` + result(true, `"401"`, `7`),
			RunResult{Ended: true, Failed: true},
		},
	} {
		if tc.want.Ended {
			tc.want.SessionID = "39af802a-440f-46eb-bdf7-7f0b5cf8b7d4"
		}
		for _, size := range []int{1, 2, 3, 5, 1000} {
			if got := read(Builtin(), []byte(tc.text), size); got != tc.want {
				t.Errorf("%s in reads of %d: %+v, want %+v", tc.name, size, got, tc.want)
			}
		}
	}
}

// A subagent's failure is not the run's.
func TestOutputParserPassesOverSubagents(t *testing.T) {
	text := `{"type":"assistant","error":"authentication_failed","parent_tool_use_id":"toolu_1"}`
	if v := read(Builtin(), []byte(text), 9); v.Error != "" {
		t.Errorf("%+v", v)
	}
}

// A result of any length is cut, at a whole character.
func TestOutputParserIsBounded(t *testing.T) {
	text := `{"type":"result","is_error":false,"result":` + jsonText(t, strings.Repeat("é😀", 100000)) + `}`
	r := NewOutputParser(Builtin())
	r.Write([]byte(text))
	v := r.Result()
	if !v.Ended || len(v.Text) == 0 || len(v.Text) > maxField || !strings.HasPrefix(strings.Repeat("é😀", 100000), v.Text) {
		t.Errorf("kept %d bytes, ended %v", len(v.Text), v.Ended)
	}
	if cap(r.split.value) > 2*maxField {
		t.Errorf("the parser holds %d bytes", cap(r.split.value))
	}
}

func jsonText(t testing.TB, s string) string {
	t.Helper()
	b, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// The parser sees of every object what encoding/json sees.
func TestOutputParserAgainstEncodingJSON(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for range 3000 {
		status := []any{nil, 401, 500}[r.IntN(3)]
		obj := map[string]any{"type": "result", "is_error": r.IntN(2) == 0, "api_error_status": status}
		for range r.IntN(6) {
			obj[randomText(r)] = randomValue(r, 4)
		}
		obj["result"] = randomText(r)
		text, err := json.MarshalIndent(obj, "", strings.Repeat(" ", r.IntN(2)))
		if err != nil {
			t.Fatal(err)
		}
		if r.IntN(2) == 0 {
			text = []byte("[" + string(text) + "]")
		}
		got := read(Builtin(), text, 1+r.IntN(len(text)))
		if !got.Ended || got.Failed != obj["is_error"] || got.Text != obj["result"] {
			t.Fatalf("%s\n%+v", text, got)
		}
		if status, ok := obj["api_error_status"].(int); ok && got.Status != status || !ok && got.Status != 0 {
			t.Fatalf("%s\n%+v", text, got)
		}
	}
}

func randomText(r *rand.Rand) string {
	parts := []string{"a", "type ", "result:", "\"", "\\", "\n", "{", "}", "[", "]", ",", ":", "é", "😀", "\x00", "</"}
	var s strings.Builder
	for range r.IntN(8) {
		s.WriteString(parts[r.IntN(len(parts))])
	}
	return s.String() + "." // never a wanted key
}

func randomValue(r *rand.Rand, depth int) any {
	switch n := r.IntN(6); {
	case n == 0 && depth > 0:
		return []any{randomValue(r, depth-1), randomValue(r, depth-1)}
	case n == 1 && depth > 0:
		return map[string]any{"type": randomText(r), "is_error": randomValue(r, depth-1), "result": "inner"}
	case n == 2:
		return -1.5e7
	case n == 3:
		return nil
	case n == 4:
		return true
	}
	return randomText(r)
}

func holdJSON(text []byte, r *rand.Rand) (released []byte, h *JSONHoldback) {
	h = NewJSONHoldback(Builtin())
	for rest := text; len(rest) > 0; {
		n := 1 + r.IntN(len(rest))
		released = append(released, h.Write(rest[:n])...)
		rest = rest[n:]
	}
	return released, h
}

func TestJSONHoldback(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	read := func(name string) string { return string(clientOutput(t, name)) }
	long := `[{"type":"user","x":"` + strings.Repeat("x", maxHoldJSON) + `"}]`
	for _, tc := range []struct {
		name, text   string
		held, failed bool
	}{
		{"165", read("165-json.json"), true, true},
		{"165 verbose", read("165-verbose.json"), true, true},
		{"330", read("330-json.json"), true, true},
		{"330 verbose", read("330-verbose.json"), true, true},
		{"answer", `{"type":"result","is_error":false,"result":"pong"}` + "\n", false, false},
		{"answer, other order", `{"result":"pong","is_error":false,"type":"result"}`, false, false},
		{"verbose answer", `[{"type":"system"},{"type":"result","is_error":false,"result":"pong"}]`, false, false},
		{"outage", `{"type":"result","is_error":true,"result":"API Error: 500 x","api_error_status":500}`, false, false},
		{"not JSON", "Error: Session ID x is already in use.\n", false, false},
		{"more after it", read("165-json.json") + "and more", false, false},
		{"two", read("165-json.json") + read("165-json.json"), false, false},
		{"torn", read("165-json.json")[:700], true, false},
		{"no result", `[{"type":"system"}]`, false, false},
		{"empty", "", true, false},
		{"long", long, false, false},
	} {
		for range 20 {
			released, h := holdJSON([]byte(tc.text), r)
			if got := string(released) + string(h.Held()); got != tc.text {
				t.Fatalf("%s: %.200q became %.200q", tc.name, tc.text, got)
			}
			if h.Holding() != tc.held {
				t.Errorf("%s: held %v, want %v", tc.name, h.Holding(), tc.held)
			}
			if v, failed := h.Finish(); failed != tc.failed || failed && !v.Class.SignInHelps() {
				t.Errorf("%s: %+v, %v, want %v", tc.name, v, failed, tc.failed)
			}
		}
	}
}

// An answer that is not an error goes on before it is complete.
func TestJSONHoldbackLetsAnswersGo(t *testing.T) {
	h := NewJSONHoldback(Builtin())
	if out := h.Write([]byte(`{"type":"result","is_error":false,"result":"`)); len(out) == 0 {
		t.Error("held back")
	}
	if out := h.Write([]byte("pong")); string(out) != "pong" {
		t.Errorf("released %q", out)
	}
}

func FuzzOutputParser(f *testing.F) {
	for _, name := range []string{"165-json.json", "330-verbose.json", "330-stream.json"} {
		f.Add(clientOutput(f, name), uint64(1))
	}
	rules := Builtin()
	for i, text := range append(seeds.Documents(f), seeds.Recordings(f)...) {
		f.Add(text, uint64(i))
	}
	f.Fuzz(func(t *testing.T, text []byte, seed uint64) {
		r := rand.New(rand.NewPCG(seed, 0))
		released, h := holdJSON(text, r)
		if got := append(released, h.Held()...); !bytes.Equal(got, text) {
			t.Fatalf("%q became %q", text, got)
		}
		if got, want := h.Result(), read(rules, text, 1); got != want {
			t.Fatalf("%+v, byte by byte %+v", got, want)
		}
	})
}

// A conversation has a result for each message. The error of one message does not count for the next one, which was
// interrupted and has no message of the client's.
func TestTurns(t *testing.T) {
	const failed = `{"type":"assistant","message":{},"parent_tool_use_id":null,"error":"authentication_failed"}` + "\n"
	interrupted := `{"type":"result","subtype":"error_during_execution","is_error":true,` + sid + "}\n"
	const message = `"Failed to authenticate. API Error: 401 Invalid authentication credentials"`
	text := result(false, "null", `"Yes."`) + "\n" + retry + failed + result(true, "401", message) + "\n" +
		interrupted + result(false, "null", `"Yes."`) + "\n"
	for size := 1; size < len(text); size += 13 {
		var got []string
		parser := NewOutputParser(Builtin())
		parser.Turn = func(r RunResult) { got = append(got, fmt.Sprintf("%v %s %s", r.Failed, r.Class, r.Error)) }
		for rest := []byte(text); len(rest) > 0; rest = rest[min(size, len(rest)):] {
			parser.Write(rest[:min(size, len(rest))])
		}
		want := []string{"false  ", "true rejected authentication_failed", "true  ", "false  "}
		if !slices.Equal(got, want) {
			t.Fatalf("in reads of %d: %q, want %q", size, got, want)
		}
	}
}
