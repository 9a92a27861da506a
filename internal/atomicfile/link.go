package atomicfile

import (
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// Link replaces the file at path, at once, by a symbolic link to the path to. It calls before right before that. After
// any error but a *NotDurableError the file is as it was.
func Link(to, path string, before func() error) error {
	p, err := openPlace(path, false)
	if err != nil {
		return err
	}
	defer p.close()
	name, fd := temporaryName(), p.fd()
	if err := IgnoringEINTR(func() error { return unix.Symlinkat(to, fd, name) }); err != nil {
		return &os.LinkError{Op: "symlink", Old: to, New: filepath.Join(p.dir.Name(), name), Err: err}
	}
	if err = before(); err != nil {
		err = Failed("cannot make a link of "+path, err)
	} else if err = IgnoringEINTR(func() error { return unix.Renameat(fd, name, fd, p.base) }); err != nil {
		err = &os.LinkError{Op: "rename", Old: filepath.Join(p.dir.Name(), name), New: p.path(), Err: err}
	}
	if err != nil {
		_ = unix.Unlinkat(fd, name, 0) // if this fails, Clean removes it later
		return err
	}
	return p.sync()
}
