package lock

import (
	"errors"
	"io/fs"
	"os"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"

	"github.com/claude-auth/claude-auth/internal/atomicfile"
)

// identify looks at path itself, not at what a link there points to.
func identify(path string) (identity, error) {
	var st unix.Statx_t
	err := atomicfile.IgnoringEINTR(func() error {
		return unix.Statx(unix.AT_FDCWD, path, unix.AT_SYMLINK_NOFOLLOW, unix.STATX_BASIC_STATS|unix.STATX_BTIME, &st)
	})
	if errors.Is(err, unix.ENOSYS) || errors.Is(err, unix.EPERM) { // Linux before 4.11, sandboxes that do not know statx
		return identifyByLstat(path)
	}
	if err != nil {
		return identity{}, &fs.PathError{Op: "stat", Path: path, Err: err}
	}
	id := identity{
		device: unix.Mkdev(st.Dev_major, st.Dev_minor), inode: st.Ino,
		mtime: st.Mtime.Sec*1e9 + int64(st.Mtime.Nsec), mode: uint32(st.Mode), uid: st.Uid,
		ctime: st.Ctime.Sec*1e9 + int64(st.Ctime.Nsec),
	}
	if st.Mask&unix.STATX_BTIME != 0 {
		id.birth = st.Btime.Sec*1e9 + int64(st.Btime.Nsec)
	}
	return id, nil
}

func identifyByLstat(path string) (identity, error) {
	info, err := os.Lstat(path)
	if err != nil {
		return identity{}, err
	}
	st := info.Sys().(*syscall.Stat_t)
	return identity{
		device: uint64(st.Dev), inode: st.Ino, mtime: st.Mtim.Nano(), ctime: st.Ctim.Nano(), mode: st.Mode, uid: st.Uid,
	}, nil
}

const errNoAttribute = unix.ENODATA

func renameNoReplace(from, to string) error {
	return unix.Renameat2(unix.AT_FDCWD, from, unix.AT_FDCWD, to, unix.RENAME_NOREPLACE)
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
