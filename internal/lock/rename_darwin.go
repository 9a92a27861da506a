package lock

import "golang.org/x/sys/unix"

const errNoAttribute = unix.ENOATTR

func renameNoReplace(from, to string) error {
	return unix.RenamexNp(from, to, unix.RENAME_EXCL)
}
