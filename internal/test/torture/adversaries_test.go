//go:build linux

package torture

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/claude-auth/claude-auth/internal/test/harness"
)

// theirs is another user than user.
const theirs = user + 1

func needRoot(t *testing.T) {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("only root can be two users")
	}
}

// shared is a home whose credentials lie in a directory that everybody may write to, as /tmp.
func shared(t *testing.T) (p *place, dir string) {
	needRoot(t)
	p = newPlace(t)
	dir = filepath.Join(p.root, "shared")
	must(t, os.Mkdir(dir, 0o777))
	p.file = filepath.Join(dir, ".credentials.json")
	must(t, os.WriteFile(p.file, p.old, 0o600))
	p.env = append(p.env, "CLAUDE_CONFIG_DIR="+dir)
	p.giveTo(t, user)
	must(t, os.Chown(dir, 0, 0))
	must(t, os.Chmod(dir, os.ModeSticky|0o777))
	return p, dir
}

func give(t *testing.T, path string, uid int, age time.Duration) {
	t.Helper()
	must(t, os.Lchown(path, uid, uid))
	at := unix.NsecToTimespec(time.Now().Add(-age).UnixNano())
	must(t, unix.UtimesNanoAt(unix.AT_FDCWD, path, []unix.Timespec{at, at}, unix.AT_SYMLINK_NOFOLLOW))
}

// writeLock puts the client's write lock into a directory, as of another user, with a change time that lies age back.
func writeLock(age time.Duration) func(t *testing.T, dir string) string {
	return func(t *testing.T, dir string) string {
		path := filepath.Join(dir, ".storage-write.lock")
		must(t, os.Mkdir(path, 0o755))
		give(t, path, theirs, age)
		return path
	}
}

// TestSharedDirectory: what somebody else has put beside the file neither stops the program for ever, nor is it
// removed, followed or believed.
func TestSharedDirectory(t *testing.T) {
	beside(t)
	cases := []struct {
		name   string
		put    func(t *testing.T, dir string) string // returns what must stay as it is
		status int
		says   string
	}{
		{"temporaries", func(t *testing.T, dir string) string {
			path := filepath.Join(dir, ".claude-auth.tmp.fc5c4cef.0123456789abcdef")
			must(t, os.WriteFile(path, []byte("theirs"), 0o600))
			give(t, path, theirs, time.Hour)
			return path
		}, 0, "Removed from"},
		{"a live lock", writeLock(-5 * time.Minute), 75, "wrong clock"}, // from the future: it never goes stale by itself
		{"a stale lock that only its owner can remove", writeLock(time.Hour), 1, "not permitted"},
		{"a link in a lock's place", func(t *testing.T, dir string) string {
			path := filepath.Join(dir, ".oauth_refresh.lock")
			must(t, os.Symlink("/etc", path))
			give(t, path, theirs, time.Hour)
			return path
		}, 1, "symbolic link"},
		{"an owner file that names a live process", func(t *testing.T, dir string) string {
			must(t, os.WriteFile(filepath.Join(dir, ".oauth_refresh.lock.owner"),
				fmt.Appendf(nil, `{"pid":%d,"procStart":"1","lockBirthtimeMs":1}`, os.Getpid()), 0o644))
			path := filepath.Join(dir, ".oauth_refresh.lock")
			must(t, os.Mkdir(path, 0o755))
			give(t, path, theirs, -5*time.Minute)
			return path
		}, 75, "wrong clock"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel() // two of them wait for a lock
			p, dir := shared(t)
			stays := c.put(t, dir)
			before, err := os.Lstat(stays)
			must(t, err)
			r := p.tool("wipe")
			if r.status != c.status || !strings.Contains(r.out+r.err, c.says) {
				t.Errorf("wipe, want status %d and %q: %s", c.status, c.says, r)
			}
			after, err := os.Lstat(stays)
			if err != nil || !os.SameFile(before, after) || !after.ModTime().Equal(before.ModTime()) {
				t.Errorf("%s was touched: %v", stays, err)
			}
			if r.status != 0 && !bytes.Equal(read(p.file), p.old) {
				t.Error("a refusal has changed the file")
			}
		})
	}
}

// TestStateOfSomebodyElse: a state directory that another user has prepared is not written to, and no backup from it is
// believed: it could hold a login of theirs. Backups are kept beside the credentials file then.
func TestStateOfSomebodyElse(t *testing.T) {
	needRoot(t)
	for name, prepare := range map[string]func(t *testing.T, p *place){
		"theirs": func(t *testing.T, p *place) {
			must(t, os.Chmod(p.state(), 0o777))
			must(t, os.Chown(p.state(), theirs, theirs))
		},
		"writable by all": func(t *testing.T, p *place) { must(t, os.Chmod(p.state(), 0o777)) },
	} {
		t.Run(name, func(t *testing.T) {
			p := newPlace(t)
			must(t, os.MkdirAll(p.state(), 0o700))
			p.giveTo(t, user)
			prepare(t, p)
			for _, args := range [][]string{{"wipe"}, {"undo"}, {"set", "futureKey", "1"}, {"undo"}} {
				r := p.tool(args...)
				if r.status != 0 || !strings.Contains(r.err, "~/.local/state/claude-auth") {
					t.Errorf("%v: %s", args, r)
				}
				if args[0] == "undo" != bytes.Equal(read(p.file), p.old) {
					t.Errorf("%v: the document is not what it should be", args)
				}
			}
			if entries, err := os.ReadDir(p.state()); err != nil || len(entries) > 0 {
				t.Errorf("written there: %v, %v", entries, err)
			}
		})
	}
}

// nasty acts on a terminal in every way that is known: it sets the title, clears, asks for an answer to be typed, in
// seven and in eight bits, and turns the direction of writing round.
const nasty = "\x1b]0;pwned\a\x1b[2J\x1b[6n\x9b31m\u009b31m\u202egnp.exe\r\n\b\x7f"

// acts reports whether a text would do anything to a terminal but print.
func acts(text string) bool {
	return strings.ContainsAny(text, "\x1b\a\b\x7f\r\u009b\u202e") || strings.Contains(text, "\x9b")
}

// TestNothingPrintedActs: what the document, a transcript, the rules and names hold is never printed raw.
func TestNothingPrintedActs(t *testing.T) {
	p := newPlace(t)
	quoted, err := json.Marshal(nasty)
	must(t, err)
	document := fmt.Sprintf(`{"claudeAiOauth":{"accessToken":%q,"refreshToken":%q,"expiresAt":1,"scopes":[%s],`+
		`"subscriptionType":%[3]s,"rateLimitTier":%[3]s},%[3]s:{%[3]s:%[3]s},"organizationUuid":%[3]s}`,
		harness.OldAccess, harness.OldRefresh, quoted)
	must(t, os.WriteFile(p.credentials(), []byte(document), 0o600))
	transcripts := filepath.Join(p.config(), "projects", strings.NewReplacer("/", "-", ".", "-", "_", "-").Replace(p.dir))
	must(t, os.MkdirAll(transcripts, 0o700))
	line := fmt.Sprintf(`{"type":"assistant","error":"authentication_failed","isApiErrorMessage":true,"timestamp":%q,`+
		`"sessionId":%s,"version":%[2]s,"message":{"content":[{"type":"text","text":%s}]}}`+"\n",
		time.Now().Add(time.Minute).UTC().Format(time.RFC3339), quoted,
		mustJSON(t, "Please run /login · API Error: 401 Invalid authentication credentials"+nasty))
	must(t, os.WriteFile(filepath.Join(transcripts, "11111111-2222-4333-8444-555555555555.jsonl"), []byte(line), 0o600))
	must(t, os.MkdirAll(filepath.Join(p.dir, ".config", "claude-auth"), 0o700))
	must(t, os.WriteFile(filepath.Join(p.dir, ".config", "claude-auth", "rules"), []byte(nasty+"\n"), 0o600))
	must(t, os.WriteFile(filepath.Join(p.config(), "settings.json"),
		fmt.Appendf(nil, `{"env":{%s:%s},"apiKeyHelper":%[2]s}`, quoted, quoted), 0o600))
	for _, args := range [][]string{
		{"status"}, {"status", "--format", "prompt"}, {"status", "--format", "porcelain"},
		{"status", "--format", "prometheus"}, {"show"}, {"get", "claudeAiOauth"},
		{"get", "organizationUuid"}, {"doctor"}, {"why"}, {"recover"}, {"wipe", "--dry-run"}, {"wipe"}, {"backups"},
		{"history"}, {"undo"}, {"unset", nasty}, {"set", nasty, "1"},
		{"backups", "restore", nasty}, {nasty}, {"help", nasty}, {"status", "--format", nasty},
		{"--file", "/nowhere/" + nasty, "status"},
	} {
		r := p.tool(args...)
		if r.hung || acts(r.out) || acts(r.err) {
			t.Errorf("%q: %q %q", args, r.out, r.err)
		}
	}
}

func mustJSON(t *testing.T, v any) []byte {
	t.Helper()
	text, err := json.Marshal(v)
	must(t, err)
	return text
}

// TestHostileFiles: what the program reads beside the credentials may be a FIFO, a device, or endless: nothing hangs.
func TestHostileFiles(t *testing.T) {
	for name, put := range map[string]func(string) error{
		"fifo":      func(path string) error { return unix.Mkfifo(path, 0o600) },
		"directory": func(path string) error { return os.Mkdir(path, 0o700) },
		"loop":      func(path string) error { return os.Symlink(filepath.Base(path), path) },
		"endless":   func(path string) error { return sparse(path, 1<<32) },
	} {
		t.Run(name, func(t *testing.T) {
			for _, file := range []string{
				".claude.json", ".claude/settings.json", ".claude/.oauth_refresh.lock.owner",
				".config/claude-auth/rules", ".bashrc", ".local/state/claude-auth/ledger.jsonl",
				".local/state/claude-auth/seen", ".local/state/claude-auth/answers", ".local/state/claude-auth/key",
				".local/state/claude-auth/backups/20260101-000000-abcdef.json", ".local/state/claude-auth/attempt.lock",
			} {
				p := newPlace(t)
				path := filepath.Join(p.dir, file)
				must(t, os.MkdirAll(filepath.Dir(path), 0o700))
				must(t, put(path))
				commands := [][]string{
					{"status"}, {"status", "--format", "prompt"}, {"doctor"}, {"why"}, {"history"}, {"backups"}, {"wipe"}, {"undo"},
					{"recover"}, {"install", "bash"},
				}
				for _, args := range commands {
					if r := p.tool(args...); r.hung || r.status < 0 || r.status > 128 || strings.Contains(r.err, "goroutine ") {
						t.Errorf("%s, %v: %s", file, args, r)
					}
				}
				if data := read(p.credentials()); !bytes.Contains(data, []byte("FIXTURE-mcp-access")) {
					t.Errorf("%s: the document is lost", file)
				}
			}
		})
	}
}

func sparse(path string, size int64) error {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer file.Close()
	return file.Truncate(size)
}

// TestHostilePath: a program in the current directory, or named like a command of ours, is not run.
func TestHostilePath(t *testing.T) {
	p := newPlace(t)
	script := []byte("#!/bin/sh\ntouch \"$HOME/ran\"\n")
	for _, name := range []string{"claude", "claude-auth-foo", "claude-auth-wipe", "sh", "git"} {
		must(t, os.WriteFile(filepath.Join(p.dir, name), script, 0o755))
	}
	for _, path := range []string{".:/usr/bin:/bin", ":/usr/bin:/bin", "../home:/usr/bin:/bin"} {
		commands := [][]string{
			{"foo"}, {"login"}, {"recover", "--yes"}, {"run", "--", "-p", "hi"}, {"doctor"}, {"wipe", "--dry-run"},
		}
		for _, args := range commands {
			p.runWith([]string{"PATH=" + path}, "claude-auth", args...)
			if _, err := os.Lstat(filepath.Join(p.dir, "ran")); err == nil {
				t.Fatalf("PATH=%s %v ran a program of the current directory", path, args)
			}
		}
	}
	p.runWith([]string{"PATH=" + p.dir + ":/usr/bin:/bin"}, "claude-auth", "wipe", "--dry-run")
	if _, err := os.Lstat(filepath.Join(p.dir, "ran")); err == nil {
		t.Error("claude-auth-wipe took the place of wipe")
	}
	if !bytes.Equal(read(p.file), p.old) {
		t.Error("the document was changed")
	}
}

// TestNothingInProc: no token stands in the arguments or the environment of the program or of the client that it
// starts, beyond what was inherited, and the program cannot be dumped or looked into by others of its user.
func TestNothingInProc(t *testing.T) {
	p := newPlace(t)
	bin := filepath.Join(p.root, "bin")
	must(t, os.Mkdir(bin, 0o755))
	// A client that writes down what can be seen of itself and of the program above it, and waits to be looked at.
	client := "#!/bin/sh\nfor pid in $$ $PPID; do cat /proc/$pid/cmdline /proc/$pid/environ; echo; done >>\"$SEEN\" " +
		"2>/dev/null\n" +
		"echo $PPID >\"$SEEN.pid.tmp\" && mv \"$SEEN.pid.tmp\" \"$SEEN.pid\"\n" +
		"while [ ! -e \"$SEEN.go\" ]; do sleep 0.05; done\nexit 1\n"
	must(t, os.WriteFile(filepath.Join(bin, "claude"), []byte(client), 0o755))
	seen := filepath.Join(p.root, "seen")
	p.env = append(p.env, "PATH="+bin+":/usr/bin:/bin", "SEEN="+seen)
	if os.Geteuid() == 0 {
		p.giveTo(t, user) // root's own processes have root's files in /proc anyway
	}
	commands := [][]string{
		{"renew"}, {"login"}, {"run", "--mode", "off", "--", "-p", "hi"}, {"run", "--", "-p", "hi"}, {"recover", "--yes"},
	}
	for _, args := range commands {
		for _, name := range []string{seen + ".pid", seen + ".go"} {
			_ = os.Remove(name)
		}
		ended := make(chan result, 1)
		go func() { ended <- p.tool(args...) }() // its end is awaited below
		owner, there := procOwner(seen+".pid", ended)
		must(t, os.WriteFile(seen+".go", nil, 0o644))
		r := result{}
		if there {
			r = <-ended
		}
		if args[0] != "recover" && !there {
			t.Errorf("%v did not start the client", args)
		}
		if there && args[0] == "login" && owner != 0 {
			t.Errorf("%v can be dumped: the owner of its /proc/<pid>/environ is %d", args, owner)
		}
		if harness.Marked([]byte(r.out + r.err)) {
			t.Errorf("%v prints a token", args)
		}
	}
	if text := read(seen); len(text) == 0 || harness.Marked(text) {
		t.Errorf("a token can be seen in /proc, or nothing was seen: %d bytes", len(text))
	}
}

// procOwner waits for the client to name the process above it, and returns whose that process's environment is: root's,
// when it is not dumpable. It is false when the command ended without a client.
func procOwner(path string, ended chan result) (uint32, bool) {
	for {
		select {
		case r := <-ended:
			ended <- r
			return 0, false
		case <-time.After(10 * time.Millisecond):
		}
		if text := read(path); text != nil {
			var stat syscall.Stat_t
			if syscall.Stat("/proc/"+strings.TrimSpace(string(text))+"/environ", &stat) != nil {
				return 0, true
			}
			return stat.Uid, true
		}
	}
}
