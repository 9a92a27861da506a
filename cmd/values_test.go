package cmd

import (
	"strings"
	"testing"
	"time"

	"github.com/claude-auth/claude-auth/internal/ledger"
)

func TestValueOf(t *testing.T) {
	for _, test := range []struct {
		text, want           string
		mustJSON, mustString bool
	}{
		{text: "5", want: "5"}, {text: "-0.50e3", want: "-0.50e3"}, {text: "true", want: "true"},
		{text: "null", want: "null"},
		{text: `"quoted"`, want: `"quoted"`}, {text: `{"a":1}`, want: `{"a":1}`}, {text: "[1,]", want: `"[1,]"`},
		{text: "", want: `""`},
		{text: "word", want: `"word"`}, {text: "01", want: `"01"`}, {text: "+1", want: `"+1"`},
		{text: "NaN", want: `"NaN"`}, {text: "True", want: `"True"`},
		{text: `a "b" <c> & é`, want: `"a \"b\" <c> & é"`}, {text: "a\nb", want: `"a\nb"`},
		{text: "5", want: `"5"`, mustString: true}, {text: "[1]", want: "[1]", mustJSON: true},
		{text: "5", want: "5", mustJSON: true, mustString: true},
		{text: "word", mustJSON: true}, {text: "\xff"},
	} {
		got, err := valueOf(test.text, test.mustJSON, test.mustString)
		if string(got) != test.want || (err != nil) != (test.want == "") {
			t.Errorf("valueOf(%q, %v, %v) = %q, %v; want %q", test.text, test.mustJSON, test.mustString, got, err, test.want)
		}
	}
}

func TestTimeline(t *testing.T) {
	day := func(n int) time.Time { return time.Date(2026, 1, 1+n, 0, 0, 0, 0, time.UTC) }
	s := scale{from: day(0), to: day(10), columns: 11}
	for _, test := range []struct {
		name, want string
		life       ledger.Life
	}{
		{"in use", "*---+---+->", ledger.Life{SignedIn: day(0), FirstSeen: day(0), RenewedAt: []time.Time{day(4), day(8)}}},
		{"rejected", "  *----x", ledger.Life{SignedIn: day(2), Ended: day(7), How: ledger.EndReject}},
		{"wiped", "  o----|", ledger.Life{FirstSeen: day(2), Ended: day(7), How: ledger.EndWipe}},
		{"for a moment", "  *x", ledger.Life{SignedIn: day(2), Ended: day(2), How: ledger.EndReject}},
		{"at the very end", "          >", ledger.Life{SignedIn: day(10)}},
		{
			"before and after the scale", "*--------->",
			ledger.Life{SignedIn: day(-5), RenewedAt: []time.Time{day(-3), day(20)}},
		},
	} {
		if got := s.draw(test.life, asciiMarks); got != test.want {
			t.Errorf("%s: %q, want %q", test.name, got, test.want)
		}
	}
	if got := (scale{from: day(0), to: day(0), columns: 5}).draw(ledger.Life{SignedIn: day(0)}, asciiMarks); got != "*>" {
		t.Errorf("a scale without any time: %q", got)
	}
	if got, want := s.axis(), "2026-01-01"; !strings.HasPrefix(got, want) {
		t.Errorf("axis %q", got)
	}
}

func TestEscapeLabel(t *testing.T) {
	if got, want := escapeLabel("a\"b\\c\nd\xff"), `a\"b\\c\nd`+"\ufffd"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestShorten(t *testing.T) {
	for text, want := range map[string]string{
		"": "", "no path": "no path", "/x/h": "~", "/x/h/c": "~/c", "/x/h: denied": "~: denied", "'/x/h/c' /x/h": "'~/c' ~",
		"/x/h-ice/c": "/x/h-ice/c", "/x/h.d /x/h/d": "/x/h.d ~/d", "/x/hé": "/x/hé", "/y/x/h/c": "/y/x/h/c",
		"/x/h/x/h/c": "~/x/h/c",
	} {
		if got := shorten(text, "/x/h"); got != want {
			t.Errorf("shorten(%q) = %q, want %q", text, got, want)
		}
	}
}
