//go:build linux

package torture

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/claude-auth/claude-auth/internal/testtool"
)

// boundedScripts are those that an ordinary test run traces: every command that writes.
const boundedScripts = "TestScripts/^(wipe-undo|set|unset|status|install|history|backups|lifecycle-hooks|edit-refused)$"

// TestTraceOfTheScripts runs the script suite under strace and looks at every system call of the program's own processes
// (the client, browsers and shells are other programs): no socket, no file made where none belongs, and every file made
// so that its owner alone may read it, never changed to that.
func TestTraceOfTheScripts(t *testing.T) {
	testtool.Need(t, "strace")
	if testing.Short() {
		t.Skip("not with -short")
	}
	root := t.TempDir()
	binary, out := filepath.Join(root, "testscripts.test"), filepath.Join(root, "trace")
	if text, err := exec.Command("go", "test", "-c", "-tags", "urfave_cli_no_docs", "-o", binary, module+"testscripts").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	args := []string{"-f", "--seccomp-bpf", "-y", "-s", "0", "-o", out, "-e", "signal=none",
		"-e", "trace=execve,clone,clone3,fork,vfork,socket,connect,openat,open,creat,mkdir,mkdirat,mknod,mknodat,link,linkat,symlink,symlinkat," +
			"rename,renameat,renameat2,chmod,fchmod,fchmodat,prctl",
		binary, "-test.timeout=40m"}
	if !full {
		args = append(args, "-test.short", "-test.run="+boundedScripts)
	}
	suite := exec.Command("strace", args...)
	suite.Dir = filepath.Join("..", "..", "testscripts")
	if text, err := suite.CombinedOutput(); err != nil {
		t.Errorf("the scripts under strace: %v\n%s", err, tail(text, 3000))
	}
	trace, err := os.Open(out)
	must(t, err)
	defer trace.Close()
	r := newReader()
	must(t, r.read(trace))
	fmt.Printf("trace of the scripts: %d processes of the program, %d of other programs, %d calls of the program's looked at, %d files made with mode 0600 from the first, %d sockets\n",
		r.ours, r.others, r.calls, r.private, r.sockets)
	for _, finding := range r.findings {
		t.Error(finding)
	}
	if r.ours < 20 || r.private < 20 {
		t.Errorf("too little was seen for a proof")
	}
}

func tail(text []byte, n int) []byte { return text[max(0, len(text)-n):] }

// reader follows who is who in a trace.
type reader struct {
	program map[string]string   // by thread: the path of the program that it runs
	parents map[string][]string // by thread number: those that made one of that number, in order
	lives   map[string]int      // by thread number: how many of that number have ended

	ours, others, calls, private, sockets int
	findings                              []string
}

func newReader() *reader {
	return &reader{program: map[string]string{}, parents: map[string][]string{}, lives: map[string]int{}}
}

var (
	lineOf   = regexp.MustCompile(`^(\d+) +(?:<\.\.\. )?(\w+)(?:\(| resumed>)(.*)$`)
	endOf    = regexp.MustCompile(`^(\d+) +\+\+\+ (?:exited|killed|superseded by execve in pid (\d+))`)
	madeOf   = regexp.MustCompile(`= (\d+)(?:<.*)?$`)
	failed   = regexp.MustCompile(`= -1 E`)
	firstArg = regexp.MustCompile(`^"([^"]*)"`)
	// At a place: a descriptor with its path, or AT_FDCWD with it, and a name.
	atPlace = regexp.MustCompile(`(?:AT_FDCWD|\d+)<([^>]*)>, "([^"]*)"`)
	private = regexp.MustCompile(`, 0600 *\)`)
)

func (r *reader) read(trace *os.File) error {
	if err := r.findParents(trace); err != nil {
		return err
	}
	pending := map[string]string{} // by thread: the first half of a call that another thread's line cut in two
	return eachLine(trace, func(line string) {
		if number, heir := r.ended(line); number != "" {
			pending[heir] = pending[number]
			delete(pending, number)
			return
		}
		m := lineOf.FindStringSubmatch(line)
		if m == nil {
			return
		}
		thread, call, rest := m[1], m[2], m[3]
		if half, cut := strings.CutSuffix(rest, "<unfinished ...>"); cut {
			pending[thread] = half
			return
		}
		if strings.Contains(line, "<... ") {
			rest = pending[thread] + rest
			delete(pending, thread)
		}
		r.look(thread, call, rest)
	})
}

// ended follows the end of a thread, after which its number is given to another. It returns that number, or "", and the
// number under which it goes on: an execve of a thread that is not the first of its process is answered to the first one.
func (r *reader) ended(line string) (number, heir string) {
	m := endOf.FindStringSubmatch(line)
	if m == nil {
		return "", ""
	}
	number = m[1]
	if m[2] != "" {
		number, heir = m[2], m[1]
		r.program[heir] = r.runs(number)
	}
	delete(r.program, number)
	r.lives[number]++
	return number, heir
}

func (r *reader) findParents(trace *os.File) error {
	return eachLine(trace, func(line string) {
		m := lineOf.FindStringSubmatch(line)
		if m == nil || !slices.Contains([]string{"clone", "clone3", "fork", "vfork"}, m[2]) {
			return
		}
		if made := madeOf.FindStringSubmatch(m[3]); made != nil {
			r.parents[made[1]] = append(r.parents[made[1]], m[1])
		}
	})
}

func eachLine(file *os.File, do func(string)) error {
	if _, err := file.Seek(0, 0); err != nil {
		return err
	}
	lines := bufio.NewScanner(file)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		do(string(bytes.TrimSpace(lines.Bytes())))
	}
	return lines.Err()
}

// runs is the program that a thread runs: its own execve's, or that of the thread that made it.
func (r *reader) runs(thread string) string {
	if program, known := r.program[thread]; known {
		return program
	}
	if parents := r.parents[thread]; r.lives[thread] < len(parents) {
		r.program[thread] = r.runs(parents[r.lives[thread]])
	}
	return r.program[thread]
}

func (r *reader) look(thread, call, rest string) {
	if call == "execve" {
		if m := firstArg.FindStringSubmatch(rest); m != nil && !failed.MatchString(rest) {
			if m[1] != "/proc/self/exe" {
				r.program[thread] = m[1]
			}
			if filepath.Base(r.runs(thread)) == "claude-auth" {
				r.ours++
			} else {
				r.others++
			}
		}
		return
	}
	if filepath.Base(r.runs(thread)) != "claude-auth" || failed.MatchString(rest) {
		return
	}
	r.calls++
	switch call {
	case "socket", "connect":
		r.sockets++
		r.find("%s(%s", call, rest)
	case "chmod", "fchmod", "fchmodat":
		if !mayKeepMode.MatchString(rest) {
			r.find("a mode is changed: %s(%s", call, rest)
		}
	case "openat", "open", "creat":
		if strings.Contains(rest, "O_CREAT") || call == "creat" {
			r.made(call, rest)
		}
	case "mkdirat", "mkdir", "mknodat", "mknod", "linkat", "link", "symlinkat", "symlink", "renameat", "renameat2", "rename":
		r.made(call, rest)
	}
}

func (r *reader) find(format string, args ...any) {
	r.findings = append(r.findings, fmt.Sprintf(format, args...))
}

var (
	// The startup files that install is told to edit, and theirs: these keep the mode that they had.
	startup     = `(\.bashrc|\.bash_profile|\.profile|\.zshrc|\.zprofile|config\.fish|rc|rc-real|dotfiles|[^/]*rc)`
	mayKeepMode = regexp.MustCompile(`\.claude-auth\.tmp\.|/claude-auth-demo|/script-doctor/.*, 0[67]00 *\)|` + startup) // doctor --fix mends loose modes, on request
	// Where the program may make something: its state, the client's directory and the lock beside it, the directory of a
	// file that was named with --file; the throwaway home of demo; a startup file. `.argv` is the harness's own.
	mayMake = regexp.MustCompile(`/\.local(/state(/claude-auth(/.*)?)?)?$|/state(/claude-auth)?(/.*)?$|/\.claude(/.*)?$|/\.claude\.lock[^/]*$|/\.argv$|^/dev/|` +
		`/claude-auth-demo[^/]*(/.*)?$|/claude-standin-\d+(/callback)?$|\.claude-auth\.tmp\.[0-9a-f.]+$|/` + startup + `$|/\.config(/fish(/conf\.d)?)?(/[^/]*\.fish)?$|` +
		`\.(oauth_refresh|storage-write)\.lock[^/]*$|\.lock(\.claude-auth\.[^/]*)?$|/home/app/[^/]*\.json$`)
	// A file that has nothing to hide, or that is written by its name for whoever asked.
	mayBeRead = regexp.MustCompile(`/\.argv|^/dev/|/claude-auth-demo[^/]*/bin/`)
)

// made looks at a call that made something.
func (r *reader) made(call, rest string) {
	places := atPlace.FindAllStringSubmatch(rest, -1)
	path := ""
	if len(places) > 0 {
		last := places[len(places)-1]
		if path = last[2]; !filepath.IsAbs(path) {
			path = filepath.Join(last[1], path)
		}
	} else if m := firstArg.FindStringSubmatch(rest); m != nil {
		path = m[1]
	}
	path = filepath.Clean(path)
	if !mayMake.MatchString(path) {
		r.find("made outside of where it belongs: %s: %s(%s", path, call, rest)
	}
	if call != "openat" && call != "open" {
		return
	}
	switch {
	case private.MatchString(rest):
		r.private++
	case !mayBeRead.MatchString(path):
		r.find("not made with mode 0600: %s: %s(%s", path, call, rest)
	}
}
