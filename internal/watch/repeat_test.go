package watch

import (
	"slices"
	"strings"
	"testing"
)

func TestRepeated(t *testing.T) {
	later := failedTurn{session: "S", before: "B"}
	first := failedTurn{session: "S"}
	for _, test := range []struct {
		args   string
		failed failedTurn
		want   string
	}{
		{"-p hello", failedTurn{}, "-p hello"},
		{"-p hello", later, "-p hello"}, // a session of its own each time
		{"-p --session-id S hello", first, "--resume S -p hello"},
		{"-p --session-id S hello", failedTurn{}, "-p --session-id S hello"}, // it was not recorded
		{"-p -r S hello", later, "--resume S --resume-session-at B -p hello"},
		{"-p -r S hello", first, "--resume S -p hello"},
		{"-prS hello", later, "-prS hello"}, // not read as a bundle with a value: left alone
		{"-rS -p hello", later, "--resume S --resume-session-at B -p hello"},
		{"-p --resume=S hello", later, "--resume S --resume-session-at B -p hello"},
		{"-c -p hello", later, "--resume S --resume-session-at B -p hello"},
		{"-pc hello", later, "--resume S --resume-session-at B -p hello"},
		{"-p --continue --verbose hello", later, "--resume S --resume-session-at B -p --verbose hello"},
		{"-p --continue --fork-session hello", later, "--resume S --resume-session-at B -p --fork-session hello"},
		{"-p --resume old --fork-session hello", later, "-p --resume old --fork-session hello"},
		{"-p --resume old --fork-session --session-id S hello", later, "--resume S --resume-session-at B -p hello"},
		{"-p --resume old --resume-session-at A hello", later, "-p --resume old --resume-session-at A hello"},
		{"-p --no-session-persistence --session-id S hello", first, "-p --no-session-persistence --session-id S hello"},
		{"-p --continue -- --session-id", later, "--resume S --resume-session-at B -p -- --session-id"},
	} {
		inv := Parse(strings.Fields(test.args), false)
		if got := inv.Repeated(test.failed); !slices.Equal(got, strings.Fields(test.want)) {
			t.Errorf("Repeated(%q, %+v) = %q, want %q", test.args, test.failed, got, test.want)
		}
	}
}
