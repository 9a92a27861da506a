package fdio

import (
	"os"
	"strconv"

	"golang.org/x/sys/unix"
)

// CloseInherited closes the descriptors above 2 that this process was started with. A process that outlives its caller
// must not keep a pipe of the caller's open: its reader would wait for the end. The program's own descriptors are
// close-on-exec, and so they tell themselves apart.
func CloseInherited() {
	entries, err := os.ReadDir("/dev/fd")
	if err != nil {
		return // without /proc a pipe stays open for as long as this process lives
	}
	for _, entry := range entries {
		fd, err := strconv.Atoi(entry.Name())
		if err != nil || fd <= 2 {
			continue
		}
		if flags, err := unix.FcntlInt(uintptr(fd), unix.F_GETFD, 0); err == nil && flags&unix.FD_CLOEXEC == 0 {
			unix.Close(fd)
		}
	}
}
