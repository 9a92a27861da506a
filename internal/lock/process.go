package lock

import (
	"errors"
	"os"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// Process says what a process is and does. The zero Process is one that is not known.
type Process struct {
	Name    string
	Stopped bool      // by a signal, or a debugger
	Started time.Time // zero when that is not known
	Parent  int       // the process id of the one that has started it, or has taken it over since

	start string // when it started, as the system counts that
	ended bool   // it only waits for its parent
}

// maxAncestors bounds the way up to the first process.
const maxAncestors = 64

// Mark names this process, for IsAncestor in another one: its process id and start.
func Mark() string {
	pid := os.Getpid()
	return strconv.Itoa(pid) + ":" + ProcessOf(pid).start
}

// IsAncestor reports whether the process with this mark has started this one, or one of those that have. In a container
// that can be the process 1. A mark without a start is compared by the process id alone.
func IsAncestor(mark string) bool {
	id, start, _ := strings.Cut(mark, ":")
	pid, err := strconv.Atoi(id)
	if err != nil || pid < 1 {
		return false
	}
	at := os.Getppid()
	for range maxAncestors {
		if at == pid || at <= 1 {
			break
		}
		at = ProcessOf(at).Parent
	}
	return at == pid && !processGone(pid, start)
}

// processGone reports whether no process has the pid, or only one that started at another time, or a zombie. A start of
// "" is not compared.
func processGone(pid int, start string) bool {
	if errors.Is(unix.Kill(pid, 0), unix.ESRCH) {
		return true
	}
	now := ProcessOf(pid)
	return now.ended || start != "" && now.start != "" && !sameStart(start, now.start)
}

// Start is when the process started, as the system counts that, "" when that is not known.
func (p Process) Start() string { return p.start }

// Runs reports whether the process with this pid runs, and started when start says. A start of "" is not compared.
func Runs(pid int, start string) bool { return pid > 1 && !processGone(pid, start) }

// IsThisSpace reports whether the client's name for a pid namespace is that of this process. It is true where either is
// not known.
func IsThisSpace(domain string) bool {
	here, _, _ := strings.Cut(clientSpace(), "\n")
	return domain == "" || here == "" || domain == here
}
