package lock

import (
	"errors"
	"io/fs"
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

// identify looks at path itself, not at what a link there points to.
func identify(path string) (identity, error) {
	var st unix.Statx_t
	err := ignoringEINTR(func() error {
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
	return identity{device: uint64(st.Dev), inode: st.Ino, mtime: st.Mtim.Nano(), mode: st.Mode, uid: st.Uid}, nil
}
