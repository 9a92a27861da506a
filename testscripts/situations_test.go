package testscripts

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/claude-auth/claude-auth/internal/test/realclient"
)

// situation is one line of the table in situations_table_test.go: what is given, what is done, and what must come of
// it.
type situation struct {
	name   string
	real   bool   // the real client can be put into it in a few seconds: run it with that, too
	given  string // script lines
	do     string // the command, with the arguments of claude-auth; empty: recoverYes
	status int
	says   []string // patterns that standard error, or standard output after "out:", must have
	after  string   // unchanged: not written to; same: the bytes of before; else what `saved` says
	logins int      // how many sign-in pages were opened
	files  string   // of the script's archive
}

// script is the situation as a script of this directory.
func (s situation) script() string {
	var b strings.Builder
	fmt.Fprintf(&b, "# %s\n%s\n", s.name, strings.TrimSpace(s.given))
	before := s.after == "unchanged" || s.after == "same"
	if before {
		b.WriteString("keep $CREDENTIALS\n")
	}
	fmt.Fprintf(&b, "status %d %s\n", s.status, cmp.Or(s.do, recoverYes))
	for _, says := range s.says {
		stream := "stderr"
		if rest, ok := strings.CutPrefix(says, "out:"); ok {
			stream, says = "stdout", rest
		}
		fmt.Fprintf(&b, "%s '%s'\n", stream, says)
	}
	switch s.after {
	case "unchanged":
		b.WriteString("unchanged $CREDENTIALS\n")
	case "same":
		b.WriteString("same $CREDENTIALS $WORK/kept-.credentials.json\n")
	case "good":
		b.WriteString("saved good\n")
	case "":
	default:
		fmt.Fprintf(&b, "saved %s\n", s.after)
	}
	fmt.Fprintf(&b, "requests authorize %d\n%s", s.logins, s.files)
	return b.String()
}

// TestSituations runs each situation for real: with the stand-in as each version, and where the table says so with
// the newest real client; with TORTURE=full with all of them.
func TestSituations(t *testing.T) {
	runWithEveryClient(t, wholly(), realclient.Watched(), runSituations)
}

func runSituations(t *testing.T, f flavour) {
	for _, s := range situations {
		if f.binary != "" && !s.real {
			continue
		}
		t.Run(strings.ReplaceAll(s.name, " ", "-"), func(t *testing.T) {
			t.Parallel()
			file := filepath.Join(t.TempDir(), "situation.txtar")
			if err := os.WriteFile(file, []byte(s.script()), 0o600); err != nil {
				t.Fatal(err)
			}
			log := &leakLog{T: t}
			deadline, _ := t.Deadline()
			testscript.RunT(log, testscript.Params{
				Files: []string{file}, Setup: log.wrap(f.setup), Cmds: commands, Condition: f.condition, Deadline: deadline,
			})
		})
	}
}

// TestSituationsAreMany holds the table to its size.
func TestSituationsAreMany(t *testing.T) {
	names, real := map[string]bool{}, 0
	for _, s := range situations {
		if names[s.name] {
			t.Errorf("twice: %s", s.name)
		}
		names[s.name] = true
		if s.real {
			real++
		}
	}
	if len(names) < 40 || real < 12 {
		t.Errorf("%d situations, %d of them with the real clients; want 40 and 12", len(names), real)
	}
}
