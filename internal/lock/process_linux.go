package lock

import (
	"bytes"
	"fmt"
	"os"
	"strings"
)

// processState returns the start time of a process in clock ticks since the boot, "" when it is not known, and whether
// the process has ended and only waits for its parent. The client's procStart is the same field, 22 of the stat file
// (2.1.330). The second field is the command in parentheses, which may hold anything.
func processState(pid int) (start string, ended bool) {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return "", false
	}
	fields := strings.Fields(string(stat[bytes.LastIndexByte(stat, ')')+1:]))
	if len(fields) < 20 {
		return "", false
	}
	return fields[19], fields[0] == "Z" || fields[0] == "X"
}

func ownSpace() string {
	boot, err := os.ReadFile("/proc/sys/kernel/random/boot_id")
	if err != nil {
		return ""
	}
	namespace, err := os.Readlink("/proc/self/ns/pid")
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(boot)) + "#" + namespace
}

// clientSpace is what the client's owner file says of this machine, pidDomain and pidSpace in one (2.1.330).
func clientSpace() string {
	namespace, err := os.Readlink("/proc/self/ns/pid")
	if err != nil {
		return ""
	}
	host, err := os.Hostname()
	if err != nil {
		return ""
	}
	machine, _ := os.ReadFile("/etc/machine-id") // the client takes "" when there is none
	return spaceOf("linux:"+strings.TrimSpace(string(machine))+":"+namespace, host+"#"+namespace)
}
