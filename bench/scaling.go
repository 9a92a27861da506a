package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// scaling compares a command with a large file with the same command with a small one.
func scaling(l *lab) ([]row, error) {
	var rows []row
	for _, f := range []func(*lab) (row, error){largeCredentials, largeTranscript, largeLedger, largeHistory} {
		r, err := f(l)
		if err != nil {
			return rows, err
		}
		rows = append(rows, r)
	}
	return rows, nil
}

// smallAndLarge times the same command in two homes.
func (l *lab) smallAndLarge(rounds int, what, small, large string, args ...string) (row, error) {
	one := func(home string) process { return process{envOf(home), append([]string{l.exe}, args...)} }
	t, err := l.inTurn(rounds, one(large), one(small))
	if err != nil {
		return row{}, err
	}
	if t[0].status != t[1].status {
		return row{}, fmt.Errorf("%s: ends with %d, and with %d in the small case", what, t[0].status, t[1].status)
	}
	return against(what, "small", t[0].took, t[1].took, 3), nil
}

// homes makes the two homes.
func (l *lab) homes(name, more string) (small, large string, err error) {
	small, large = filepath.Join(l.dir, name+"-small"), filepath.Join(l.dir, name+"-large")
	if err := l.saveLogin(small, ""); err != nil {
		return "", "", err
	}
	return small, large, l.saveLogin(large, more)
}

func largeCredentials(l *lab) (row, error) {
	server := `"sk-FIXTURE-server|%d":{"serverName":"a server","accessToken":"FIXTURE",` +
		`"scopes":["read","write"],"expiresAt":1785000000000}`
	var servers []string
	for i := range 10_000_000 / len(server) {
		servers = append(servers, fmt.Sprintf(server, i))
	}
	small, large, err := l.homes("credentials", `,"mcpOAuth":{`+strings.Join(servers, ",")+`}`)
	if err != nil {
		return row{}, err
	}
	r, err := l.smallAndLarge(l.rounds, "status, 10 MB of credentials", small, large, "status", "--format", "json")
	r.Note = "linear: the document is checked to its end, or it could not be called good"
	return r, err
}

// largeTranscript lets `recover` find out what is wrong with a login that a session met as refused, and ends as it does
// where nobody can be asked.
func largeTranscript(l *lab) (row, error) {
	small, large, err := l.homes("transcript", "")
	if err != nil {
		return row{}, err
	}
	project := strings.NewReplacer("/", "-", ".", "-").Replace(l.home) // where the commands run
	const session = "5f1c7c1e-0000-4000-8000-000000000000"
	failure := `{"type":"user","timestamp":"2099-01-01T00:00:00.000Z","sessionId":"` + session +
		`","version":"2.1.330","message":{"role":"user","content":"go on"}}` + "\n" +
		`{"type":"assistant","error":"authentication_failed","isApiErrorMessage":true,` +
		`"timestamp":"2099-01-01T00:00:00.000Z","sessionId":"` + session +
		`","version":"2.1.330","message":{"role":"assistant","content":[{"type":"text",` +
		`"text":"Please run /login · API Error: 401 Invalid authentication credentials"}]}}` + "\n"
	line := `{"type":"assistant","timestamp":"2026-01-01T00:00:00.000Z","sessionId":"` + session +
		`","version":"2.1.330","message":{"role":"assistant","content":[{"type":"text","text":"` +
		strings.Repeat("All is well. ", 300) + `"}]}}` + "\n"
	for home, size := range map[string]int{small: 10_000, large: 1_000_000_000} {
		name := filepath.Join(home, ".claude", "projects", project, session+".jsonl")
		if err := writeFile(name, ""); err != nil {
			return row{}, err
		}
		if err := repeat(name, line, size, failure); err != nil {
			return row{}, err
		}
	}
	r, err := l.smallAndLarge(l.rounds, "recover's diagnosis, a transcript of 1 GB", small, large, "recover")
	return r, err
}

// repeat writes line into a file until it has size bytes, and then last.
func repeat(name, line string, size int, last string) error {
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_TRUNC, 0)
	if err != nil {
		return err
	}
	block := strings.Repeat(line, max(1, min(size, 1<<20)/len(line)))
	for written := 0; written < size && err == nil; written += len(block) {
		_, err = f.WriteString(block)
	}
	if err == nil {
		_, err = f.WriteString(last)
	}
	if closeErr := f.Close(); err == nil {
		err = closeErr
	}
	return err
}

const manyEvents = 100_000

// largeLedger is status after 100,000 events.
func largeLedger(l *lab) (row, error) {
	small, large, err := l.homes("ledger", "")
	if err != nil {
		return row{}, err
	}
	if err := l.fillLedger(large, manyEvents); err != nil {
		return row{}, err
	}
	return l.smallAndLarge(l.rounds, "status, a ledger of 100,000 events", small, large, "status", "--format", "json")
}

// largeHistory is a command that reads the whole ledger each time and writes nothing.
func largeHistory(l *lab) (row, error) {
	small, large, err := l.homes("history", "")
	if err != nil {
		return row{}, err
	}
	if err := l.fillLedger(large, manyEvents); err != nil {
		return row{}, err
	}
	r, err := l.smallAndLarge(max(1, l.rounds/10), "history, a ledger of 100,000 events", small, large, "history",
		"--json")
	r.Note = "linear: it prints every login that is kept, which is bounded: a ledger above 1 MiB is compacted"
	return r, err
}
