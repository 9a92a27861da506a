package lock

import (
	"io/fs"

	"golang.org/x/sys/unix"

	"github.com/claude-auth/claude-auth/internal/atomicfile"
)

// identify looks at path itself, not at what a link there points to.
func identify(path string) (identity, error) {
	var st unix.Stat_t
	if err := atomicfile.IgnoringEINTR(func() error { return unix.Lstat(path, &st) }); err != nil {
		return identity{}, &fs.PathError{Op: "stat", Path: path, Err: err}
	}
	return identity{
		device: uint64(st.Dev), inode: st.Ino, birth: st.Btim.Nano(),
		mtime: st.Mtim.Nano(), ctime: st.Ctim.Nano(), mode: uint32(st.Mode), uid: st.Uid,
	}, nil
}

const errNoAttribute = unix.ENOATTR

// renameNoReplace is not to be had here: a lock is then made in its place.
func renameNoReplace(string, string) error { return unix.ENOSYS }

// ownSpace is "" in a jail, and where the kernel does not number its boots: an unknown space proves nothing.
func ownSpace() string {
	jailed, err := unix.SysctlUint32("security.jail.jailed")
	if err != nil || jailed != 0 {
		return ""
	}
	boot, err := unix.Sysctl("kern.boot_id")
	if err != nil {
		return ""
	}
	return boot
}

// clientSpace is "": no client runs here that names one.
func clientSpace() string { return "" }
