package diagnose

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/claude-auth/claude-auth/internal/credentials"
	"github.com/claude-auth/claude-auth/internal/detect"
)

func TestShortPhrase(t *testing.T) {
	const reason = "401 Invalid authentication credentials"
	for said, want := range map[string]string{
		"": "",
		"Failed to authenticate. API Error: " + reason:                           reason,
		"Please run /login · API Error: 401\nInvalid authentication credentials": reason,
		"OAuth token revoked · Please run /login":                                "OAuth token revoked",
		"Session expired. Please run /login to sign in again.":                   "Session expired",
		"Invalid bearer token":                                                   "Invalid bearer token",
		"API Error: 401 " + strings.Repeat("ä", 100):                             "401 " + strings.Repeat("ä", 55) + "…",
	} {
		if got := ShortPhrase(said); got != want {
			t.Errorf("%q is short for %q, want %q", got, said, want)
		}
	}
}

// Each fact is one line of 80 columns, with the widest words of the client's, and has no full stop.
func TestFactsAreShort(t *testing.T) {
	const said = "Please run /login · API Error: 401 Invalid authentication credentials"
	for _, e := range []Evidence{
		{State: credentials.Rejected, Seen: detect.Rejected, Confirmed: true},
		{State: credentials.Expired}, {State: credentials.Absent}, {State: credentials.Blank}, {State: credentials.Limited},
		{State: credentials.Corrupt}, {State: credentials.OK, Seen: detect.Scope, Confirmed: true},
	} {
		v := Decide(e)
		fact := FactOf(v, e, said)
		if v.Action == Nothing || v.Action == GoOn || fact.Line == v.Message {
			t.Errorf("%s: no fact for %q", v.Cause, v.Message)
		}
		if utf8.RuneCountInString(fact.Line) > 78 || strings.HasSuffix(fact.Line, ".") {
			t.Errorf("%s: %q", v.Cause, fact.Line)
		}
		if utf8.RuneCountInString(fact.Title) > 76 || fact.Reason != "" && !strings.HasSuffix(fact.Reason, ".") {
			t.Errorf("%s: %+v", v.Cause, fact)
		}
	}
}
