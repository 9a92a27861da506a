package lock

import (
	"bytes"
	"fmt"
	"os"
	"strings"

	"golang.org/x/sys/unix"
)

// Process says what a process is and does. The zero Process is one that is not known.
type Process struct {
	Name    string
	Stopped bool // by a signal, or a debugger
}

// ProcessOf looks at a process of this machine.
func ProcessOf(pid int) (p Process) {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	begin, end := bytes.IndexByte(stat, '('), bytes.LastIndexByte(stat, ')')
	if err != nil || begin < 0 || end < begin {
		return Process{} // no /proc, or it has ended
	}
	state := strings.TrimSpace(string(stat[end+1:]))
	stopped := strings.HasPrefix(state, "T") || strings.HasPrefix(state, "t")
	return Process{Name: string(stat[begin+1 : end]), Stopped: stopped}
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
