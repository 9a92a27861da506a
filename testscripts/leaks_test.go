package testscripts

import (
	"fmt"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/claude-auth/claude-auth/internal/test/harness"
)

// leakLog is the testing.T of a script. It has the script's whole log in its hands, with everything that every command
// has printed, and searches it for tokens when the script is over; so it does with all files of the script.
type leakLog struct {
	*testing.T
	found func(leak string) // nil: an error of the test
}

// Run implements testscript.T. A script is a test already.
func (l *leakLog) Run(_ string, fn func(testscript.T)) { fn(l) }

// Parallel implements testscript.T: the test that holds the script is parallel already.
func (l *leakLog) Parallel() {}

// Verbose implements testscript.T: only a verbose log is whole.
func (l *leakLog) Verbose() bool { return true }

func (l *leakLog) leak(format string, args ...any) {
	l.T.Helper()
	if l.found != nil {
		l.found(fmt.Sprintf(format, args...))
		return
	}
	l.T.Errorf(format, args...)
}

// Log implements testscript.T. testscript logs once, at the end; the log is shown when the script has failed.
func (l *leakLog) Log(args ...any) {
	l.T.Helper()
	text := fmt.Sprint(args...)
	for line := range strings.Lines(text) {
		if !strings.HasPrefix(line, "> ") && harness.Marked([]byte(line)) { // a line of the script itself begins with >
			l.leak("a token in the output: %s", redacted(line))
		}
	}
	l.T.Log(redacted(text))
}

func redacted(text string) string { return strings.ReplaceAll(text, harness.Mark, "[token]") }

// wrap adds the search of the files to a setup. It runs after everything that setup itself has deferred.
func (l *leakLog) wrap(setup func(*testscript.Env) error) func(*testscript.Env) error {
	return func(env *testscript.Env) error {
		env.Defer(func() {
			w, ok := env.Values[worldKey{}].(*world)
			if !ok {
				return // the setup has failed
			}
			leaks, err := harness.FindLeaks(env.WorkDir, w.baseline)
			if err != nil {
				l.T.Error(err)
			}
			for _, leak := range leaks {
				l.leak("a token in a file: %s", redacted(leak))
			}
		})
		return setup(env)
	}
}
