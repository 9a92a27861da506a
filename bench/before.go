package main

import (
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/claude-auth/claude-auth/internal/standin/service"
	"github.com/claude-auth/claude-auth/internal/test/anthropic"
	"github.com/claude-auth/claude-auth/internal/test/realclient"
)

// beforeVariable names an older build of this program, at an absolute path.
const beforeVariable = "BENCH_BEFORE"

// before compares this program with that older build in `run -- -p` while the login is
// good and no renewal is due. Without the variable there is nothing to measure.
func before(l *lab) ([]row, error) {
	program := os.Getenv(beforeVariable)
	if program == "" {
		return nil, nil
	}
	nothing, err := l.client("nothing", "echo hi")
	if err != nil {
		return nil, err
	}
	r, err := l.both(program, "a client that does nothing", nothing, 4*l.rounds)
	if err != nil {
		return nil, err
	}
	rows := []row{r}
	server, err := l.server()
	if err != nil {
		return rows, err
	}
	defer server.Close()
	for _, v := range realclient.Watched() {
		client, err := realclient.Find(v)
		if err != nil {
			return rows, err
		}
		r, err := l.both(program, "client "+v, client, max(1, l.rounds/4), server.Environ()...)
		if err != nil {
			return rows, err
		}
		rows = append(rows, r)
	}
	return rows, nil
}

// both times `run -- -p hi` of this program and of the other one, each with a home of its own.
func (l *lab) both(program, name, client string, rounds int, env ...string) (row, error) {
	var processes []process
	for _, exe := range []string{l.exe, program} {
		home := filepath.Join(l.dir, "home-"+strings.ReplaceAll(exe, "/", "-"))
		if err := l.saveLogin(home, ""); err != nil {
			return row{}, err
		}
		processes = append(processes, process{envOf(home, append(env, "CLAUDE_AUTH_CLIENT="+client)...),
			[]string{exe, "run", "--", "-p", "hi"}})
	}
	t, err := l.inTurn(rounds, processes...)
	if err != nil {
		return row{}, err
	}
	r := against("run -- -p, "+name, "the program before", t[0].took, t[1].took, 1.01)
	if t[0].status != 0 || t[1].status != 0 {
		r.Note = "it failed"
	}
	return r, nil
}

// server plays Anthropic for the login that saveLogin writes.
func (l *lab) server() (*anthropic.Server, error) {
	s, err := service.Open(filepath.Join(l.dir, "service"), time.Now)
	if err != nil {
		return nil, err
	}
	if err := s.Accept(service.Login{Access: savedAccess, Refresh: savedRefresh}); err != nil {
		return nil, err
	}
	return anthropic.Start(s, s.Dir())
}
