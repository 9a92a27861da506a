package testscripts

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/claude-auth/claude-auth/internal/claude"
	"github.com/claude-auth/claude-auth/internal/test/harness"
	"github.com/claude-auth/claude-auth/shell"
)

// commands are what scripts have beside testscript's own; README.md describes them.
var commands = map[string]func(ts *testscript.TestScript, neg bool, args []string){
	"agree":            agree,
	"answered":         answered,
	"await":            await,
	"code":             code,
	"columns":          columns,
	"console-key":      consoleKey,
	"control":          control,
	"converse":         converse,
	"cut":              cut,
	"end-conversation": endConversation,
	"hold":             hold,
	"inshell":          inShell,
	"json":             jsonField,
	"keep":             keep,
	"login-fixture":    loginFixture,
	"mode":             mode,
	"modeless":         mountModeless,
	"release":          release,
	"requests":         requests,
	"same":             same,
	"saved":            saved,
	"saved-key":        savedKey,
	"say":              say,
	"screen":           screen,
	"service":          setService,
	"status":           status,
	"tty":              tty,
	"unchanged":        unchanged,
	"until":            until,
}

func usage(ts *testscript.TestScript, ok bool, line string) {
	if !ok {
		ts.Fatalf("usage: %s", line)
	}
}

// verdict fails the script unless a condition is as the script says, with or without a `!`.
func verdict(ts *testscript.TestScript, neg, met bool, format string, args ...any) {
	if met == neg {
		ts.Fatalf(format, args...)
	}
}

// status N PROGRAM ARGS…: runs a program, which must end with status N.
func status(ts *testscript.TestScript, neg bool, args []string) {
	usage(ts, len(args) >= 2 && !neg, "status N PROGRAM ARGS…")
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	got, err := statusOf(ts.Exec(args[1], args[2:]...))
	ts.Check(err)
	if got != want {
		ts.Fatalf("%s ended with status %d, not %d", args[1], got, want)
	}
}

// statusOf is the status that an error of exec stands for, as a shell has it.
func statusOf(err error) (int, error) {
	var exit *exec.ExitError
	switch {
	case err == nil:
		return 0, nil
	case !errors.As(err, &exit):
		return 0, err
	}
	if wait, ok := exit.Sys().(syscall.WaitStatus); ok && wait.Signaled() {
		return 128 + int(wait.Signal()), nil
	}
	return exit.ExitCode(), nil
}

// inshell SHELL FILE ARGS…: runs a script in a shell with its strictest flags and none of anybody's startup files.
func inShell(ts *testscript.TestScript, neg bool, args []string) {
	usage(ts, len(args) >= 2, "inshell SHELL FILE ARGS…")
	sh := shell.ByName(args[0])
	if sh == nil {
		ts.Fatalf("unknown shell %s", args[0])
	}
	if findTool(args[0]) == "" {
		if os.Getenv("CI") != "" {
			ts.Fatalf("missing tool: %s", args[0])
		}
		ts.Logf("missing tool: %s; skipped", args[0])
		return
	}
	err := ts.Exec(args[0], slices.Concat(sh.Bare, sh.Strict, []string{ts.MkAbs(args[1])}, args[2:])...)
	verdict(ts, neg, err == nil, "%s %s: %v", args[0], args[1], err)
}

// mode FILE MODE: the file's permissions are MODE, in octal.
func mode(ts *testscript.TestScript, neg bool, args []string) {
	usage(ts, len(args) == 2, "mode FILE MODE")
	want, err := strconv.ParseUint(args[1], 8, 32)
	ts.Check(err)
	info, err := os.Stat(ts.MkAbs(args[0]))
	ts.Check(err)
	verdict(ts, neg, info.Mode().Perm() == os.FileMode(want), "%s has mode %04o", args[0], info.Mode().Perm())
}

// same A B: two files hold the same bytes. Unlike cmp it never shows them.
func same(ts *testscript.TestScript, neg bool, args []string) {
	usage(ts, len(args) == 2, "same FILE FILE")
	a, err := os.ReadFile(ts.MkAbs(args[0]))
	ts.Check(err)
	b, err := os.ReadFile(ts.MkAbs(args[1]))
	ts.Check(err)
	verdict(ts, neg, bytes.Equal(a, b), "%s and %s: %d and %d bytes, equal: %v", args[0], args[1], len(a), len(b), !neg)
}

// keptFile is a file as `keep` has found it.
type keptFile struct {
	info os.FileInfo
	copy string
}

// keep FILE: remembers the file for unchanged, and puts a copy aside, for same: $WORK/kept-<name>.
func keep(ts *testscript.TestScript, neg bool, args []string) {
	usage(ts, len(args) == 1 && !neg, "keep FILE")
	path := ts.MkAbs(args[0])
	info, err := os.Lstat(path)
	ts.Check(err)
	text, err := os.ReadFile(path)
	ts.Check(err)
	name := filepath.Base(path)
	if path == ts.Getenv("CREDENTIALS") {
		name = claude.CredentialsFile // also of a keychain
	}
	aside := filepath.Join(ts.Getenv("WORK"), "kept-"+name)
	ts.Check(os.WriteFile(aside, text, 0o600))
	worldOf(ts).kept[path] = keptFile{info, aside}
}

// unchanged FILE: the file is the one that was kept: the same bytes in the same inode, not even written to since.
func unchanged(ts *testscript.TestScript, neg bool, args []string) {
	usage(ts, len(args) == 1, "unchanged FILE")
	path := ts.MkAbs(args[0])
	kept, ok := worldOf(ts).kept[path]
	if !ok {
		ts.Fatalf("%s was not kept", args[0])
	}
	info, err := os.Lstat(path)
	ts.Check(err)
	before, err := os.ReadFile(kept.copy)
	ts.Check(err)
	now, err := os.ReadFile(path)
	ts.Check(err)
	untouched := os.SameFile(info, kept.info) && info.ModTime().Equal(kept.info.ModTime()) &&
		info.Mode() == kept.info.Mode()
	verdict(ts, neg, untouched && bytes.Equal(before, now), "%s: the same bytes: %v, untouched: %v", args[0],
		bytes.Equal(before, now), untouched)
}

// hold LOCK: takes a lock of the client (refresh, legacy, storage, or a path) and keeps it fresh until release, or the
// script's end.
func hold(ts *testscript.TestScript, neg bool, args []string) {
	usage(ts, len(args) == 1 && !neg, "hold refresh|legacy|storage|PATH")
	path := lockPath(ts, args[0])
	release, err := harness.Hold(path)
	ts.Check(err)
	worldOf(ts).held[path] = release
}

func release(ts *testscript.TestScript, neg bool, args []string) {
	usage(ts, len(args) == 1 && !neg, "release refresh|legacy|storage|PATH")
	path := lockPath(ts, args[0])
	release, held := worldOf(ts).held[path]
	if !held {
		ts.Fatalf("%s is not held", args[0])
	}
	release()
	delete(worldOf(ts).held, path)
}

func lockPath(ts *testscript.TestScript, name string) string {
	dir := filepath.Dir(ts.Getenv("FILE"))
	switch name {
	case "refresh":
		return filepath.Join(dir, ".oauth_refresh.lock")
	case "legacy":
		return dir + ".lock"
	case "storage":
		return filepath.Join(dir, ".storage-write.lock")
	}
	return ts.MkAbs(name)
}

// await FILE [TEXT]: waits until a file is there, and holds TEXT; without one it may be a directory.
func await(ts *testscript.TestScript, neg bool, args []string) {
	usage(ts, len(args) >= 1 && len(args) <= 2 && !neg, "await FILE [TEXT]")
	if !came(ts.MkAbs(args[0]), strings.Join(args[1:], ""), harness.Patience) {
		ts.Fatalf("%s did not come", strings.Join(args, " with "))
	}
}

// came waits for a file that holds text, and reports whether it came in time.
func came(file, text string, within time.Duration) bool {
	for end := time.Now().Add(within); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		if _, err := os.Stat(file); err == nil && text == "" {
			return true
		}
		if now, err := os.ReadFile(file); err == nil && strings.Contains(string(now), text) {
			return true
		}
	}
	return false
}

// Each try of `until` is followed by a wait for what it may have brought.
const (
	untilTries = 200
	untilWait  = 2 * time.Second
)

// until FILE TEXT N PROGRAM ARGS…: runs a program, which must end with status N, until FILE holds TEXT. It is for what
// a hook writes: on a busy machine the end of -p can end a hook that has not begun (2.1.330).
func until(ts *testscript.TestScript, neg bool, args []string) {
	usage(ts, len(args) >= 4 && !neg, "until FILE TEXT N PROGRAM ARGS…")
	for range untilTries {
		status(ts, false, args[2:])
		if came(ts.MkAbs(args[0]), args[1], untilWait) {
			return
		}
	}
	ts.Fatalf("%s with %s did not come", args[0], args[1])
}
