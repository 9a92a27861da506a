package main

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"time"

	"github.com/claude-auth/claude-auth/internal/test/realclient"
	"github.com/claude-auth/claude-auth/internal/test/shells"
	"github.com/claude-auth/claude-auth/shell"
)

// hookOrder is one round of hook: whether the client is started through the hook's function. Each comes once after the
// other and once after itself, so that neither always runs in the shadow of the same one.
var hookOrder = [...]bool{true, false, false, true}

// hook measures `claude --version` in a shell that has loaded the hook, through its function and as `command claude`.
// It does the same with the hook of an older build; see before.
func hook(l *lab) ([]row, error) {
	var rows []row
	for _, v := range realclient.Watched() {
		client, err := realclient.Find(v)
		if err != nil {
			return rows, err
		}
		for _, sh := range shell.All() {
			if sh.Script != "" { // its scripts are different
				continue
			}
			ours, theirs, err := l.throughHook(sh, l.exe, filepath.Dir(client))
			if err != nil {
				return rows, err
			}
			what := "claude --version through the hook, " + sh.Name
			rows = append(rows, against(what, "client "+v, ours, theirs, 1.01))
			if older := os.Getenv(beforeVariable); older != "" {
				if ours, theirs, err = l.throughHook(sh, older, filepath.Dir(client)); err != nil {
					return rows, err
				}
				rows = append(rows, against(what+", before", "client "+v, ours, theirs, 0))
			}
		}
	}
	return rows, nil
}

// throughHook returns how long the client in dir takes in the shell, in microseconds, with the function of exe's hook
// and without. The shell says when it starts one and when that has ended: not every shell has a clock for it.
func (l *lab) throughHook(sh *shell.Shell, exe, dir string) (ours, theirs []float64, err error) {
	driver, err := shells.Find(sh)
	if err != nil {
		return nil, nil, err
	}
	script := fmt.Sprintf(sh.Eval, "'"+exe+"' init "+sh.Name) + "\n"
	for range l.rounds {
		for _, hooked := range hookOrder {
			call := "command claude"
			if hooked {
				call = "claude"
			}
			script += "echo began\n" + call + " --version\n"
		}
	}
	file := filepath.Join(l.dir, "hook."+sh.Name)
	if err := os.WriteFile(file, []byte(script+"echo began\n"), 0o600); err != nil {
		return nil, nil, err
	}
	command := exec.Command(sh.Name, append(slices.Clone(sh.Bare), file)...)
	command.Env, command.Dir = l.env("PATH="+dir+":"+os.Getenv("PATH")), l.home
	for _, folder := range driver.Folders {
		if err := os.MkdirAll(filepath.Join(l.home, folder), 0o700); err != nil {
			return nil, nil, err
		}
	}
	out, err := command.StdoutPipe()
	if err != nil {
		return nil, nil, err
	}
	if err := command.Start(); err != nil {
		return nil, nil, err
	}
	var at []time.Time
	answers := 0
	for lines := bufio.NewScanner(out); lines.Scan(); {
		if lines.Text() == "began" {
			at = append(at, time.Now())
		} else {
			answers++
		}
	}
	if err := command.Wait(); err != nil {
		return nil, nil, fmt.Errorf("%s: %w", sh.Name, err)
	}
	if want := l.rounds * len(hookOrder); len(at) != want+1 || answers != want {
		return nil, nil, fmt.Errorf("%s: %d marks and %d answers of %d", sh.Name, len(at), answers, want)
	}
	for i := range at[1:] {
		to := &theirs
		if hookOrder[i%len(hookOrder)] {
			to = &ours
		}
		*to = append(*to, float64(at[i+1].Sub(at[i]).Nanoseconds())/1000)
	}
	return ours, theirs, nil
}
