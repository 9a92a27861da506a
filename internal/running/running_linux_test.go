package running

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/claude-auth/claude-auth/internal/lock"
	"github.com/claude-auth/claude-auth/internal/paths"
)

// sleeper starts a process that does nothing under the name of the client, until the test ends.
func sleeper(t *testing.T, env []string) int {
	t.Helper()
	command := exec.Command("/bin/sh", "-c", "read line")
	command.Args[0] = "claude"
	command.Env = env
	in, err := command.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		in.Close()
		_ = command.Wait()
	})
	pid := command.Process.Pid
	for read(fmt.Sprintf("/proc/%d/environ", pid), 1) == "" { // the kernel has not set it yet, right after the start
		time.Sleep(time.Millisecond)
	}
	return pid
}

func find(p paths.Paths) map[int]Kind {
	found := map[int]Kind{}
	for _, c := range Find(p, time.Now().Add(time.Second)) {
		found[c.PID] = c.Kind
	}
	return found
}

func TestFind(t *testing.T) {
	home := t.TempDir()
	env := []string{"HOME=" + home, "PATH=/bin:/usr/bin"}
	p, err := paths.Resolve(paths.New(env), "")
	if err != nil {
		t.Fatal(err)
	}
	notes := filepath.Join(p.ConfigDir, "sessions")
	if err := os.MkdirAll(notes, 0o700); err != nil {
		t.Fatal(err)
	}
	pid := sleeper(t, env)
	start, now := lock.ProcessOf(pid).Start(), time.Now().UnixMilli()
	const form = `{"pid":%d,"procStart":%q,"startedAt":%d,"kind":%q,"entrypoint":%q,"pidDomain":%q,"jobId":"1a2b3c4d"}`
	for _, test := range []struct {
		note string
		kind Kind // "" for one that does not count
	}{
		{fmt.Sprintf(form, pid, start, now, "interactive", "cli", ""), Session},
		{fmt.Sprintf(form, pid, start, now, "interactive", "sdk-cli", ""), Print},
		{fmt.Sprintf(form, pid, start, now, "interactive", "claude-vscode", ""), Editor},
		{fmt.Sprintf(form, pid, start, now, "interactive", "sdk-py", ""), Program},
		{fmt.Sprintf(form, pid, start, now, "bg", "cli", ""), Background},
		{fmt.Sprintf(form, pid, "1", now, "interactive", "cli", ""), ""},                               // of another process
		{fmt.Sprintf(form, pid, "", now-int64(time.Hour/time.Millisecond), "bg", "cli", ""), ""},       // likewise
		{fmt.Sprintf(form, pid, start, now, "interactive", "cli", "linux:other:pid:[4026531836]"), ""}, // in a container
		{fmt.Sprintf(form, pid+1, start, now, "interactive", "cli", ""), ""},                           // of another pid
		{`{"pid":`, ""},
	} {
		if err := os.WriteFile(filepath.Join(notes, fmt.Sprint(pid)+".json"), []byte(test.note), 0o600); err != nil {
			t.Fatal(err)
		}
		if got := find(p)[pid]; got != test.kind {
			t.Errorf("%s: found %q, want %q", test.note, got, test.kind)
		}
	}
	if older := Find(p, time.Now().Add(-time.Hour)); len(older) > 0 {
		t.Errorf("clients that began an hour ago: %v", older)
	}
}

func TestKindOf(t *testing.T) {
	for _, test := range []struct {
		kind Kind
		args []string
	}{
		{Serve, []string{"claude", "mcp", "serve"}},
		{Serve, []string{"/usr/bin/node", "/usr/bin/claude", "--debug", "mcp", "serve"}},
		{Remote, []string{"/home/pat/.local/bin/claude", "remote-control", "--name", "x"}},
		{Remote, []string{"claude", "rc"}},
		{"", []string{"claude", "mcp", "list"}},
		{"", []string{"claude"}},
		{"", []string{"vim", "claude", "mcp", "serve"}},
		{"", []string{""}},
	} {
		if got := kindOf(test.args); got != test.kind {
			t.Errorf("%q: %q, want %q", test.args, got, test.kind)
		}
	}
}

// A client with another home, or another directory, is not one of ours.
func TestOurs(t *testing.T) {
	home := t.TempDir()
	env := []string{"HOME=" + home}
	p, err := paths.Resolve(paths.New(env), "")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(p.ConfigDir, 0o700); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		env  []string
		want bool
	}{
		{env, true},
		{[]string{"HOME=/nowhere"}, false},
		{append(env, "CLAUDE_CONFIG_DIR="+home), false},
		{append(env, "CLAUDE_SECURESTORAGE_CONFIG_DIR="+home), false}, // the copy of a keeper
	} {
		pid := sleeper(t, test.env)
		if got := isOurs(fmt.Sprint(pid), p); got != test.want {
			t.Errorf("%v: %v, want %v", test.env, got, test.want)
		}
	}
}
