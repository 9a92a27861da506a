package main

import "github.com/claude-auth/claude-auth/internal/test/realclient"

// version measures a command for which `run`, called by a script, only replaces itself by the client.
func version(l *lab) ([]row, error) {
	var rows []row
	for _, v := range realclient.Watched() {
		client, err := realclient.Find(v)
		if err != nil {
			return rows, err
		}
		t, err := l.inTurn(l.rounds,
			process{l.env("CLAUDE_AUTH_CLIENT=" + client), []string{l.exe, "run", "--", "--version"}},
			process{l.env(), []string{client, "--version"}})
		if err != nil {
			return rows, err
		}
		rows = append(rows, against("run -- --version", "client "+v, t[0].took, t[1].took, 1.02))
	}
	return rows, nil
}
