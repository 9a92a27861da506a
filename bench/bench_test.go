package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/claude-auth/claude-auth/internal/test/tools"
)

func TestPercentile(t *testing.T) {
	of := []float64{5, 1, 4, 2, 3}
	if m := median(of); m != 3 {
		t.Errorf("the median of %v is %v", of, m)
	}
	if p := percentile(of, 99); p != 5 {
		t.Errorf("the 99th percentile of %v is %v", of, p)
	}
	if !slices.Equal(of, []float64{5, 1, 4, 2, 3}) {
		t.Error("they were sorted in place")
	}
	if m := median(nil); m != 0 {
		t.Errorf("the median of nothing is %v", m)
	}
}

func TestVerdict(t *testing.T) {
	for _, c := range []struct {
		r    row
		want string
	}{
		{row{Ratio: 2}, ""}, {row{Ratio: 9, AtMost: 3, Note: "linear: all of it is printed"}, ""},
		{row{Ratio: 2, AtMost: 2}, "met"}, {row{Ratio: 2.1, AtMost: 2}, "missed"}, {row{Ratio: 2, AtLeast: 2}, "met"},
		{row{Ratio: 1.9, AtLeast: 2}, "missed"},
	} {
		if got := c.r.verdict(); got != c.want {
			t.Errorf("%+v is %q, not %q", c.r, got, c.want)
		}
	}
}

func TestMixedOutput(t *testing.T) {
	if n := len(mixedOutput(12345)); n != 12345 {
		t.Errorf("%d bytes", n)
	}
}

// TestSpawn holds that the processes are started in turn, with their own environment and arguments, `--` too.
func TestSpawn(t *testing.T) {
	tools.Need(t, "gcc")
	dir := t.TempDir()
	l := &lab{dir: dir, home: dir, spawn: filepath.Join(dir, "spawn")}
	gcc := exec.Command("gcc", "-O2", "-Wall", "-Wextra", "-Werror", "-o", l.spawn, "peers/spawn.c")
	if out, err := gcc.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	note := func(name string) process {
		return process{[]string{"NAME=" + name, "LOG=" + dir + "/log"},
			[]string{"sh", "-c", `echo "$NAME $*" >>"$LOG"; exit 3`, "sh", "--", name}}
	}
	timings, err := l.inTurn(2, note("a"), note("b"), note("c"))
	if err != nil {
		t.Fatal(err)
	}
	for i, timing := range timings {
		if len(timing.took) != 2 || slices.Min(timing.took) <= 0 || timing.resident <= 0 || timing.status != 3 {
			t.Errorf("process %d: %+v", i, timing)
		}
	}
	log, err := os.ReadFile(filepath.Join(dir, "log"))
	const want = "a -- a,b -- b,c -- c,b -- b,c -- c,a -- a,"
	if err != nil || strings.ReplaceAll(string(log), "\n", ",") != want {
		t.Errorf("started %q, %v", log, err)
	}
}
