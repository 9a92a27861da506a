package versions

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// shown are the columns in the order of the table.
var shown = []struct{ name, about string }{
	{"load", "loads without a word, also under the strictest flags, and leaves nothing behind"},
	{"twice", "may be loaded twice"},
	{"function", "`claude` comes to the program, or says what is in its way"},
	{"alias", "an alias of `claude` stays effective"},
	{"status", "the exit status is kept, of the client and of what was run before a prompt"},
	{"segment", "the prompt's segment: what it shows, when it asks, what it does not believe"},
	{"completion", "the completion, with real keys"},
}

const head = `# The shells and their versions

` + "`make shells`" + ` wrote this file: it ran the tests of package hooks in each version. A number says how many tests
passed for what the column is about; – stands for what the shell does not have. [CONTRIBUTING.md](../CONTRIBUTING.md)
says how to run them, and where the shells built by hand come from.

| column | what the tests show |
|---|---|
`

// Table returns the results as Markdown.
func Table(results []Result) string {
	var out strings.Builder
	out.WriteString(head)
	for _, column := range shown {
		fmt.Fprintf(&out, "| %s | %s |\n", column.name, column.about)
	}
	out.WriteString("\n| shell | where it comes from |")
	rule := "|---|---|"
	for _, column := range shown {
		out.WriteString(" " + column.name + " |")
		rule += "---|"
	}
	out.WriteString("\n" + rule + "\n")
	sorted := slices.Clone(results)
	slices.SortStableFunc(sorted, func(a, b Result) int {
		return cmp.Or(a.Version.Shell.Order-b.Version.Shell.Order, compare(a.Version.Number, b.Version.Number))
	})
	for _, r := range sorted {
		fmt.Fprintf(&out, "| %s %s | %s |", r.Version.Shell.Name, r.Version.Number, r.Version.How)
		for _, column := range shown {
			if failed := len(r.Failed[column.name]); failed > 0 {
				fmt.Fprintf(&out, " **%d failed** |", failed)
			} else if n := r.Passed[column.name]; n > 0 {
				fmt.Fprintf(&out, " %d |", n)
			} else {
				out.WriteString(" – |")
			}
		}
		out.WriteString("\n")
	}
	return out.String()
}

// compare orders two version numbers.
func compare(a, b string) int {
	x, y := strings.Split(a, "."), strings.Split(b, ".")
	for i := range min(len(x), len(y)) {
		m, errM := strconv.Atoi(x[i])
		n, errN := strconv.Atoi(y[i])
		if errM != nil || errN != nil {
			return strings.Compare(a, b)
		}
		if m != n {
			return m - n
		}
	}
	return len(x) - len(y)
}
