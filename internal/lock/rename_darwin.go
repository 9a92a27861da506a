package lock

import (
	"golang.org/x/sys/unix"
)

const errNoAttribute = unix.ENOATTR

// renameExclusive renames, unless something has the new name: fs.ErrExist.
func renameExclusive(from, to string) error {
	err := ignoringEINTR(func() error { return unix.RenamexNp(from, to, unix.RENAME_EXCL) })
	return renameError(from, to, err)
}
