package facts

import (
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"
)

// State is what became of a test.
type State string

// The states.
const (
	Held    State = "held"
	Changed State = "changed"
	Untried State = "not tried"
)

// Result is a test that states facts, with one version of the client.
type Result struct {
	Name    string
	State   State
	Changes []Change // where State is Changed
	Why     string   // where State is Untried
	test    string   // its whole name
}

// Change is a fact that did not hold.
type Change struct {
	Where    string // the line of the script
	Fact     string // the comment above it
	Expected string
	Seen     string
}

// results sums up the tests that have no tests below them.
func (s Suite) results(events []event) []Result {
	output, ended, inner := map[string]*strings.Builder{}, map[string]string{}, map[string]bool{}
	var names []string
	for _, e := range events {
		if output[e.Test] == nil {
			output[e.Test] = &strings.Builder{}
			names = append(names, e.Test)
			for parent := path.Dir(e.Test); parent != "."; parent = path.Dir(parent) {
				inner[parent] = true
			}
		}
		output[e.Test].WriteString(e.Output)
		switch e.Action {
		case "pass", "fail", "skip":
			ended[e.Test] = e.Action
		}
	}
	slices.Sort(names)
	var results []Result
	for _, name := range names {
		text := output[name].String()
		if inner[name] && !(ended[name] == "fail" && testError.MatchString(text)) {
			continue
		}
		r := Result{Name: s.short(name), test: name}
		switch ended[name] {
		case "pass":
			r.State = Held
		case "skip":
			r.State, r.Why = Untried, skipped(text)
		case "fail":
			r.State, r.Changes = Changed, changes(text)
		default:
			r.State, r.Why = Untried, "there was no time left"
		}
		results = append(results, r)
	}
	return results
}

// version is a part of a test's name that names the client.
var version = regexp.MustCompile(`^(real-)?\d+\.\d+\.\d+$`)

// short is the name of a test without what the table says elsewhere.
func (s Suite) short(test string) string {
	parts := slices.DeleteFunc(strings.Split(test, "/"), version.MatchString)
	switch parts[0] {
	case "TestClient":
		parts[0] = "client"
	case "TestMainJob":
		parts[0] = "both"
	case "TestSituations":
		parts[0] = "situation"
	default:
		parts[0] = s.Name + "/" + strings.TrimPrefix(parts[0], "Test")
	}
	return strings.Join(parts, "/")
}

var (
	scriptError = regexp.MustCompile(`^\s*FAIL: (\S+\.txtar:\d+): (.*)`)
	testError   = regexp.MustCompile(`(?m)^\s+(\w+_test\.go:\d+): (.*)`)
	section     = regexp.MustCompile(`^\s*# (.*?)( \(\d+\.\d+s\))?$`)
	command     = regexp.MustCompile(`^\s*> (.*)`)
	stream      = regexp.MustCompile(`^\s*\[(stdout|stderr)\]$`)
)

// changes reads the log of a test that failed.
func changes(text string) []Change {
	var found []Change
	var fact, line string
	said := map[string]string{}
	into := "" // the stream that the log is showing
	for _, row := range strings.Split(text, "\n") {
		switch m := []string(nil); {
		case submatch(scriptError, row, &m):
			found = append(found, Change{m[1], fact, line, m[2]})
			if strings.HasPrefix(m[2], "no match for") || strings.HasSuffix(m[2], " differ") {
				c := &found[len(found)-1]
				c.Seen = said[streamOf(line)]
			}
			into = ""
		case submatch(section, row, &m):
			fact, into = m[1], ""
		case submatch(command, row, &m):
			line, into = m[1], ""
			if startsProgram.MatchString(line) {
				said = map[string]string{}
			}
		case submatch(stream, row, &m):
			into = m[1]
		case into != "":
			said[into] += strings.TrimSpace(row) + " "
		}
	}
	if len(found) > 0 {
		return found
	}
	for _, m := range testError.FindAllStringSubmatch(text, -1) {
		found = append(found, Change{Where: m[1], Seen: m[2]})
	}
	return found
}

// startsProgram is a line of a script whose output replaces that of the one before.
var startsProgram = regexp.MustCompile(`^(\[.*?\] )*!? ?(exec|status|tty|screen|cut|inshell)\b`)

// streamOf is the stream that a line of a script looks at.
func streamOf(line string) string {
	if regexp.MustCompile(`\bstderr\b`).MatchString(line) {
		return "stderr"
	}
	return "stdout"
}

func submatch(r *regexp.Regexp, text string, m *[]string) bool {
	*m = r.FindStringSubmatch(text)
	return *m != nil
}

// skipped is why a test was not tried.
func skipped(text string) string {
	m := testError.FindStringSubmatch(text)
	if m == nil {
		return "the script ends before"
	}
	return m[2]
}

// Shorten cuts a text to n characters.
func Shorten(text string, n int) string {
	text = strings.Join(strings.Fields(text), " ")
	if utf8.RuneCountInString(text) <= n {
		return text
	}
	return string([]rune(text)[:n-1]) + "…"
}

// Table is what a person reads: each change, what was not tried, and how much held.
func Table(version string, results []Result) string {
	const most = 110
	var b strings.Builder
	count := map[State]int{}
	for _, r := range results {
		count[r.State]++
		if r.State == Changed {
			fmt.Fprintf(&b, "changed    %s\n", r.Name)
		}
		for _, c := range r.Changes {
			fmt.Fprintf(&b, "    %s  %s\n", c.Where, Shorten(c.Fact, most))
			if c.Expected != "" {
				fmt.Fprintf(&b, "        expected  %s\n", Shorten(c.Expected, most))
			}
			fmt.Fprintf(&b, "        seen      %s\n", Shorten(c.Seen, most))
		}
	}
	for _, r := range results {
		if r.State == Untried {
			fmt.Fprintf(&b, "not tried  %s: %s\n", r.Name, Shorten(r.Why, most))
		}
	}
	for _, r := range results {
		if r.State == Held {
			fmt.Fprintf(&b, "held       %s\n", r.Name)
		}
	}
	fmt.Fprintf(&b, "client %s: %d held, %d changed, %d not tried\n", version, count[Held], count[Changed], count[Untried])
	return b.String()
}
