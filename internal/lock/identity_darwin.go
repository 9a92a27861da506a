package lock

import (
	"io/fs"

	"golang.org/x/sys/unix"
)

// identify looks at path itself, not at what a link there points to.
func identify(path string) (identity, error) {
	var st unix.Stat_t
	if err := ignoringEINTR(func() error { return unix.Lstat(path, &st) }); err != nil {
		return identity{}, &fs.PathError{Op: "stat", Path: path, Err: err}
	}
	return identity{
		device: uint64(st.Dev), inode: st.Ino, birth: st.Btim.Nano(),
		mtime: st.Mtim.Nano(), mode: uint32(st.Mode), uid: st.Uid,
	}, nil
}
