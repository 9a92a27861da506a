package main

import (
	"fmt"
	"os"
	"os/exec"
	"time"
)

const (
	warming    = 300
	keystrokes = 3000
)

// keystroke measures how long a key takes to a client and its echo back, through `run` and through script.
func keystroke(l *lab) ([]row, error) {
	client, err := l.client("echo",
		fmt.Sprintf("stty raw -echo; printf R; exec dd bs=1 count=%d 2>/dev/null", warming+keystrokes))
	if err != nil {
		return nil, err
	}
	ours, err := l.echo([]string{l.exe, "run", "--"}, "CLAUDE_AUTH_CLIENT="+client)
	if err != nil {
		return nil, err
	}
	defer ours.close()
	theirs, err := l.echo([]string{"script", "-qefc", client, "/dev/null"})
	if err != nil {
		return nil, err
	}
	defer theirs.close()
	for i := range warming + keystrokes {
		first, second := ours, theirs
		if i%2 == 1 {
			first, second = theirs, ours
		}
		for _, e := range []*echo{first, second} {
			if err := e.key(i < warming); err != nil {
				return nil, err
			}
		}
	}
	rows := []row{against("keystroke round trip, median", "script", ours.took, theirs.took, 1.05)}
	p99 := row{What: "keystroke round trip, p99", Against: "script", Ours: percentile(ours.took, 99),
		Theirs: percentile(theirs.took, 99), Unit: "µs", AtMost: 1.5}
	p99.Ratio = p99.Ours / p99.Theirs
	return append(rows, p99), nil
}

// echo is a program on a terminal that writes back what is typed.
type echo struct {
	terminal *os.File
	command  *exec.Cmd
	took     []float64 // microseconds
}

func (l *lab) echo(args []string, env ...string) (*echo, error) {
	terminal, command, err := l.onTerminal(args, env...)
	if err != nil {
		return nil, err
	}
	e := &echo{terminal: terminal, command: command}
	for b := make([]byte, 1); b[0] != 'R'; { // the client has set its terminal
		if _, err := terminal.Read(b); err != nil {
			e.close()
			return nil, fmt.Errorf("%s: %w", args[0], err)
		}
	}
	return e, nil
}

// key types a key and waits for it to come back.
func (e *echo) key(warm bool) error {
	b := []byte{'x'}
	began := time.Now()
	if _, err := e.terminal.Write(b); err != nil {
		return err
	}
	if _, err := e.terminal.Read(b); err != nil {
		return err
	}
	if !warm {
		e.took = append(e.took, float64(time.Since(began).Nanoseconds())/1000)
	}
	return nil
}

// close ends the program, unless it has ended by itself after the last key: script ignores a hangup.
func (e *echo) close() {
	_ = e.terminal.Close()
	_ = e.command.Process.Kill()
	_ = e.command.Wait() // killed, or hung up
}
