package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/claude-auth/claude-auth/internal/test/shells"
	"github.com/claude-auth/claude-auth/shell"
)

// segmentScript times, within one shell, what the hook does before a prompt in the steady state, and in turn with it
// the cheapest fork there is. The first prompt renews the state file. The first one after the forks is not timed: what
// is slow there are the page faults by which the shell gets back the memory that it shared with its children, and they
// come whatever it does next.
const segmentScript = `eval "$(@EXE@ init @SHELL@)"
__claude_auth_prompt
i=0
while [ $i -lt @ROUNDS@ ]; do
  __claude_auth_prompt
  a=$EPOCHREALTIME
  for j in 1 2 3 4 5 6 7 8 9 10; do __claude_auth_prompt; done
  b=$EPOCHREALTIME
  for j in 1 2 3 4 5 6 7 8 9 10; do : $(:); done
  c=$EPOCHREALTIME
  printf '%s %s %s\n' "$a" "$b" "$c"
  i=$((i + 1))
done
`

// forksScript draws the prompt a hundred times.
const forksScript = `eval "$(@EXE@ init @SHELL@)"
__claude_auth_prompt
echo begin >&2
for j in 1 2 3 4 5 6 7 8 9 10; do for k in 1 2 3 4 5 6 7 8 9 10; do __claude_auth_prompt; done; done
echo end >&2
`

func segment(l *lab) ([]row, error) {
	var rows []row
	for _, sh := range shell.All() {
		driver, err := shells.Find(sh)
		if err != nil {
			return rows, err
		}
		if driver.Clock == "" { // the tests count its forks
			continue
		}
		fill := strings.NewReplacer("@EXE@", l.exe, "@SHELL@", sh.Name, "@ROUNDS@", strconv.Itoa(l.rounds))
		flags := append(slices.Clone(sh.Bare), "-i", "-c")
		command := exec.Command(sh.Name, append(flags, driver.Clock+"\n"+fill.Replace(segmentScript))...)
		command.Env, command.Dir = l.env("CLAUDE_AUTH_MODE=off"), l.home
		out, err := command.Output()
		if err != nil {
			return rows, fmt.Errorf("%s: %w", sh.Name, err)
		}
		var ours, theirs []float64
		for line := range strings.Lines(string(out)) {
			var a, b, c float64
			if _, err := fmt.Sscan(line, &a, &b, &c); err != nil {
				return rows, fmt.Errorf("%s says %q: %w", sh.Name, line, err)
			}
			ours, theirs = append(ours, (b-a)*1e6/10), append(theirs, (c-b)*1e6/10)
		}
		rows = append(rows, against("prompt segment, steady, "+sh.Name, "$(:)", ours, theirs, 0.12))
		forks, err := l.forks(sh.Name, append(flags, fill.Replace(forksScript)))
		if err != nil {
			return rows, err
		}
		r := row{What: "forks in 100 prompts, " + sh.Name, Ours: float64(forks), Unit: "forks", Note: "none, as asked"}
		if forks > 0 {
			r.Note = "missed: none are asked for"
		}
		rows = append(rows, r)
	}
	return rows, nil
}

// forks counts with strace the processes that are started between the two marks.
func (l *lab) forks(shell string, args []string) (int, error) {
	trace := filepath.Join(l.dir, "trace-"+shell)
	traced := []string{"-f", "-qq", "-e", "trace=fork,vfork,clone,clone3,execve,write", "-o", trace, shell}
	command := exec.Command("strace", append(traced, args...)...)
	command.Env, command.Dir = l.env("CLAUDE_AUTH_MODE=off"), l.home
	if out, err := command.CombinedOutput(); err != nil {
		return 0, fmt.Errorf("strace: %w: %s", err, out)
	}
	text, err := os.ReadFile(trace)
	if err != nil {
		return 0, err
	}
	_, text2, began := strings.Cut(string(text), `"begin\n"`)
	steady, _, ended := strings.Cut(text2, `"end\n"`)
	if !began || !ended {
		return 0, fmt.Errorf("strace of %s shows no marks", shell)
	}
	n := 0
	for line := range strings.Lines(steady) {
		if strings.Contains(line, "fork(") || strings.Contains(line, "clone") || strings.Contains(line, "execve(") {
			n++
		}
	}
	return n, nil
}
