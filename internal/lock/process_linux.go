package lock

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"strings"

	"golang.org/x/sys/unix"
)

// processStart is the start time of a process in clock ticks since the boot, field 22 of its stat file, or "".
// The client's procStart is the same field (2.1.330).
func processStart(pid int) string {
	_, start := processStat(pid)
	return start
}

// processStat returns state and start time. The second field is the command in parentheses, which may hold anything.
func processStat(pid int) (state, start string) {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return "", ""
	}
	fields := strings.Fields(string(stat[bytes.LastIndexByte(stat, ')')+1:]))
	if len(fields) < 20 {
		return "", ""
	}
	return fields[0], fields[19]
}

func processGone(pid int, start string) bool {
	if errors.Is(unix.Kill(pid, 0), unix.ESRCH) {
		return true
	}
	state, now := processStat(pid)
	if state == "Z" || state == "X" {
		return true
	}
	return start != "" && now != "" && start != now
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
