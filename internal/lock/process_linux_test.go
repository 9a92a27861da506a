package lock

import (
	"bytes"
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"
)

// TestStartOfAnEmulatedClient has a lock whose owner says of itself that it started a little later than the kernel says
// of it, as a client under qemu does. Such a lock is held; one with a start that is further away is left behind.
func TestStartOfAnEmulatedClient(t *testing.T) {
	pid := os.Getpid()
	start, err := strconv.ParseInt(startOf(pid), 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		later time.Duration
		gone  bool
	}{
		{0, false}, {tick, false}, {-tick, false}, {startDoubt, false}, {startDoubt + tick, true}, {-startDoubt - tick, true},
	} {
		said := strconv.FormatInt(start+int64(test.later/tick), 10)
		owner := Owner{PID: pid, Start: said, Space: ownSpace(), Ours: true}
		if owner.gone() != test.gone {
			t.Errorf("a start %v later: gone is %v", test.later, !test.gone)
		}
		if Runs(pid, said) == test.gone {
			t.Errorf("a start %v later: Runs is %v", test.later, test.gone)
		}
	}
	if unknown := (&Owner{PID: pid, Start: "yesterday", Space: ownSpace(), Ours: true}); !unknown.gone() {
		t.Error("a start that is no number counts as this process's")
	}
}

// TestStartIsTheKernels compares the start with that in the stat file of the process, which ps and the client read.
func TestStartIsTheKernels(t *testing.T) {
	parent := os.Getppid() // qemu changes what a process reads of itself, and nothing else
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", parent))
	if err != nil {
		t.Fatal(err)
	}
	fields := strings.Fields(string(stat[bytes.LastIndexByte(stat, ')')+1:]))
	if got := startOf(parent); got != fields[19] {
		t.Errorf("started at %q, the kernel says %q", got, fields[19])
	}
}
