//go:build linux

package torture

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// point is a fault at one system call: the n-th call of that name in its thread, which is how strace counts.
type point struct {
	call  string
	n     int
	fault fault
}

func (p point) String() string { return fmt.Sprintf("%s %d %s", p.call, p.n, p.fault.name) }

// fault is what happens there.
type fault struct {
	name   string
	inject string // as strace has it
	sticky bool   // there, and at every later call of that name: a disk that stays full
	calls  string // those it may happen to, with spaces around; empty: all
}

const (
	making   = " mkdirat mkdir openat renameat renameat2 linkat symlinkat setxattr "
	changing = making + "unlinkat unlink rmdir utimensat fchmod fchmodat fchown "
	storing  = making + "write pwrite64 fsync fdatasync ftruncate close "
)

// faults: a SIGKILL comes before the call; the state after a call is that before the next one, of which exit_group is the
// last. A write that stores less than it says (retval 1) is what a disk does that loses data without a word.
var faults = []fault{
	{name: "KILL", inject: "signal=KILL"},
	{name: "EIO", inject: "error=EIO"},
	{name: "EINTR", inject: "error=EINTR"},
	{name: "ENOSPC", inject: "error=ENOSPC", calls: storing},
	{name: "EDQUOT", inject: "error=EDQUOT", calls: storing},
	{name: "EACCES", inject: "error=EACCES", calls: changing + "newfstatat readlinkat getdents64 statx "},
	{name: "EROFS", inject: "error=EROFS", calls: changing},
	{name: "short0", inject: "retval=0", calls: " write pwrite64 read pread64 "},
	{name: "short1", inject: "retval=1", calls: " write pwrite64 "},
	{name: "EIO+", inject: "error=EIO", sticky: true, calls: changing + "write fsync flock "},
	{name: "ENOSPC+", inject: "error=ENOSPC", sticky: true, calls: storing},
}

func (f fault) happensTo(call string) bool {
	if call == "exit_group" {
		return f.name == "KILL"
	}
	return f.calls == "" || strings.Contains(f.calls, " "+call+" ")
}

// traced runs the program under strace, which leaves it alone but for the calls to inject into, and lets go of the
// client when that is started. It returns the result and the trace.
func (h *home) traced(t *testing.T, inject string, args ...string) (result, []byte) {
	t.Helper()
	trace := filepath.Join(h.root, "trace")
	_ = os.Remove(trace)
	strace := []string{"-f", "-y", "-b", "execve", "-s", "0", "-o", trace, "-e", "trace=%file,%desc,exit_group", "-e", "signal=none"}
	if inject != "" {
		strace = append(strace, "-e", "inject="+inject)
	}
	strace = append(strace, filepath.Join(programs, "claude-auth"))
	r := h.runWith([]string{"GOMAXPROCS=1"}, "/usr/bin/strace", append(strace, args...)...)
	text, err := os.ReadFile(trace)
	must(t, err)
	return r, text
}

var traceLine = regexp.MustCompile(`^(\d+) +(\w+)\(`)

// plan is every point at which the command touches a file in the home, from a run without a fault.
func (h *home) plan(t *testing.T, args ...string) []point {
	t.Helper()
	r, trace := h.traced(t, "", args...)
	if r.status != 0 {
		t.Fatalf("without a fault: %s", r)
	}
	type place struct {
		call string
		n    int
	}
	counts := map[place]int{}
	seen := map[place]bool{}
	var points []point
	for lines := bufio.NewScanner(bytes.NewReader(trace)); lines.Scan(); {
		m := traceLine.FindSubmatch(lines.Bytes())
		if m == nil {
			continue
		}
		thread, call := string(m[1]), string(m[2])
		perThread := place{thread + call, 0}
		counts[perThread]++
		at := place{call, counts[perThread]}
		if seen[at] || call != "exit_group" && !bytes.Contains(lines.Bytes(), []byte(h.dir+"/")) {
			continue
		}
		seen[at] = true
		for _, f := range faults {
			if f.happensTo(call) {
				points = append(points, point{call, at.n, f})
			}
		}
	}
	return points
}

// hit runs the command with the fault at a point, and returns which operation it came to; "" when the threads went
// another way this time and it came to none, or to one that was no business of the user's.
func (h *home) hit(t *testing.T, p point, args ...string) (r result, operation string) {
	t.Helper()
	when := fmt.Sprint(p.n)
	if p.fault.sticky {
		when += "+"
	}
	r, trace := h.traced(t, p.call+":"+p.fault.inject+":when="+when, args...)
	lines := bytes.Split(trace, []byte("\n"))
	if bytes.Contains(trace, []byte("(INJECTED)")) && ownBusiness.Match(trace) {
		return r, "" // Go's own
	}
	if p.fault.name != "KILL" {
		for _, line := range lines {
			if bytes.Contains(line, []byte("(INJECTED)")) && bytes.Contains(line, []byte(h.dir+"/")) {
				return r, h.operation(p.call, line)
			}
		}
		return r, ""
	}
	if r.status != 128+9 {
		return r, ""
	}
	slices.Reverse(lines)
	for _, line := range lines { // the last one of that name is where it ended
		if bytes.Contains(line, []byte(" "+p.call+"(")) && (bytes.Contains(line, []byte(h.dir+"/")) || p.call == "exit_group") {
			return r, h.operation(p.call, line)
		}
	}
	return r, ""
}

// ownBusiness is a fault at what Go's runtime does for itself, which nothing on a disk can bring about.
var ownBusiness = regexp.MustCompile(`(?m)^.*eventfd.*\(INJECTED\)`)

var (
	quoted = regexp.MustCompile(`"[^"]*"\.*|<[^>]*>`)
	random = regexp.MustCompile(`[0-9a-f]{16}|\d{8}-\d{6}-[0-9a-f]{6}|\.\d+\.|\[\d+\]|\b\d+\b`)
)

// operation names what a line of the trace did, without what is different in each run.
func (h *home) operation(call string, line []byte) string {
	names := quoted.FindAllString(strings.ReplaceAll(string(line), h.dir, ""), 3)
	return random.ReplaceAllString(call+" "+strings.Join(names, " "), "#")
}
