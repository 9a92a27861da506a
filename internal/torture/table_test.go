//go:build linux

package torture

import (
	"fmt"
	"slices"
	"strings"
	"sync"
)

// table counts the points tried, by command and fault, for the one table that is printed at the end.
type table struct {
	mu      sync.Mutex
	columns []string
	rows    []string
	cells   map[[2]string]int
	broken  map[string]int
	calls   map[string]map[string]bool // by command: the different operations that were hit
}

var tried table

func (t *table) add(command, fault, operation string, held bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.cells == nil {
		t.cells, t.broken, t.calls = map[[2]string]int{}, map[string]int{}, map[string]map[string]bool{}
	}
	if !slices.Contains(t.columns, fault) {
		t.columns = append(t.columns, fault)
	}
	if !slices.Contains(t.rows, command) {
		t.rows = append(t.rows, command)
		t.calls[command] = map[string]bool{}
	}
	t.cells[[2]string{command, fault}]++
	t.calls[command][operation] = true
	if !held {
		t.broken[command]++
	}
}

// String is the table; empty when nothing was tried.
func (t *table) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.rows) == 0 {
		return ""
	}
	slices.Sort(t.columns)
	slices.Sort(t.rows)
	var b strings.Builder
	fmt.Fprintf(&b, "points of injection tried (a fault at one system call that touched a file of the user's)\n%-9s", "command")
	for _, column := range t.columns {
		fmt.Fprintf(&b, "%8s", column)
	}
	fmt.Fprintf(&b, "%8s%11s%8s\n", "total", "operations", "held")
	all, broken := 0, 0
	for _, row := range t.rows {
		total := 0
		fmt.Fprintf(&b, "%-9s", row)
		for _, column := range t.columns {
			n := t.cells[[2]string{row, column}]
			total += n
			fmt.Fprintf(&b, "%8d", n)
		}
		fmt.Fprintf(&b, "%8d%11d%8d\n", total, len(t.calls[row]), total-t.broken[row])
		all, broken = all+total, broken+t.broken[row]
	}
	verdict := "all hold"
	if broken > 0 {
		verdict = fmt.Sprintf("%d BROKEN", broken)
	}
	fmt.Fprintf(&b, "%d points, %s\n", all, verdict)
	return b.String()
}
