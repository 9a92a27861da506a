package lock

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// ProcessOf looks at a process of this machine. The start is in clock ticks since the boot; the client's procStart is
// the same field, 22 of the stat file (2.1.330). The second field is the command in parentheses, which may hold
// anything. It is read from the main thread's directory, where it says the same: for the stat file of a process itself
// qemu makes up a start.
func ProcessOf(pid int) Process {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/task/%[1]d/stat", pid))
	begin, end := bytes.IndexByte(stat, '('), bytes.LastIndexByte(stat, ')')
	if err != nil || begin < 0 || end < begin {
		return Process{} // no /proc, or it has ended
	}
	fields := strings.Fields(string(stat[end+1:]))
	if len(fields) < 20 {
		return Process{}
	}
	state := fields[0]
	parent, _ := strconv.Atoi(fields[1])
	return Process{
		Name: string(stat[begin+1 : end]), Stopped: state == "T" || state == "t", Parent: parent,
		Started: startedAt(fields[19]), start: fields[19], ended: state == "Z" || state == "X",
	}
}

// maxCommandLine bounds what is read of a command line, in bytes.
const maxCommandLine = 64 << 10

// CommandLine returns the command line of a process, nil when it has ended or /proc does not show it.
func CommandLine(pid int) []string {
	file, err := os.Open(fmt.Sprintf("/proc/%d/cmdline", pid))
	if err != nil {
		return nil
	}
	defer file.Close() // read only: nothing can be lost
	text, _ := io.ReadAll(io.LimitReader(file, maxCommandLine))
	if len(text) == 0 {
		return nil // a zombie, or a thread of the kernel
	}
	return strings.Split(strings.TrimSuffix(string(text), "\x00"), "\x00")
}

// tick is the unit of a process's start in its stat file: the kernel shows it in hundredths of a second everywhere.
const tick = 10 * time.Millisecond

// sameStart reports whether two starts can be of one process. A client under qemu reads of itself that it started when
// the emulation did. That may be some time after the real start, which every other process reads. No pid comes back
// within such a time: the kernel first gives out all others.
func sameStart(a, b string) bool {
	if a == b {
		return true
	}
	first, errA := strconv.ParseInt(a, 10, 64)
	second, errB := strconv.ParseInt(b, 10, 64)
	return errA == nil && errB == nil && max(first-second, second-first) <= int64(startDoubt/tick)
}

// startDoubt is how far two starts of one process may lie apart.
const startDoubt = 500 * time.Millisecond

// startedAt turns a start, in ticks since the boot, into a time. The clock that it is compared with does not jump when
// somebody sets the time, and goes on while the machine sleeps.
func startedAt(start string) time.Time {
	ticks, err := strconv.ParseInt(start, 10, 64)
	var now unix.Timespec
	if err != nil || unix.ClockGettime(unix.CLOCK_BOOTTIME, &now) != nil {
		return time.Time{}
	}
	return time.Now().Add(time.Duration(ticks)*tick - time.Duration(now.Nano()))
}

// FlockHolder returns a process that holds a flock(2) on the file, 0 where the system does not say.
func FlockHolder(file *os.File) (pid int) {
	var st unix.Stat_t
	table, err := os.ReadFile("/proc/locks")
	if err != nil || unix.Fstat(int(file.Fd()), &st) != nil {
		return 0
	}
	id := fmt.Sprintf("%02x:%02x:%d", unix.Major(st.Dev), unix.Minor(st.Dev), st.Ino)
	for line := range strings.Lines(string(table)) {
		// 1: FLOCK  ADVISORY  WRITE 1234 08:01:5678 0 EOF
		fields := strings.Fields(line)
		if len(fields) < 6 || fields[1] != "FLOCK" || fields[5] != id {
			continue
		}
		if _, err := fmt.Sscanf(fields[4], "%d", &pid); err == nil && pid > 1 {
			return pid
		}
	}
	return 0
}
