package lock

import (
	"golang.org/x/sys/unix"
)

const errNoAttribute = unix.ENODATA

// renameExclusive renames, unless something has the new name: fs.ErrExist.
func renameExclusive(from, to string) error {
	err := ignoringEINTR(func() error {
		return unix.Renameat2(unix.AT_FDCWD, from, unix.AT_FDCWD, to, unix.RENAME_NOREPLACE)
	})
	return renameError(from, to, err)
}
