package atomicfile

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// temporaryPrefix begins the name of every temporary. It is our own word, never the client's `<file>.tmp.<8 hex>`. The
// file's own name is not in it: that may be 255 bytes long already.
const temporaryPrefix = ".claude-auth.tmp."

// temporary is the new file before it has its name.
type temporary struct {
	place *place
	file  *os.File
	name  string
}

// maxNames bounds the search for a free name: with 96 random bits even the second try says that something is wrong.
const maxNames = 8

func (p *place) createTemporary() (*temporary, error) {
	const flags = unix.O_RDWR | unix.O_CREAT | unix.O_EXCL | unix.O_NOFOLLOW
	var random [12]byte
	for range maxNames {
		rand.Read(random[:]) // never fails: it ends the program instead
		name := fmt.Sprintf("%s%x.%x", temporaryPrefix, random[:4], random[4:])
		fd, err := openat(p.fd(), name, flags, 0o600)
		if errors.Is(err, unix.EEXIST) {
			continue
		}
		path := filepath.Join(p.dir.Name(), name)
		if err != nil {
			return nil, fmt.Errorf("write %s: %w", p.path(), &fs.PathError{Op: "create the temporary", Path: path, Err: err})
		}
		t := &temporary{place: p, file: os.NewFile(uintptr(fd), path), name: name}
		if t.claim() {
			return t, nil
		}
		_ = t.file.Close() // it has no name any more, and nothing in it
	}
	return nil, fmt.Errorf("write %s: create a temporary in %s: %w", p.path(), p.dir.Name(), fs.ErrExist)
}

// fill makes the temporary what the file is to be: owner, content, mode; and all of it on the disk.
func (t *temporary) fill(data []byte, mode os.FileMode) error {
	if err := t.giveToOwner(mode); err != nil {
		return err
	}
	if _, err := t.file.Write(data); err != nil { // os.File goes on after EINTR and short writes
		return t.failed(err)
	}
	// A file that is born as it should be is not changed: a secret's file must never be seen to become 0600.
	info, err := t.file.Stat()
	switch {
	case err != nil:
		return t.failed(err)
	case info.Size() != int64(len(data)): // a disk that says that it has written what it has not
		return t.failed(fmt.Errorf("%d of %d bytes are in the temporary: %w", info.Size(), len(data), unix.EIO))
	case info.Mode().Perm() != mode.Perm():
		if err := t.file.Chmod(mode.Perm()); err != nil {
			return t.failed(err)
		}
	}
	if err := t.file.Sync(); err != nil {
		return t.failed(err)
	}
	return nil
}

// giveToOwner gives the temporary the owner and group that the file is to have.
func (t *temporary) giveToOwner(mode os.FileMode) error {
	own, err := fstat(int(t.file.Fd()))
	if err != nil {
		return t.failed(err)
	}
	uid, gid, err := t.place.owner(own)
	if err != nil {
		return err
	}
	if uid == own.Uid && gid == own.Gid {
		return nil
	}
	err = ignoringEINTR(func() error { return unix.Fchown(int(t.file.Fd()), int(uid), int(gid)) })
	if err != nil && uid == own.Uid && mode.Perm()&0o070 == 0 {
		return nil // only the group would differ, and the group may do nothing with the file
	}
	if err != nil {
		return &OwnerError{Path: t.place.path(), UID: int(uid), GID: int(gid), Err: err}
	}
	return nil
}

// owner says whose the file in p is to be, when a file that this process makes there is as own says.
func (p *place) owner(own unix.Stat_t) (uid, gid uint32, err error) {
	if p.old != nil {
		return p.old.Uid, p.old.Gid, nil
	}
	if own.Uid != 0 {
		return own.Uid, own.Gid, nil
	}
	dir, err := fstat(p.fd())
	if err != nil {
		return 0, 0, &fs.PathError{Op: "stat the directory", Path: p.dir.Name(), Err: err}
	}
	if dir.Uid == 0 {
		return own.Uid, own.Gid, nil
	}
	return dir.Uid, dir.Gid, nil
}

// lastCheck calls check, and discards the temporary when it panics.
func (t *temporary) lastCheck(check func() error) error {
	returned := false
	defer func() {
		if !returned {
			_ = t.discard(nil) // the panic goes on, and is what will be reported
		}
	}()
	err := check()
	returned = true
	return err
}

// rename gives the temporary the file's name. A file system that keeps a failed write back until close says so here; a
// second descriptor keeps the claim until the temporary has its name. An exclusive one replaces no file.
func (t *temporary) rename(exclusive bool) error {
	if claim, err := unix.FcntlInt(t.file.Fd(), unix.F_DUPFD_CLOEXEC, 0); err == nil {
		defer unix.Close(claim)
	}
	err := t.file.Close()
	t.file = nil
	if err != nil && !errors.Is(err, unix.EINTR) {
		return fmt.Errorf("write %s: %w", t.place.path(), err)
	}
	fd := t.place.fd()
	err = ignoringEINTR(func() error {
		if exclusive {
			return unix.Linkat(fd, t.name, fd, t.place.base, 0)
		}
		return unix.Renameat(fd, t.name, fd, t.place.base)
	})
	if err == nil && exclusive {
		_ = unix.Unlinkat(fd, t.name, 0) // what stays is for Clean
	}
	if err != nil {
		return &os.LinkError{Op: "rename", Old: filepath.Join(t.place.dir.Name(), t.name), New: t.place.path(), Err: err}
	}
	return nil
}

// discard removes the temporary and returns why, with a word about the temporary if even that failed.
func (t *temporary) discard(why error) error {
	if t.file != nil {
		_ = t.file.Close() // its content is not wanted any more
	}
	err := ignoringEINTR(func() error { return unix.Unlinkat(t.place.fd(), t.name, 0) })
	if err != nil && !errors.Is(err, unix.ENOENT) {
		return fmt.Errorf("%w (and the temporary %s is left: %w)", why, filepath.Join(t.place.dir.Name(), t.name), err)
	}
	return why
}

func (t *temporary) failed(err error) error { return fmt.Errorf("write %s: %w", t.place.path(), err) }
