//go:build linux

package torture

import (
	"bytes"
	"fmt"
	"hash/fnv"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// point is a fault at one system call: the n-th one of that operation, which is the call's name and the paths that it
// touches in the home.
type point struct {
	operation string
	n         int
	fault     fault
}

func (p point) String() string { return fmt.Sprintf("%s at %s (%d)", p.fault.name, p.operation, p.n) }

// call is the name of the system call.
func (p point) call() string {
	name, _, _ := strings.Cut(p.operation, " ")
	return name
}

// fault is what happens there.
type fault struct {
	name   string // in the table
	inject string // as the program fault has it
	calls  string // those it may happen to, with spaces around; empty: all
}

const (
	making   = " mkdirat mkdir openat renameat renameat2 linkat symlinkat setxattr "
	changing = making + "unlinkat unlink rmdir utimensat fchmod fchmodat fchown "
	storing  = making + "write pwrite64 fsync fdatasync ftruncate close "
	writing  = " write pwrite64 "
	reading  = " read pread64 "
)

var faults = []fault{
	{name: "KILL<", inject: "kill-before"},
	{name: "KILL>", inject: "kill-after"},
	{name: "EIO", inject: "EIO"},
	{name: "EINTR", inject: "EINTR"},
	{name: "ENOSPC", inject: "ENOSPC", calls: storing},
	{name: "EDQUOT", inject: "EDQUOT", calls: storing},
	{name: "EACCES", inject: "EACCES", calls: changing + "newfstatat readlinkat getdents64 statx "},
	{name: "EROFS", inject: "EROFS", calls: changing},
	{name: "short", inject: "short:1", calls: reading + writing},
	{name: "none", inject: "lost:0", calls: reading + writing},
	{name: "lost", inject: "lost:1", calls: writing},
	{name: "EIO+", inject: "EIO+", calls: changing + "write fsync flock "},
	{name: "ENOSPC+", inject: "ENOSPC+", calls: storing},
}

// legend stands below the table.
const legend = `KILL< and KILL> a SIGKILL right before and right after the call; E… the call fails and nothing is done,
except that a close closes, as in the kernel; short: one byte is read or written; none: no byte; lost:
a write that claims a byte and stores none; …+ that call, and all of its name after it. Calls are those
of the command's own process that touch a file in the home, and its end; the client that it starts is
left alone. A fault at a call that a run did not reach again is not counted.
`

func (f fault) happensTo(call string) bool {
	if call == "exit_group" {
		return f.inject == "kill-before"
	}
	return f.calls == "" || strings.Contains(f.calls, " "+call+" ")
}

// traced runs a command under the program fault, and returns the result and the report of its calls. It has one
// processor, so that its goroutines do the same things in the same order.
func (h *home) traced(t *testing.T, inject []string, args ...string) (result, string) {
	t.Helper()
	report := filepath.Join(h.root, "report")
	_ = os.Remove(report)
	line := append([]string{h.dir, report}, inject...)
	line = append(append(line, "--", filepath.Join(programs, "claude-auth")), args...)
	r := h.runWith([]string{"GOMAXPROCS=1"}, "fault", line...)
	text, err := os.ReadFile(report)
	must(t, err)
	return r, string(text)
}

var reportLine = regexp.MustCompile(`(?m)^(\d+) (.*)$`)

// plan is every point at which the command touches a file in the home, from a run without a fault.
func (h *home) plan(t *testing.T, args ...string) []point {
	t.Helper()
	r, report := h.traced(t, nil, args...)
	if r.status != 0 {
		t.Fatalf("without a fault: %s", r)
	}
	var points []point
	for _, m := range reportLine.FindAllStringSubmatch(report, -1) {
		n, _ := strconv.Atoi(m[1]) // digits
		for _, f := range faults {
			if p := (point{m[2], n, f}); f.happensTo(p.call()) {
				points = append(points, p)
			}
		}
	}
	return points
}

// sample is one point for each kind of call with each kind of fault, which one is always the same, and at different
// places for different faults.
func sample(points []point) []point {
	kind := func(p point) string { return p.call() + " " + p.fault.name }
	groups := map[string][]point{}
	var kinds []string
	for _, p := range points {
		if groups[kind(p)] == nil {
			kinds = append(kinds, kind(p))
		}
		groups[kind(p)] = append(groups[kind(p)], p)
	}
	var some []point
	for _, k := range kinds {
		hash := fnv.New32a()
		_, _ = hash.Write([]byte(k)) // never fails
		some = append(some, groups[k][hash.Sum32()%uint32(len(groups[k]))])
	}
	return some
}

// hit runs the command with the fault at a point, and reports whether it came to that point this time.
func (h *home) hit(t *testing.T, p point, args ...string) (result, bool) {
	t.Helper()
	r, report := h.traced(t, []string{p.fault.inject, fmt.Sprint(p.n), p.operation}, args...)
	return r, slices.ContainsFunc(strings.Split(report, "\n"),
		func(line string) bool { return strings.HasPrefix(line, "hit ") }) &&
		(!strings.HasPrefix(p.fault.name, "KILL") || r.status == 128+9) && !bytes.HasPrefix([]byte(r.err), []byte("fault: "))
}
