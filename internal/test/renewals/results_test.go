//go:build linux

package renewals

import (
	"fmt"
	"slices"
	"sync"
	"time"
)

// results are the times that were measured, which go into docs/renewals.md by hand. No test depends on them.
var results table

type table struct {
	mu    sync.Mutex
	names []string
	times map[string][]time.Duration
}

func (r *table) add(name string, took time.Duration) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.times == nil {
		r.times = map[string][]time.Duration{}
	}
	if !slices.Contains(r.names, name) {
		r.names = append(r.names, name)
	}
	r.times[name] = append(r.times[name], took)
}

func (r *table) print() {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, name := range r.names {
		times := slices.Sorted(slices.Values(r.times[name]))
		fmt.Printf("%-40s %3d times, median %v, longest %v\n", name, len(times),
			times[len(times)/2].Round(time.Millisecond), times[len(times)-1].Round(time.Millisecond))
	}
}
