package messages

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/claude-auth/claude-auth/internal/ui"
)

var update = flag.Bool("update", false, "write docs/screens/messages-*.txt anew")

const root = "../../.."

// lead stands before each message, as before a note.
const lead = "claude-auth: "

// TestMessages prints each message as a note on terminals of two widths, and compares that with what is committed. So a
// changed word is a changed file, and all words can be read in one go.
func TestMessages(t *testing.T) {
	all, err := Collect(root)
	if err != nil {
		t.Fatal(err)
	}
	if len(all) < 500 {
		t.Fatalf("only %d messages were found", len(all))
	}
	for _, width := range []int{40, 80} {
		var page strings.Builder
		file := ""
		for _, m := range all {
			if m.File != file {
				file = m.File
				fmt.Fprintf(&page, "\n== %s\n", file)
			}
			shown := ui.Hang(lead, m.Text, width)
			checkLines(t, m, shown, width)
			fmt.Fprintln(&page, shown)
		}
		compare(t, fmt.Sprintf("messages-%d.txt", width), page.String())
	}
}

// command is a command in quotes.
var command = regexp.MustCompile(`^'[^']*'\S*$`)

// checkLines checks that nothing was lost or cut inside a word, and that no line is too long. A single word or command
// may be: it stays whole, so that it can be copied.
func checkLines(t *testing.T, m Message, shown string, width int) {
	if got, want := strings.Fields(shown), strings.Fields(lead+m.Text); strings.Join(got, " ") != strings.Join(want, " ") {
		t.Errorf("%s:%d: at %d columns the words are %q, not %q", m.File, m.Line, width, got, want)
	}
	for line := range strings.SplitSeq(shown, "\n") {
		words := strings.TrimSpace(strings.TrimPrefix(line, lead))
		whole := !strings.Contains(words, " ") || command.MatchString(words)
		if utf8.RuneCountInString(line) > width && !whole {
			t.Errorf("%s:%d: a line has more than %d columns: %q", m.File, m.Line, width, line)
		}
	}
}

func compare(t *testing.T, name, text string) {
	path := filepath.Join(root, "docs", "screens", name)
	if *update {
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	committed, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if string(committed) != text {
		t.Errorf("%s is not what the program says now: run 'make screens', and read what has changed", path)
	}
}

// unwanted lists words that the project does not use in what people read, with the word that it uses.
var unwanted = []struct{ pattern, instead string }{
	{`mend(s|ed|ing)?`, "fix"},
	{`grants?`, "login"},
	{`saved credentials|account entry`, "login"},
	{`(service|Anthropic) (has )?(refuse[sd]?)|refused (login|token|grant|renewal)`, "rejected"},
	{`dead( \w+)? (login|token|key|grant)s?|logins? (die[sd]?|dead)|die[sd]? (login|token)s?`, "rejected"},
	{`tak(e|es|en|ing)( \w+)? out|took out`, "remove"},
	{`put(s|ting)?( \w+){0,4} back`, "restore"},
	{`wiped`, "removed"},
	{`wins? over|shadow(s|ed)?`, "overrides"},
	{`(?:[^e\s]|[^r]e) is no (?:JSON|number|string|object|directory|regular|terminal|mode|shell|duration|path)`,
		"is not a"},
	{`circle`, "loop"},
	{`puts? a question`, "ask"},
	{`elsewhere|somebody|whoever`, "in another terminal, someone"},
	{`anew|for good|of its own accord|what stands in|all the same`, "plainer words"},
	{`context canceled|deadline exceeded`, "say what happened"},
}

// TestWords holds the glossary, in messages and pages.
func TestWords(t *testing.T) {
	all, err := Collect(root)
	if err != nil {
		t.Fatal(err)
	}
	prose, err := Prose(root)
	if err != nil {
		t.Fatal(err)
	}
	all = append(all, prose...)
	for _, word := range unwanted {
		pattern := regexp.MustCompile(`(?i)\b(` + word.pattern + `)\b`)
		for _, m := range all {
			if found := pattern.FindString(m.Text); found != "" {
				t.Errorf("%s:%d: %q in %q: better: %s", m.File, m.Line, found, m.Text, word.instead)
			}
		}
	}
}
