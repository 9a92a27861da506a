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

	"github.com/claude-auth/claude-auth/internal/test/tools"
)

// boundedScripts are those that an ordinary test run traces: every command that writes.
const boundedScripts = "TestScripts/^(wipe-undo|set|unset|status|install|history|backups|lifecycle-hooks|" +
	"edit-refused|two-steps-jobs)$"

// untraced are the scripts with the real client, which makes a hundred thousand calls of its own and gets slower than
// its own limits, and the one that runs strace itself.
const untraced = "/^real-|TestMainJob/.*/plain"

// TestTraceOfTheScripts runs the script suite under strace and looks at every system call of the program's own
// processes (the client, browsers and shells are other programs): no socket, no file made where none belongs, and every
// file made so that its owner alone may read it, never changed to that.
func TestTraceOfTheScripts(t *testing.T) {
	tools.Need(t, "strace")
	if testing.Short() {
		t.Skip("not with -short")
	}
	beside(t)
	root := t.TempDir()
	binary, out := filepath.Join(root, "testscripts.test"), filepath.Join(root, "trace")
	build := exec.Command("go", "test", "-c", "-tags", "urfave_cli_no_docs", "-o", binary, module+"testscripts")
	if text, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	// The signals are those that end nothing: the end of who is killed by another has to be seen, because its number is
	// given again.
	args := []string{"-f", "--seccomp-bpf", "-y", "-s", "0", "-o", out, "-e", "signal=!SIGURG,SIGCHLD,SIGWINCH",
		"-e", "trace=execve,clone,clone3,fork,vfork,socket,connect,openat,open,creat," +
			"mkdir,mkdirat,mknod,mknodat,link,linkat,symlink,symlinkat," +
			"rename,renameat,renameat2,chmod,fchmod,fchmodat,prctl",
		binary, "-test.timeout=40m"}
	if full {
		args = append(args, "-test.skip="+untraced)
	} else {
		args = append(args, "-test.short", "-test.run="+boundedScripts)
	}
	traceSuite(t, args)
	trace, err := os.Open(out)
	must(t, err)
	defer trace.Close()
	r := newReader()
	must(t, r.read(trace))
	fmt.Printf("trace of the scripts: %d processes of the program, %d of other programs, %d calls of the program's "+
		"looked at, %d files made with mode 0600 from the first, %d sockets\n",
		r.ours, r.others, r.calls, r.private, r.sockets)
	for _, finding := range r.findings {
		t.Error(finding)
	}
	if r.ours < 20 || r.private < 20 {
		t.Errorf("too little was seen for a proof")
	}
	for _, a := range allowances {
		if full && !r.used[a.reason] {
			t.Errorf("nothing is made any more for this reason, which is to go: %s", a.reason)
		}
	}
}

// traceSuite runs strace with args, and again when strace itself has failed.
func traceSuite(t *testing.T, args []string) {
	t.Helper()
	for try := 1; ; try++ {
		suite := exec.Command("strace", args...)
		suite.Dir = filepath.Join("..", "..", "..", "testscripts")
		text, err := suite.CombinedOutput()
		if err == nil {
			return
		}
		if try == straceTries || !bytes.Contains(text, []byte(straceFailed)) {
			t.Errorf("the scripts under strace: %v\n%s", err, tail(text, 3000))
			return
		}
	}
}

func tail(text []byte, n int) []byte { return text[max(0, len(text)-n):] }

// reader follows who is who in a trace.
type reader struct {
	program map[string]string   // by thread: the path of the program that it runs
	parents map[string][]string // by thread number: who made each that had it, in order; "" when that was not seen
	lives   map[string]int      // by thread number: how many of that number have ended

	ours, others, calls, private, sockets int
	findings                              []string
	used                                  map[string]bool // by reason: an allowance that was needed
}

func newReader() *reader {
	return &reader{program: map[string]string{}, parents: map[string][]string{}, lives: map[string]int{},
		used: map[string]bool{}}
}

var (
	lineOf = regexp.MustCompile(`^(\d+) +(?:<\.\.\. )?(\w+)(?:\(| resumed>)(.*)$`)
	endOf  = regexp.MustCompile(`^(\d+) +\+\+\+ (?:exited|killed|superseded by execve in pid (\d+))`)
	madeOf = regexp.MustCompile(`= (\d+)(?:<.*)?$`)
	failed = regexp.MustCompile(`= -1 E`)
	// The end of the process came before the call: strace could not read the name any more.
	unmade   = regexp.MustCompile(`(?:^|, )0x[0-9a-f]+,.*= \?$`)
	firstArg = regexp.MustCompile(`^"([^"]*)"`)
	// A descriptor with its path.
	firstDescriptor = regexp.MustCompile(`^\d+<([^>]*)>`)
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
		if number := makes(call, rest); number != "" {
			r.bear(number, thread)
		}
		r.look(thread, call, rest)
	})
}

// ended follows the end of a thread, after which its number is given to another. It returns that number, or "", and the
// number under which it goes on: an execve of a thread that is not the first of its process is answered to the first
// one.
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

// soon is within how many lines after a thread's end the call that made it may still return.
const soon = 1000

// findParents fills in parents. A thread may be seen before the call returns that made it, may have ended by then, and
// the one that makes it may be killed within that call.
func (r *reader) findParents(trace *os.File) error {
	alive, ended, at := map[string]bool{}, map[string]int{}, 0
	return eachLine(trace, func(line string) {
		at++
		number, _, _ := strings.Cut(line, " ")
		if !alive[number] {
			alive[number] = true
			r.parents[number] = append(r.parents[number], "")
		}
		if m := endOf.FindStringSubmatch(line); m != nil {
			if m[2] != "" {
				number = m[2]
			}
			alive[number], ended[number] = false, at
		}
		m := lineOf.FindStringSubmatch(line)
		if m == nil {
			return
		}
		if made := makes(m[2], m[3]); made != "" {
			lives := r.parents[made]
			last := len(lives) - 1
			switch {
			case last >= 0 && lives[last] == "" && (alive[made] || at-ended[made] < soon):
				lives[last] = m[1]
			case !alive[made]:
				alive[made] = true
				r.parents[made] = append(lives, m[1])
			}
		}
	})
}

// makes is the number of the thread that a call made; "" of any other call.
func makes(call, rest string) string {
	if slices.Contains([]string{"clone", "clone3", "fork", "vfork"}, call) {
		if made := madeOf.FindStringSubmatch(rest); made != nil {
			return made[1]
		}
	}
	return ""
}

// bear notes what a thread runs that was just made, before the one that made it may end. It may have ended itself.
func (r *reader) bear(number, parent string) {
	lives, lived := r.parents[number], r.lives[number]
	if r.program[number] == "" && lived < len(lives) && lives[lived] == parent {
		r.program[number] = r.runs(parent)
	}
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

// runs is the program that a thread runs: its own execve's, or that of the thread that made it, which is inside of that
// call still when this one is seen first.
func (r *reader) runs(thread string) string {
	if program, known := r.program[thread]; known {
		return program
	}
	if parents := r.parents[thread]; r.lives[thread] < len(parents) && parents[r.lives[thread]] != "" {
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
	if filepath.Base(r.runs(thread)) != "claude-auth" || failed.MatchString(rest) || unmade.MatchString(rest) {
		return
	}
	r.calls++
	switch call {
	case "socket", "connect":
		r.sockets++
		r.find("%s(%s", call, rest)
	case "chmod", "fchmod", "fchmodat":
		if path := pathOf(call, rest); !r.allowed(path, func(a allowance) bool { return a.mode }) {
			r.find("a mode is changed: %s: %s(%s", path, call, rest)
		}
	case "openat", "open", "creat":
		if strings.Contains(rest, "O_CREAT") || strings.Contains(rest, "O_TMPFILE") || call == "creat" {
			r.made(call, rest)
		}
	case "mkdirat", "mkdir", "mknodat", "mknod", "linkat", "link", "symlinkat", "symlink",
		"renameat", "renameat2", "rename":
		r.made(call, rest)
	}
}

func (r *reader) find(format string, args ...any) {
	r.findings = append(r.findings, fmt.Sprintf(format, args...))
}

// allowance is a place where the program may make something, and why.
type allowance struct {
	reason string
	place  *regexp.Regexp // the end of the path
	shared bool           // a file there need not be its owner's alone from the first
	mode   bool           // and its mode may be changed
}

func allow(reason, place string) allowance {
	return allowance{reason: reason, place: regexp.MustCompile("(?:" + place + ")$")}
}

func (a allowance) andModes() allowance { a.mode = true; return a }
func (a allowance) andShared() allowance {
	a.shared = true
	return a
}

const (
	pluginFiles = `hooks\.json|plugin\.json|README\.md|LICENSE|icon\.png`

	temporary = `\.claude-auth\.tmp\.[0-9a-f]{8}\.[0-9a-f]{16}`
	locks     = `(\.lock|/\.oauth_refresh\.lock|/\.storage-write\.lock)(\.claude-auth\.[0-9a-f]{8}\.\d+\.[0-9a-f]{16})?`
	backup    = `\d{8}-\d{6}-[0-9a-f]{6}\.json`
	numbered  = `(\.tmp\.\d+\.\d+)?`
)

// allowances are all of them. Who makes something elsewhere has a finding, or a new line here with the reason.
var allowances = []allowance{
	allow("the state directory, and those above it where they are missing", `/\.local(/state(/claude-auth(/backups)?)?)?`),
	allow("the record of the directories that were made", `/\.(local/state|config)/claude-auth/\.made`),
	allow("the state: key, ledger, what is held and seen",
		`/\.local/state/claude-auth/(key|`+temporary+`|ledger\.jsonl|ledger\.lock|(attempt|notify)\.lock`+
			`|(seen|prompt|answers|transcripts)`+numbered+`)`),
	allow("the state: backups", `/\.local/state/claude-auth/backups/(`+backup+`|`+temporary+`)`),
	allow("backups beside the credentials, where the state directory cannot be used",
		`/\.claude/\.claude-auth-backups(/(`+backup+`|`+temporary+`))?`),
	allow("other-owner.txtar: the usual directories, and what root makes is given to the user",
		`/script-other-owner/(theirs/claude-auth(/.*)?|home/(\.bashrc|`+temporary+`))`).andModes(),
	allow("the state: the lock and the directory of renewals", `/\.local/state/claude-auth/(renew\.lock|renewing)`),
	allow("the state: the copy of the login that is renewed, and the client's locks there",
		`/\.local/state/claude-auth/renewal(/[0-9a-f]{16}(/[0-9a-f]{16}(`+locks+`|/\.credentials\.json|/`+temporary+`)?)?)?`),
	allow("the state: a sign-in that waits for its code",
		`/\.local/state/claude-auth/sign-in(/(lock|turn|call|answer|waiting\.json|`+temporary+`))?`),
	allow("two-steps*.txtar: the link file", `/script-two-steps(-jobs|-ended)?/home/app/(link|`+temporary+`)`),
	allow("schedule.txtar: what the schedule stores",
		`/\.local/state/claude-auth/schedule(-run)?\.json`+numbered),
	allow("schedule.txtar: the units of systemd",
		`/script-schedule/home/\.config(/systemd(/user(/claude-auth-renew\.(service|timer)|/`+temporary+`)?)?)?`).andModes(),
	allow("textfile.txtar: metrics, which everybody may read",
		`/script-textfile/home/app/textfiles/([a-d]\.prom|`+temporary+`)`).andModes(),
	allow("the credentials", `/\.claude/(\.credentials\.json|`+temporary+`)`),
	allow("mounted-file.txtar: both texts, while a file that is a mount is written in place",
		`/\.claude/\.claude-auth\.writing\.[0-9a-f]{16}`),
	allow("the client's locks", `/\.claude`+locks),
	allow("plugin.txtar and others: the plugin, which everybody may read",
		`/\.claude/skills(/login-guard(/(hooks|\.claude-plugin))?(/(`+pluginFiles+`|`+temporary+`))?)?`).andModes(),
	allow("the scripts of the plugin: the debug log that a variable names", `/script-plugin(-[a-z]+)?/home/app/debug`),
	allow("set.txtar: the client's directory is missing", `/script-set/home/\.claude`),
	allow("set.txtar: the credentials are a link to there", `/script-set/home/app/(kept-elsewhere\.json|`+temporary+`)`),
	allow("flags-anywhere.txtar: --file app/other.json", `/script-flags-anywhere/home/app/(other\.json|`+temporary+`)`),
	allow("flags-anywhere.txtar: the client's locks are beside the file that was named",
		`/script-flags-anywhere/home/app`+locks),
	allow("install.txtar: a startup file, which keeps its mode",
		`/script-install(-check|-extras|-read-only)?/home/(\.bashrc|\.zshrc|`+temporary+`|`+
			`\.config(/zsh(/\.zshrc|/`+temporary+`)?|/fish(/config\.fish|/`+temporary+`)?)?)`).andModes(),
	allow("install.txtar: .zshrc is a link to there", `/script-install/home/app/(dotfiles|`+temporary+`)`).andModes(),
	allow("install-read-only.txtar: .zshrc is a link to there", `/script-install-read-only/home/app/store/`+temporary),
	allow("install-extras.txtar: completions and the manual page, which everybody may read",
		`/script-install-extras/home/(\.zfunc|\.config/fish/completions|\.local/share/bash-completion/completions|`+
			`\.local/share/man/man1)(/(_?claude-auth(\.fish|\.1)?|`+temporary+`))?`).andModes(),
	allow("install-extras.txtar: the directories above them", `/script-install-extras/home/\.local/share(/[a-z-]+)?`),
	allow("install-extras.txtar: the list of them", `/\.local/state/claude-auth/installed`),
	allow("doctor.txtar: a startup file, which keeps its mode", `/script-doctor/home/(\.bashrc|`+temporary+`)`).andModes(),
	allow("doctor.txtar: --fix mends modes",
		`/script-doctor/home/(\.claude(/\.credentials\.json)?|\.local/state/claude-auth(/.*)?)`).andModes(),
	allow("no-modes.txtar: a startup file, and directories for the state and the credentials elsewhere",
		`/script-no-modes/(home/(\.bashrc|`+temporary+`)|(elsewhere|drive|config)(\.lock.*|/.*)?)`),
	allow("linked-file.txtar, shared-link.txtar: what the credentials are a link to, and the client's lock there",
		`/script-(linked-file|shared-link)/home/(work|dotfiles|real)(`+locks+
			`|/(\.credentials|claude)\.json|/`+temporary+`)`),
	allow("demo.txtar: demo has a home of its own below TMPDIR, with copies of the program in it",
		`/script-demo/home/tmp/claude-auth-demo-\d+(/.*)?`).andModes().andShared(),
	allow("standard input of more than a megabyte that may have to be given again, in a file of TMPDIR without a name",
		`/\.tmp`),
	allow("the harness writes down the arguments of each program (testscripts/main_test.go)", `/\.?argv`),
}

// allowed reports whether there is an allowance for a path, and notes that it was needed.
func (r *reader) allowed(path string, suits func(allowance) bool) bool {
	for _, a := range allowances {
		if a.place.MatchString(path) && suits(a) {
			r.used[a.reason] = true
			return true
		}
	}
	return false
}

// pathOf is the path that a call is about: the last of its paths.
func pathOf(call, rest string) string {
	path := ""
	if places := atPlace.FindAllStringSubmatch(rest, -1); len(places) > 0 {
		last := places[len(places)-1]
		if path = last[2]; !filepath.IsAbs(path) {
			path = filepath.Join(last[1], path)
		}
	} else if m := firstArg.FindStringSubmatch(rest); m != nil {
		path = m[1]
	} else if m := firstDescriptor.FindStringSubmatch(rest); m != nil {
		path = m[1]
	}
	return filepath.Clean(path)
}

// made looks at a call that made something.
func (r *reader) made(call, rest string) {
	path := pathOf(call, rest)
	if !r.allowed(path, func(allowance) bool { return true }) {
		r.find("made outside of where it belongs: %s: %s(%s", path, call, rest)
	}
	if call != "openat" && call != "open" && call != "creat" {
		return
	}
	switch {
	case private.MatchString(rest):
		r.private++
	case !r.allowed(path, func(a allowance) bool { return a.shared }):
		r.find("not made with mode 0600: %s: %s(%s", path, call, rest)
	}
}
