package lock

import (
	"encoding/binary"
	"os"
	"strconv"
	"time"

	"golang.org/x/sys/unix"
)

// Where struct kinfo_proc of sys/user.h has what this package reads, on 64-bit processors. The structure begins with
// its own size; with any other size nothing is read.
const (
	kinfoSize    = 1088
	kinfoParent  = 76
	kinfoSeconds = 336 // ki_start, a struct timeval
	kinfoMicro   = 344
	kinfoState   = 388
	kinfoName    = 447
	kinfoNameLen = 20
)

// States of a process, from sys/proc.h.
const (
	stopped = 4 // SSTOP
	zombie  = 5 // SZOMB
)

// ProcessOf looks at a process of this machine. The start is in microseconds since 1970.
func ProcessOf(pid int) Process {
	info, err := unix.SysctlRaw("kern.proc.pid", pid)
	if err != nil || len(info) < kinfoSize || binary.LittleEndian.Uint32(info) != kinfoSize {
		return Process{}
	}
	seconds := int64(binary.LittleEndian.Uint64(info[kinfoSeconds:]))
	micro := int64(binary.LittleEndian.Uint64(info[kinfoMicro:]))
	state := info[kinfoState]
	return Process{
		Name:    unix.ByteSliceToString(info[kinfoName : kinfoName+kinfoNameLen]),
		Stopped: state == stopped, ended: state == zombie,
		Started: time.Unix(seconds, micro*1e3),
		Parent:  int(int32(binary.LittleEndian.Uint32(info[kinfoParent:]))),
		start:   strconv.FormatInt(seconds*1e6+micro, 10),
	}
}

// sameStart reports whether two starts can be of one process.
func sameStart(a, b string) bool { return a == b }

// CommandLine returns nil: the system does not say without a call that was not tried.
func CommandLine(int) []string { return nil }

// FlockHolder returns a process that holds a flock(2) on the file, 0 where the system does not say: here.
func FlockHolder(*os.File) (pid int) { return 0 }
