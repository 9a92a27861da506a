package main

import "time"

// start measures processes that answer and end.
func start(l *lab) ([]row, error) {
	env := l.env()
	prompt := process{env, []string{l.exe, "status", "--format", "prompt"}}
	document := process{env, []string{l.exe, "status", "--format", "json"}}
	floor := process{env, []string{l.floor, credentials(l.home)}}
	// The first answer is worked out, and kept once the files have not changed for a moment. Prompts wait for the others.
	time.Sleep(100 * time.Millisecond)
	if _, err := l.inTurn(1, prompt); err != nil {
		return nil, err
	}
	t, err := l.inTurn(l.rounds, prompt, floor)
	if err != nil {
		return nil, err
	}
	rows := []row{
		against("status --format prompt", "static C", t[0].took, t[1].took, 3.3),
		{What: "its resident set", Ours: t[0].resident / 1024, Unit: "MiB", Ratio: t[0].resident * 1024 / 1e6, AtMost: 5,
			Note: "(ratio: MB)"},
	}
	t, err = l.inTurn(l.rounds, prompt, document, process{env, []string{"zoxide", "add", l.home}},
		process{env, []string{"direnv", "export", "bash"}})
	if err != nil {
		return rows, err
	}
	return append(rows,
		against("status --format prompt", "zoxide add", t[0].took, t[2].took, 1.3),
		against("status --format prompt", "direnv export bash", t[0].took, t[3].took, 0.75),
		against("status --format json", "direnv export bash", t[1].took, t[3].took, 1.0),
	), nil
}
