//go:build linux

package torture

import (
	"fmt"
	"strings"
	"sync"
)

// table counts the points tried, by command and fault, for the one table that is printed at the end.
type table struct {
	mu    sync.Mutex
	rows  []*row
	byRow map[string]*row
}

// row is one command's.
type row struct {
	command    string
	planned    int
	cells      map[string]int // by fault
	operations map[string]bool
	kinds      map[string]bool // of call and fault
	broken     int
}

var tried table

func (t *table) row(command string) *row {
	if t.byRow[command] == nil {
		if t.byRow == nil {
			t.byRow = map[string]*row{}
		}
		r := &row{command: command, cells: map[string]int{}, operations: map[string]bool{}, kinds: map[string]bool{}}
		t.byRow[command], t.rows = r, append(t.rows, r)
	}
	return t.byRow[command]
}

// plan notes how many points a command has.
func (t *table) plan(command string, points int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.row(command).planned = points
}

func (t *table) add(command string, p point, held bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	r := t.row(command)
	r.cells[p.fault.name]++
	r.operations[p.operation] = true
	r.kinds[p.call()+" "+p.fault.name] = true
	if !held {
		r.broken++
	}
}

// String is the table; empty when nothing was tried.
func (t *table) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.rows) == 0 {
		return ""
	}
	var b strings.Builder
	fmt.Fprintf(&b, "points of injection tried\n%-8s", "command")
	for _, f := range faults {
		fmt.Fprintf(&b, "%8s", f.name)
	}
	fmt.Fprintf(&b, "%8s%8s%7s%7s%7s\n", "tried", "of", "kinds", "places", "held")
	all, planned, broken := 0, 0, 0
	for _, r := range t.rows {
		total := 0
		fmt.Fprintf(&b, "%-8s", r.command)
		for _, f := range faults {
			total += r.cells[f.name]
			fmt.Fprintf(&b, "%8d", r.cells[f.name])
		}
		fmt.Fprintf(&b, "%8d%8d%7d%7d%7d\n", total, r.planned, len(r.kinds), len(r.operations), total-r.broken)
		all, planned, broken = all+total, planned+r.planned, broken+r.broken
	}
	verdict := "all hold"
	if broken > 0 {
		verdict = fmt.Sprintf("%d BROKEN", broken)
	}
	what := "every point"
	if !full {
		what = "one for each kind of call with each kind of fault; TORTURE=full tries all"
	}
	fmt.Fprintf(&b, "%d of %d points (%s), %s\n%s", all, planned, what, verdict, legend)
	return b.String()
}
