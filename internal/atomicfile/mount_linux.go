package atomicfile

import "golang.org/x/sys/unix"

// isMountRoot reports whether something is mounted where the last component of a name is. Linux tells since 5.8.
func isMountRoot(dir int, name string) bool {
	var st unix.Statx_t
	err := IgnoringEINTR(func() error { return unix.Statx(dir, name, unix.AT_SYMLINK_NOFOLLOW, 0, &st) })
	return err == nil && st.Attributes_mask&st.Attributes&unix.STATX_ATTR_MOUNT_ROOT != 0
}
