package ledger_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/claude-auth/claude-auth/internal/ledger"
	"github.com/claude-auth/claude-auth/internal/secret"
)

// The test binary is its own helper process: these variables say which part it plays.
const (
	envPart = "LEDGER_TEST_PART"
	envPath = "LEDGER_TEST_PATH"
	envWho  = "LEDGER_TEST_WHO"
)

const perProcess = 60 // events that each appending process writes

func events(l *ledger.Ledger) ([]ledger.Event, error) {
	replay, err := l.Replay()
	if err != nil {
		return nil, err
	}
	return replay.Events(), nil
}

func TestMain(m *testing.M) {
	switch os.Getenv(envPart) {
	case "append":
		appendMany(os.Getenv(envPath), os.Getenv(envWho))
	case "notify":
		first, err := open(os.Getenv(envPath)).NotifyOnce("on-rejected", "/f", ledger.LoginID{Access: "a"})
		fmt.Println(first, err)
	default:
		os.Exit(m.Run())
	}
}

var key = secret.Key("a key for tests")

func open(path string) *ledger.Ledger { return ledger.New(path, key, time.Now) }

func part(t *testing.T, name, path, who string) *exec.Cmd {
	t.Helper()
	command := exec.Command(os.Args[0])
	command.Env = append(os.Environ(), envPart+"="+name, envPath+"="+path, envWho+"="+who)
	return command
}

func appendMany(path, who string) {
	l := open(path)
	for i := range perProcess {
		e := ledger.Event{
			Kind: ledger.Attempted, Login: ledger.LoginID{Access: who}, Detail: map[string]string{"n": strconv.Itoa(i)},
		}
		if err := l.Append(e); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
}

func TestManyProcessesLoseNothing(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state", "ledger.jsonl")
	const processes = 12
	var commands []*exec.Cmd
	for who := range processes {
		command := part(t, "append", path, strconv.Itoa(who))
		command.Stderr = os.Stderr
		if err := command.Start(); err != nil {
			t.Fatal(err)
		}
		commands = append(commands, command)
	}
	for _, command := range commands {
		if err := command.Wait(); err != nil {
			t.Fatal(err)
		}
	}
	events, err := events(open(path))
	if err != nil || len(events) != processes*perProcess {
		t.Fatalf("%d events, %v; want %d", len(events), err, processes*perProcess)
	}
	next := map[string]int{}
	for _, e := range events {
		if e.Detail["n"] != strconv.Itoa(next[e.Login.Access]) {
			t.Fatalf("process %s: event %s came when %d was due", e.Login.Access, e.Detail["n"], next[e.Login.Access])
		}
		next[e.Login.Access]++
	}
	for _, name := range []string{"ledger.jsonl", "ledger.lock"} {
		if info, err := os.Stat(filepath.Join(filepath.Dir(path), name)); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v, %v; want mode 0600", name, info.Mode(), err)
		}
	}
}

// What the shells have in the state file of package prompt holds until something happens.
func TestAnEventTakesTheSegmentBack(t *testing.T) {
	dir := t.TempDir()
	state := filepath.Join(dir, "prompt")
	if err := os.WriteFile(state, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := open(filepath.Join(dir, "ledger.jsonl")).Append(ledger.Event{Kind: ledger.Rejected}); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(state); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("it is still there: %v", err)
	}
}

func TestTornLastLine(t *testing.T) {
	whole := `{"time":"2026-01-02T03:04:05.000Z","kind":"rejected","access":"aa","file":"/f"}`
	for name, c := range map[string]struct {
		tail string
		want int // events, the appended one included
	}{
		"cut in the middle":    {whole + "\n" + whole[:30], 2},
		"only the newline":     {whole, 2},
		"nul bytes":            {whole + "\n\x00\x00\x00\x00", 2},
		"no whole line at all": {whole[:30], 1},
		"garbage with newline": {"garbage\n" + whole + "\n", 2},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "ledger.jsonl")
			if err := os.WriteFile(path, []byte(c.tail), 0o600); err != nil {
				t.Fatal(err)
			}
			before, err := events(open(path))
			if err != nil || len(before) != c.want-1 {
				t.Errorf("read %d events, %v; want %d", len(before), err, c.want-1)
			}
			if err := open(path).Append(ledger.Event{Kind: ledger.Wiped, File: "/f"}); err != nil {
				t.Fatal(err)
			}
			after, err := events(open(path))
			if err != nil || len(after) != c.want || after[c.want-1].Kind != ledger.Wiped {
				t.Errorf("after an append: %v, %v; want %d events", after, err, c.want)
			}
			text, _ := os.ReadFile(path)
			if bytes.Contains(text, []byte{0}) || !bytes.HasSuffix(text, []byte("\n")) {
				t.Errorf("not healed: %q", text)
			}
		})
	}
}

func TestNoTokenIsWritten(t *testing.T) {
	const token = "sk-ant-oat01-FIXTURE-ledger"
	dir := t.TempDir()
	l := open(filepath.Join(dir, "ledger.jsonl"))
	refresh := secret.New("sk-ant-ort01-FIXTURE-ledger")
	if _, err := l.Observe(ledger.Observation{File: "/f", Access: secret.New(token), Refresh: refresh}); err != nil {
		t.Fatal(err)
	}
	detail := map[string]string{"phrase": "401 for Bearer " + token, "long": strings.Repeat("ä", 600)}
	err := l.Append(ledger.Event{Kind: ledger.Rejected, File: "/f", Detail: detail})
	if err != nil {
		t.Fatal(err)
	}
	names, _ := os.ReadDir(dir)
	if len(names) != 3 {
		t.Errorf("files %v; want ledger.jsonl, ledger.lock and seen", names)
	}
	for _, name := range names {
		if text, _ := os.ReadFile(filepath.Join(dir, name.Name())); bytes.Contains(text, []byte("FIXTURE")) {
			t.Errorf("%s holds a token: %s", name.Name(), text)
		}
		if info, err := name.Info(); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: mode %v, %v", name.Name(), info.Mode(), err)
		}
	}
	events, _ := events(l)
	if long := events[1].Detail["long"]; len(long) > 520 || !strings.HasSuffix(long, "ä…") {
		t.Errorf("a long detail became %d bytes ending in %q", len(long), long[len(long)-8:])
	}
}

func TestNotARegularFile(t *testing.T) {
	dir := t.TempDir()
	victim := filepath.Join(dir, "victim")
	if err := os.WriteFile(victim, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(victim, filepath.Join(dir, "ledger.jsonl")); err != nil {
		t.Fatal(err)
	}
	if err := open(filepath.Join(dir, "ledger.jsonl")).Append(ledger.Event{Kind: ledger.Wiped}); err == nil {
		t.Error("wrote through a symbolic link")
	}
	if err := os.Mkdir(filepath.Join(dir, "d"), 0o700); err != nil {
		t.Fatal(err)
	}
	if _, err := ledger.New(filepath.Join(dir, "d"), key, time.Now).Observe(ledger.Observation{File: "/f"}); err == nil {
		t.Error("a directory is no ledger")
	}
}

func TestNotifyOnce(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ledger.jsonl")
	var commands []*exec.Cmd
	outputs := make([]bytes.Buffer, 8)
	for i := range outputs {
		command := part(t, "notify", path, "")
		command.Stdout = &outputs[i]
		if err := command.Start(); err != nil {
			t.Fatal(err)
		}
		commands = append(commands, command)
	}
	firsts := 0
	for i, command := range commands {
		if err := command.Wait(); err != nil {
			t.Error(err)
		}
		switch outputs[i].String() {
		case "true <nil>\n":
			firsts++
		case "false <nil>\n":
		default:
			t.Errorf("process %d said %q", i, outputs[i].String())
		}
	}
	if firsts != 1 {
		t.Errorf("%d were the first", firsts)
	}
	l := open(path)
	for what, want := range map[string]bool{"on-rejected": false, "another": true} {
		if first, err := l.NotifyOnce(what, "/f", ledger.LoginID{Access: "a"}); err != nil || first != want {
			t.Errorf("NotifyOnce(%s) = %v, %v", what, first, err)
		}
	}
	if first, _ := l.NotifyOnce("on-rejected", "/f", ledger.LoginID{Access: "b"}); !first {
		t.Error("another login counts as the same")
	}
}
