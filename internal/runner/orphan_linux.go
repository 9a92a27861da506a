package runner

import (
	"bytes"
	"fmt"
	"os"
)

// parentOf reads a process's parent from the kernel's table.
func parentOf(pid int) (int, error) {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0, err
	}
	var state string
	var ppid int
	// The name is in parentheses and may hold anything: the fields begin after the last one.
	_, err = fmt.Sscan(string(stat[bytes.LastIndexByte(stat, ')')+1:]), &state, &ppid)
	return ppid, err
}
