package atomicfile

import (
	"errors"

	"golang.org/x/sys/unix"
)

// IgnoringEINTR calls fn again as long as it returns EINTR. The Go runtime installs its signal handlers with
// SA_RESTART, but network file systems and FUSE still return EINTR.
func IgnoringEINTR(fn func() error) error {
	for {
		if err := fn(); !errors.Is(err, unix.EINTR) {
			return err
		}
	}
}

func openat(dir int, name string, flags int, mode uint32) (fd int, err error) {
	err = IgnoringEINTR(func() error {
		fd, err = unix.Openat(dir, name, flags|unix.O_CLOEXEC, mode)
		return err
	})
	return fd, err
}

func fstat(fd int) (st unix.Stat_t, err error) {
	err = IgnoringEINTR(func() error { return unix.Fstat(fd, &st) })
	return st, err
}

func statNoFollow(dir int, name string) (*unix.Stat_t, error) {
	var st unix.Stat_t
	if err := IgnoringEINTR(func() error { return unix.Fstatat(dir, name, &st, unix.AT_SYMLINK_NOFOLLOW) }); err != nil {
		return nil, err
	}
	return &st, nil
}

// isRefused reports whether a file system has no such thing as a mode, an owner or a hard link, judging by the error
// that it gives the owner of a file: Windows drives in WSL, FAT, SMB, some FUSE.
func isRefused(err error) bool {
	return errors.Is(err, unix.EPERM) || errors.Is(err, unix.EACCES) || errors.Is(err, unix.EINVAL) ||
		errors.Is(err, unix.ENOSYS) || errors.Is(err, unix.ENOTSUP) || errors.Is(err, unix.EOPNOTSUPP)
}
