//go:build linux

package torture

import (
	"strings"
	"testing"
)

// straceFailed begins what strace says when it fails itself. On a busy machine it may lose a process that is about to
// stop, and ends with "ptrace(PTRACE_LISTEN,…): Input/output error" (6.1); the program then goes on without it.
const straceFailed = "strace: ptrace("

// straceTries is how often a test starts again when strace fails.
const straceTries = 3

// lostTrace is what straced panics with.
type lostTrace struct{ said string }

// straced runs strace with args, inside of a test of traced.
func (p *place) straced(args ...string) result {
	r := p.run("/usr/bin/strace", args...)
	if strings.Contains(r.err, straceFailed) {
		panic(lostTrace{r.err})
	}
	return r
}

// traced runs a test with a new place, and again with another one when strace itself has failed.
func traced(t *testing.T, name string, test func(t *testing.T, p *place)) {
	t.Run(name, func(t *testing.T) {
		said := ""
		for range straceTries {
			if said = lostIn(func() { test(t, newPlace(t)) }); said == "" {
				return
			}
		}
		t.Fatal(said)
	})
}

// lostIn returns what strace said if it failed in test.
func lostIn(test func()) (said string) {
	defer func() {
		switch lost := recover().(type) {
		case nil:
		case lostTrace:
			said = lost.said
		default:
			panic(lost)
		}
	}()
	test()
	return ""
}
