package guard

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/claude-auth/claude-auth/internal/credentials"
	"github.com/claude-auth/claude-auth/internal/ledger"
	"github.com/claude-auth/claude-auth/internal/paths"
)

var now = time.Date(2026, 11, 26, 12, 0, 0, 0, time.UTC)

// document is a credentials file with these members of the login, beside the tokens.
func document(members string) string {
	return `{"claudeAiOauth":{"accessToken":"sk-ant-oat01-FIXTURE-a","refreshToken":"sk-ant-ort01-FIXTURE-r"` + members +
		`},"mcpOAuth":{"s":{"n":1e2}}}`
}

func loginOf(t *testing.T, text string) *credentials.Login {
	t.Helper()
	doc, err := credentials.Parse([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	login, ok := doc.Login()
	if !ok {
		return nil
	}
	return &login
}

func at(d time.Duration) string { return fmt.Sprintf(`,"expiresAt":%d`, now.Add(d).UnixMilli()) }

const scopes = `,"scopes":["user:inference"]`

func TestDue(t *testing.T) {
	for name, test := range map[string]struct {
		text string
		due  bool
	}{
		"11 minutes left":          {document(at(11*time.Minute) + scopes), false},
		"10 minutes left":          {document(at(10*time.Minute) + scopes), true},
		"past":                     {document(at(-time.Hour) + scopes), true},
		"no end":                   {document(scopes), false},
		"no scopes":                {document(at(0)), false},
		"other scopes":             {document(at(0) + `,"scopes":["user:profile"]`), false},
		"no refresh token":         {strings.Replace(document(at(0)+scopes), "sk-ant-ort01-FIXTURE-r", "", 1), false},
		"emptied":                  {strings.Replace(document(at(0)+scopes), "sk-ant-oat01-FIXTURE-a", "", 1), false},
		"the login itself is over": {document(at(0) + scopes + `,"refreshTokenExpiresAt":1`), false},
		"the access token twice":   {document(at(0) + scopes + `,"accessToken":"x"`), false},
		"no login":                 {`{}`, false},
	} {
		if due := Due(loginOf(t, test.text), now, DueWithin); due != test.due {
			t.Errorf("%s: due: %v", name, due)
		}
	}
}

// newGuard is a guard of a file with that text.
func newGuard(t *testing.T, text string) (*Guard, string) {
	t.Helper()
	file := filepath.Join(t.TempDir(), ".credentials.json")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return &Guard{
		Paths: paths.Paths{Credentials: file, StorageDir: filepath.Dir(file)}, Store: credentials.NewFileStore(file),
		Now: func() time.Time { return now },
	}, file
}

func read(t *testing.T, file string) string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// The end that is moved into the past comes back byte for byte, in whatever form it was written.
func TestAdvanceAndUndo(t *testing.T) {
	for name, end := range map[string]string{
		"a number": at(time.Hour), "a fraction": `, "expiresAt" : 4.5e12 `, "a string": `,"expiresAt":"4500000000000"`,
		"null": `,"expiresAt":null`, "none": "",
	} {
		text := document(end + scopes)
		g, file := newGuard(t, text)
		made, err := g.advance(context.Background(), loginOf(t, text))
		if err != nil || made == nil {
			t.Fatalf("%s: advance: %v, %v", name, made, err)
		}
		moved := loginOf(t, read(t, file))
		if !moved.ExpiresAt.Before(now) || !strings.Contains(read(t, file), `"mcpOAuth":{"s":{"n":1e2}}`) {
			t.Errorf("%s: moved to %v in %s", name, moved.ExpiresAt, read(t, file))
		}
		if err := g.undo(context.Background(), made); err != nil {
			t.Errorf("%s: undo: %v", name, err)
		}
		if got := read(t, file); got != text {
			t.Errorf("%s: %s\nwas %s", name, got, text)
		}
	}
}

func TestAdvanceLeavesWhatTheClientRenewsAnyway(t *testing.T) {
	text := document(at(3*time.Minute) + scopes)
	g, file := newGuard(t, text)
	made, err := g.advance(context.Background(), loginOf(t, text))
	if made != nil || err != nil || read(t, file) != text {
		t.Errorf("%v, %v: %s", made, err, read(t, file))
	}
}

func TestUndoLeavesNewTokens(t *testing.T) {
	text := document(at(time.Hour) + scopes)
	g, file := newGuard(t, text)
	made, err := g.advance(context.Background(), loginOf(t, text))
	if err != nil {
		t.Fatal(err)
	}
	renewed := strings.Replace(read(t, file), "FIXTURE-a", "FIXTURE-b", 1)
	if err := os.WriteFile(file, []byte(renewed), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := g.undo(context.Background(), made); err != nil || read(t, file) != renewed {
		t.Errorf("%v: %s", err, read(t, file))
	}
}

func TestRequestGoesThroughArguments(t *testing.T) {
	for _, q := range []Request{{By: ByRun, Within: DueWithin, seen: "f00"}, {By: ByRenew, Always: true}} {
		if got, err := ParseRequest(q.arguments()); err != nil || got.By != q.By || got.Within != q.Within ||
			got.Always != q.Always || got.seen != q.seen {
			t.Errorf("%+v became %+v, %v", q, got, err)
		}
	}
	for _, args := range [][]string{
		nil, {"run", "1m", "true"}, {"run", "soon", "true", ""}, {"run", "1m", "maybe", ""},
		{"run", "1m", "true", "", "more"},
	} {
		if q, err := ParseRequest(args); err == nil {
			t.Errorf("%q is %+v", args, q)
		}
	}
}

func TestRequestIsMetByAnotherRenewal(t *testing.T) {
	living, over := loginOf(t, document(at(time.Hour)+scopes)), loginOf(t, document(at(-time.Hour)+scopes))
	q := Request{By: ByRenew, Always: true, seen: "old"}
	for name, test := range map[string]struct {
		q     Request
		login *credentials.Login
		id    string
		met   bool
	}{
		"other tokens":            {q, living, "new", true},
		"the same tokens":         {q, living, "old", false},
		"others that do not live": {q, over, "new", false},
		"none now":                {q, living, "", false},
		"none was seen":           {Request{By: ByRenew, Always: true}, living, "new", false},
	} {
		if met := test.q.met(test.login, ledger.LoginID{Access: test.id}, now); met != test.met {
			t.Errorf("%s: met: %v", name, met)
		}
	}
}
