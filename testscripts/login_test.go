package testscripts

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/claude-auth/claude-auth/internal/standin/service"
	"github.com/claude-auth/claude-auth/internal/test/harness"
)

// service NAME=VALUE…: sets what the pretend service answers next (package internal/standin/service, Settings). The
// words `revoke` (every token so far is worthless) and `key=TEXT` (an API key that is good) do what they say.
func setService(ts *testscript.TestScript, neg bool, args []string) {
	usage(ts, len(args) > 0 && !neg, "service NAME=VALUE… | revoke | key=TEXT")
	s := worldOf(ts).service
	for _, arg := range args {
		name, value, _ := strings.Cut(arg, "=")
		switch name {
		case "revoke":
			ts.Check(s.Revoke())
		case "key":
			ts.Check(s.AcceptKey(value))
		case "answer-file":
			ts.Check(s.Set(name, ts.MkAbs(value)))
		default:
			ts.Check(s.Set(name, value))
		}
	}
}

// requests KIND N: so many requests of that kind have come (authorize, authorization_code, refresh_token, messages, or
// the method and path of another). With a status after the kind, as messages:200, those that got that answer count.
func requests(ts *testscript.TestScript, neg bool, args []string) {
	usage(ts, len(args) == 2, "requests KIND[:STATUS] N")
	want, err := strconv.Atoi(args[1])
	ts.Check(err)
	got, err := countRequests(ts, args[0])
	ts.Check(err)
	verdict(ts, neg, got == want, "%d requests %s", got, args[0])
}

// countRequests counts the requests of a kind, KIND or KIND:STATUS.
func countRequests(ts *testscript.TestScript, which string) (count int, err error) {
	kind, statusText, byStatus := strings.Cut(which, ":")
	all, err := worldOf(ts).service.Requests()
	for _, r := range all {
		if r.Kind == kind && (!byStatus || strconv.Itoa(r.Status) == statusText) {
			count++
		}
	}
	return count, err
}

// login-fixture [-known] KIND [FILE]: writes a credentials document in that state (package internal/test/harness,
// Document). claude-auth forgets what it knew of the logins before, unless -known says that it remembers: the tokens
// are the same each time, and a login that is known to be rejected is not met as a new one is.
func loginFixture(ts *testscript.TestScript, neg bool, args []string) {
	known := len(args) > 0 && args[0] == "-known"
	if known {
		args = args[1:]
	}
	usage(ts, (len(args) == 1 || len(args) == 2) && !neg, "login-fixture [-known] KIND [FILE]")
	path := ts.Getenv("CREDENTIALS")
	if len(args) == 2 {
		path = ts.MkAbs(args[1])
	} else if !known {
		ts.Check(os.RemoveAll(filepath.Join(ts.Getenv("XDG_STATE_HOME"), "claude-auth", "ledger.jsonl")))
	}
	document, err := harness.Document(args[0], worldOf(ts).service, time.Now())
	ts.Check(err)
	ts.Check(os.MkdirAll(filepath.Dir(path), 0o700))
	ts.Check(os.WriteFile(path, document, 0o600))
	if err := os.Chmod(path, 0o600); !errors.Is(err, os.ErrPermission) { // which a file system without modes says
		ts.Check(err)
	}
	saved := time.Now().Add(-time.Second) // the stand-in fails faster than the kernel's tick, by which files are dated
	ts.Check(os.Chtimes(path, saved, saved))
}

// saved [-wait] WHAT: what the credentials file holds, or with -wait will hold:
//
//	good     a login that the service takes         old      the tokens of the fixture
//	blank    a login without any token              norefresh  the fixture's access token, no refresh token
//	none     no login                               nofile   no file at all
func saved(ts *testscript.TestScript, neg bool, args []string) {
	wait := len(args) == 2 && args[0] == "-wait" && !neg
	if wait {
		args = args[1:]
	}
	usage(ts, len(args) == 1, "saved [-wait] good|old|blank|norefresh|none|nofile")
	state := func() string {
		got, err := savedState(worldOf(ts).service, ts.Getenv("CREDENTIALS"))
		ts.Check(err)
		return got
	}
	got := state()
	for begun := time.Now(); wait && got != args[0] && time.Since(begun) < harness.Patience; got = state() {
		time.Sleep(10 * time.Millisecond)
	}
	verdict(ts, neg, got == args[0], "saved is: %s", got)
}

func savedState(s *service.Service, path string) (string, error) {
	text, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		return "nofile", nil
	}
	if err != nil {
		return "", err
	}
	var document struct {
		Login *struct{ AccessToken, RefreshToken string } `json:"claudeAiOauth"`
	}
	if json.Unmarshal(text, &document) != nil || document.Login == nil {
		return "none", nil
	}
	access, refresh := document.Login.AccessToken, document.Login.RefreshToken
	switch {
	case access == "" && refresh == "":
		return "blank", nil
	case access == harness.OldAccess && refresh == harness.OldRefresh:
		return "old", nil
	case access == harness.OldAccess && refresh == "":
		return "norefresh", nil
	}
	accessGood, refreshGood, err := s.Good(access, refresh)
	if err == nil && accessGood && refreshGood {
		return "good", nil
	}
	return fmt.Sprintf("access token good: %v, refresh token good: %v", accessGood, refreshGood), err
}

// json FILE PATH [VALUE]: the JSON in FILE (or stdout) has at PATH (members and indexes with dots between them, -1 for
// the last element of an array) the VALUE, a JSON text or a bare string; without VALUE, anything. In a file of JSON
// lines any line may be the one.
func jsonField(ts *testscript.TestScript, neg bool, args []string) {
	usage(ts, len(args) == 2 || len(args) == 3, "json FILE PATH [VALUE]")
	decoder := json.NewDecoder(strings.NewReader(ts.ReadFile(args[0])))
	var found []string
	met := false
	for decoder.More() {
		var value any
		ts.Check(decoder.Decode(&value))
		value, ok := at(value, strings.Split(args[1], "."))
		if !ok {
			continue
		}
		text, err := json.Marshal(value)
		ts.Check(err)
		found = append(found, string(text))
		met = met || len(args) == 2 || string(text) == args[2] || value == args[2]
	}
	verdict(ts, neg, met, "%s in %s: %s", args[1], args[0], strings.Join(found, ", "))
}

func at(value any, path []string) (any, bool) {
	for _, name := range path {
		switch v := value.(type) {
		case map[string]any:
			member, ok := v[name]
			if !ok {
				return nil, false
			}
			value = member
		case []any:
			index, err := strconv.Atoi(name)
			if index == -1 {
				index = len(v) - 1
			}
			if err != nil || index < 0 || index >= len(v) {
				return nil, false
			}
			value = v[index]
		default:
			return nil, false
		}
	}
	return value, true
}
