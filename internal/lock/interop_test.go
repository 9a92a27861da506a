package lock

import (
	"bufio"
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/claude-auth/claude-auth/internal/test/tools"
)

// npmModules is the variable that names a node_modules directory with proper-lockfile in it; make test provides it.
const npmModules = "CLAUDE_AUTH_TEST_NPM"

// node runs a script in node with npm's proper-lockfile as `lockfile` and the lock's directory as `path`.
func node(t *testing.T, path, script string) (*bufio.Reader, io.WriteCloser, *exec.Cmd) {
	t.Helper()
	modules := os.Getenv(npmModules)
	if _, err := os.Stat(filepath.Join(modules, "proper-lockfile")); modules == "" || err != nil {
		tools.Missing(t, "npm's proper-lockfile ("+npmModules+" names its node_modules; make lockfile)")
	}
	cmd := exec.Command("node", "-e", `
		const lockfile = require(process.argv[1]), path = process.argv[2], fs = require("fs")
		const options = {lockfilePath: path, realpath: false}
		const ended = new Promise(done => process.stdin.on("end", done).resume())
		;(async () => {`+script+`})().then(() => process.exit(0), e => { console.log(e.code); process.exit(1) })`,
		filepath.Join(modules, "proper-lockfile"), path)
	cmd.Stderr = os.Stderr
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	return bufio.NewReader(stdout), stdin, cmd
}

func says(t *testing.T, r *bufio.Reader) string {
	t.Helper()
	line, err := r.ReadString('\n')
	if err != nil {
		t.Fatalf("node said %q: %v", line, err)
	}
	return strings.TrimSpace(line)
}

func TestProperLockfileRespectsOurs(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.lock")
	l := mustTake(t, path, options{})
	out, _, _ := node(t, path, `await lockfile.lock(path, options)`)
	if got := says(t, out); got != "ELOCKED" {
		t.Errorf("node says %q", got)
	}
	if err := l.check(); err != nil {
		t.Error(err)
	}
}

func TestWeRespectProperLockfiles(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.lock")
	out, in, _ := node(t, path, `
		const release = await lockfile.lock(path, options)
		console.log("holding"); await ended; await release(); console.log("released")`)
	if got := says(t, out); got != "holding" {
		t.Fatalf("node says %q", got)
	}
	if _, err := tryTake(context.Background(), path, options{}); !errors.As(err, new(*HeldError)) {
		t.Errorf("%v", err)
	}
	in.Close()
	if got := says(t, out); got != "released" {
		t.Errorf("node says %q", got)
	}
	mustTake(t, path, options{})
}

func TestProperLockfileNoticesThatWeTookItsStaleLock(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.lock")
	out, _, _ := node(t, path, `
		await lockfile.lock(path, {...options, stale: 2000, onCompromised: e => { console.log(e.code); process.exit(0) }})
		console.log("holding"); await new Promise(() => setInterval(() => {}, 1000))`)
	if got := says(t, out); got != "holding" {
		t.Fatalf("node says %q", got)
	}
	eventually(t, "the lock looks stale to us", func() bool { // its mtime set back, as if node had been stopped
		setAge(t, path, time.Hour)
		l, err := tryTake(context.Background(), path, options{})
		if err == nil {
			t.Cleanup(func() { _ = l.release() })
		}
		return err == nil
	})
	if got := says(t, out); got != "ECOMPROMISED" {
		t.Errorf("node says %q", got)
	}
}

func TestCountTogetherWithProperLockfile(t *testing.T) {
	dir := t.TempDir()
	path, file := filepath.Join(dir, "x.lock"), filepath.Join(dir, "number")
	if err := os.WriteFile(file, []byte("0"), 0o600); err != nil {
		t.Fatal(err)
	}
	const times = 40
	out, _, _ := node(t, path, `
		const retries = {retries: 10000, minTimeout: 1, maxTimeout: 5}, file = path.replace("x.lock", "number")
		for (let i = 0; i < `+strconv.Itoa(times)+`; i++) {
			const release = await lockfile.lock(path, {...options, retries})
			fs.writeFileSync(file, String(Number(fs.readFileSync(file)) + 1))
			await release()
		}
		console.log("done")`)
	var ours []*process
	for range 2 {
		ours = append(ours, start(t, "count", path, file, strconv.Itoa(times)))
	}
	for _, p := range ours {
		if err := p.end(); err != nil {
			t.Error(err)
		}
	}
	if got := says(t, out); got != "done" {
		t.Errorf("node says %q", got)
	}
	if data, err := os.ReadFile(file); err != nil || string(data) != strconv.Itoa(3*times) {
		t.Errorf("counted to %s, %v; want %d", data, err, 3*times)
	}
}
