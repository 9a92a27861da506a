package detect

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/claude-auth/claude-auth/internal/test/seeds"
)

// scan feeds a stream to a Scanner in reads of the given sizes, the last one repeated, and returns the findings by
// offset.
func scan(rules *Rules, stream []byte, sizes ...int) []Finding {
	var found []Finding
	emit := func(f Finding) { found = append(found, f) }
	s := NewScanner(rules)
	for rest, n := stream, 0; len(rest) > 0; n++ {
		size := min(max(sizes[min(n, len(sizes)-1)], 1), len(rest))
		s.Scan(rest[:size], emit)
		rest = rest[size:]
	}
	s.Close(emit)
	slices.SortStableFunc(found, func(a, b Finding) int { return cmp.Compare(a.Offset, b.Offset) })
	return found
}

func ruleNames(found []Finding) []string {
	names := []string{}
	for _, f := range found {
		names = append(names, f.Rule)
	}
	return names
}

func recording(t testing.TB, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", "captures", name+".raw"))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// recordings says what each recording of the real client must yield.
var recordings = map[string]string{
	"104-notloggedin-80":    "not-logged-in",
	"165-invalid_grant-100": "401-screen",
	"165-invalid_grant-44":  "401-screen",
	"165-notloggedin-80":    "not-logged-in",
	"165-quoted-100":        "",
	"165-refresh401-100":    "401-screen",
	"330-invalid_grant-100": "login-expired",
	"330-invalid_grant-44":  "login-expired",
	"330-notloggedin-80":    "not-logged-in",
	"330-quoted-100":        "",
	"330-refresh401-100":    "401-screen",
}

func TestRecordings(t *testing.T) {
	files, err := filepath.Glob("testdata/captures/*.raw")
	if err != nil || len(files) != len(recordings) {
		t.Fatalf("%d recordings (%v), %d expectations", len(files), err, len(recordings))
	}
	rules := Builtin()
	for name, rule := range recordings {
		stream := recording(t, name)
		want := []string{}
		if rule != "" {
			want = []string{rule}
		}
		for _, size := range []int{len(stream), 1, 2, 3, 7, 64, 1000} {
			if got := ruleNames(scan(rules, stream, size)); !slices.Equal(got, want) {
				t.Errorf("%s in reads of %d: %q, want %q", name, size, got, want)
			}
		}
		if got := referenceFind(rules.List(), stream); !slices.Equal(ruleNames(got), want) {
			t.Errorf("%s: the reference says %q, want %q", name, ruleNames(got), want)
		}
	}
}

// Every split of a recording into two reads gives the same findings.
func TestRecordingsSplitAnywhere(t *testing.T) {
	rules := Builtin()
	for name := range recordings {
		stream := recording(t, name)
		want := scan(rules, stream, len(stream))
		for at := 1; at < len(stream); at++ {
			if got := scan(rules, stream, at, len(stream)); !reflect.DeepEqual(got, want) {
				t.Fatalf("%s split at %d: %v, want %v", name, at, got, want)
			}
		}
	}
}

const screen = "Please run /login · API Error: 401 Invalid authentication credentials"

var streams = []struct {
	name, stream string
	want         []string
}{
	{"plain line", "x\nNot logged in · Please run /login\n", []string{"not-logged-in"}},
	{"first bytes", "Not logged in · Please run /login", []string{"not-logged-in"}},
	{"marker", "  ⎿ \u00a0Not logged in · Please run /login", []string{"not-logged-in"}},
	{"macOS marker", "⏺ Login expired · Please run /login", []string{"login-expired"}},
	{"marker and column move", "\r\x1b[6A\x1b[38;5;220m●\x1b[3G" + screen + "\r", []string{"401-screen"}},
	{"a move between all words", "●" + strings.ReplaceAll(" "+screen, " ", "\x1b[9G"), []string{"401-screen"}},
	{
		"wrapped",
		"●\x1b[3GPlease run\r\x1b[1B\x1b[39m \x1b[3G/login ·\r\x1b[2C\x1b[1BAPI Error: 401\r\n  Invalid",
		[]string{"401-screen"},
	},
	{"looks within a word", "● Login exp\x1b[1mired\x1b[22m · Please run /login", []string{"login-expired"}},
	{"no-break space in a gap", "Login expired \u00a0· Please\u00a0 run /login", []string{"login-expired"}},
	{
		"title broken off",
		"\x1b]0;t\x18Login expired · Please run /login\n\x1bP1\x1aLogin expired · Please run /login",
		[]string{"login-expired", "login-expired"},
	},
	{"wrapped in the first column", "Login expired ·\nPlease run /login\n", []string{"login-expired"}},
	{
		"two on one screen", "● " + screen + "\r\n● Login expired · Please run /login",
		[]string{"401-screen", "login-expired"},
	},
	{"begins again in the gap", "Please run\nPlease run /login · API Error: 401 x", []string{"401-screen"}},
	{"title before", "\x1b]0;✳ Claude Code\x07Login expired · Please run /login", []string{"login-expired"}},
	{"link before", "\x1b]8;;https://x\x1b\\Login expired · Please run /login", []string{"login-expired"}},
	{"outage page", "API Error: 401 <html>", []string{"401-html"}},
	{"refusal", "Failed to authenticate. API Error: 401 x", []string{"401-print"}},
	{"end while waiting", "Failed to authenticate. API Error: 401 ", []string{"401-print"}},
	{"longer message", "Login expired · Please run /login · Claude Code tried", []string{"login-expired-no-credit"}},
	{
		"scope",
		"Failed to authenticate. API Error: 403 OAuth token does not meet scope requirement user:inference",
		[]string{"403-scope-print"},
	},

	{"quoted", "The message \"Login expired · Please run /login\" means", nil},
	{"after other words", "why do I get: " + screen, nil},
	{"quoted after a marker", "● It says Login expired · Please run /login", nil},
	{"wrapped quotation", "❯ why do I get\r\n  " + screen, nil},
	{"no white space after the marker", "●Login expired · Please run /login", nil},
	{"marker within the line", "x ● Login expired · Please run /login", nil},
	{"in a window title", "\x1b]0;\nLogin expired · Please run /login\x07", nil},
	{"split word", "Login exp ired · Please run /login", nil},
	{"missing gap", "Login expired ·Please run /login", nil},
	{"another number", "Failed to authenticate. API Error: 4012 x", nil},
	{"retry notice", "\r● API error · retrying in 1s · attempt 1/10", nil},
	{"footer", "\x1b[52CNot\x1b[1Clogged\x1b[1Cin\x1b[1C·\x1b[1CRun\x1b[1C/login", nil},
}

func TestScanner(t *testing.T) {
	rules := Builtin()
	for _, tc := range streams {
		stream := []byte(tc.stream)
		for size := 1; size <= len(stream); size++ {
			if got := ruleNames(scan(rules, stream, size)); !slices.Equal(got, append([]string{}, tc.want...)) {
				t.Errorf("%s, reads of %d: %q, want %q", tc.name, size, got, tc.want)
				break
			}
		}
		if got := referenceFind(builtin(), stream); !slices.Equal(ruleNames(got), append([]string{}, tc.want...)) {
			t.Errorf("%s: the reference says %q, want %q", tc.name, ruleNames(got), tc.want)
		}
	}
}

// A finding is reported as soon as no longer phrase can fit, not at the end.
func TestScannerReportsAtOnce(t *testing.T) {
	var found []Finding
	s := NewScanner(Builtin())
	s.Scan([]byte("● Not logged in · Please run /login"), func(f Finding) { found = append(found, f) })
	want := []Finding{{
		Rule: "not-logged-in", Class: NoLogin, Offset: int64(len("● ")), Phrase: "Not logged in · Please run /login",
	}}
	if !slices.Equal(found, want) {
		t.Fatalf("got %v, want %v", found, want)
	}
}

func TestScannerOffsets(t *testing.T) {
	stream := strings.Repeat("x", 100) + "\n● Login expired · Please run /login\n"
	for size := 1; size < 20; size++ {
		found := scan(Builtin(), []byte(stream), size)
		if len(found) != 1 || found[0].Offset != int64(strings.Index(stream, "Login")) {
			t.Fatalf("reads of %d: %v", size, found)
		}
	}
}

func TestScannerAllocatesNothing(t *testing.T) {
	stream := append(recording(t, "165-refresh401-100"), recording(t, "330-quoted-100")...)
	s := NewScanner(Builtin())
	n := 0
	emit := func(Finding) { n++ }
	if allocs := testing.AllocsPerRun(20, func() { s.Scan(stream, emit) }); allocs != 0 {
		t.Errorf("%v allocations a read", allocs)
	}
	if n == 0 {
		t.Error("nothing found")
	}
}

// pieces are what the generated streams are made of: the phrases' own words, and all that may stand between, before
// and within them.
func pieces() []string {
	p := []string{
		" ", "  ", "\n", "\r\n", "\r", "\t", "\v", "\b", "\x00", "\x7f",
		"\u00a0", "\xc2", "\xa0", "\xe2", "\x97", "\x8f", "·",
		"●", "⏺", "⎿", "● ", "\n● ", "\r\n  ⎿  ",
		"\x1b[1C", "\x1b[G", "\x1b[1G", "\x1b[3G", "\x1b[1B", "\x1b[2A", "\x1b[H", "\x1b[2;1H", "\x1b[2;5H", "\x1b[5`",
		"\x1b[39m", "\x1b[38;5;220m", "\x1b[K", "\x1b[>1u", "\x1b[u", "\x1b[?2026h",
		"\x1b[r", "\x1b7", "\x1b8", "\x1bM", "\x1bE", "\x1b(B", "\x1b[1 q",
		"\x1b]0;t\x07", "\x1b]8;;u\x1b\\", "\x1bP1$r\x1b\\", "\x1b", "\x1b[", "\x1b]", "\x18",
		"\x1b[" + strings.Repeat("1;", 20) + "G", "0", "1", "x", "<", "m", "G",
	}
	for _, rule := range builtin()[:12] {
		gaps := func(gap string) string { return strings.ReplaceAll(rule.Phrase, " ", gap) }
		p = append(p, rule.Phrase, gaps("\x1b[9G"), gaps("\r\n  "))
		p = append(p, strings.SplitAfter(rule.Phrase, " ")...)
	}
	return p
}

// generate makes a stream out of pieces.
func generate(r *rand.Rand, pieces []string) []byte {
	var b []byte
	for n := r.IntN(40); n >= 0; n-- {
		b = append(b, pieces[r.IntN(len(pieces))]...)
	}
	return b
}

func TestScannerAgainstReference(t *testing.T) {
	rules, list := Builtin(), builtin()
	seed := rand.Uint64()
	r := rand.New(rand.NewPCG(seed, 1))
	pieces := pieces()
	hits := 0
	for range 6000 {
		stream := generate(r, pieces)
		want := referenceFind(list, stream)
		hits += len(want)
		for _, sizes := range [][]int{{len(stream)}, {1}, {1 + r.IntN(len(stream)+1), 1 + r.IntN(9)}} {
			if got := scan(rules, stream, sizes...); !slices.Equal(got, want) {
				t.Fatalf("seed %d, reads of %d:\n%q\n got %v\nwant %v", seed, sizes, stream, got, want)
			}
		}
	}
	if hits < 500 {
		t.Errorf("only %d findings in all streams: the generator does not work", hits)
	}
}

func FuzzScanner(f *testing.F) {
	for name := range recordings {
		f.Add(recording(f, name), uint16(7))
	}
	r := rand.New(rand.NewPCG(1, 2))
	for range 200 {
		f.Add(generate(r, pieces()), uint16(r.IntN(50)))
	}
	rules, list := Builtin(), builtin()
	for i, text := range append(seeds.Texts(f), seeds.Recordings(f)...) {
		f.Add(text, uint16(i%50))
	}
	f.Fuzz(func(t *testing.T, stream []byte, size uint16) {
		if len(stream) > 16<<10 {
			t.Skip() // the reference takes quadratic time
		}
		want := referenceFind(list, stream)
		for _, n := range []int{len(stream), int(size)} {
			if got := scan(rules, stream, n); !slices.Equal(got, want) {
				t.Fatalf("reads of %d: got %v, want %v", n, got, want)
			}
		}
	})
}

func ExampleScanner() {
	s := NewScanner(Builtin())
	emit := func(f Finding) { fmt.Println(f.Offset, f.Rule, f.Class) }
	s.Scan([]byte("\r\n\x1b[31m●\x1b[3GLogin \x1b[9Gexpi"), emit)
	s.Scan([]byte("red · Please\r\n  run /login\r\n"), emit)
	s.Close(emit)
	// Output: 14 login-expired rejected
}
