package atomicfile

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"github.com/claude-auth/claude-auth/internal/create"
)

// temporaryPrefix begins the name of every temporary. It differs from the client's `<file>.tmp.<8 hex>`. The file's own
// name is not in it, because that may have the full 255 bytes already.
const temporaryPrefix = ".claude-auth.tmp."

// temporary is the new file until it gets the file's name.
type temporary struct {
	place *place
	file  *os.File
	name  string
}

// maxNames bounds the search for a free name. With 96 random bits the first one is free.
const maxNames = 8

func (p *place) createTemporary() (*temporary, error) {
	const flags = unix.O_RDWR | unix.O_CREAT | unix.O_EXCL | unix.O_NOFOLLOW
	for range maxNames {
		name := temporaryName()
		fd, err := openat(p.fd(), name, flags, 0o600)
		if errors.Is(err, unix.EEXIST) {
			continue
		}
		path := filepath.Join(p.dir.Name(), name)
		if err != nil {
			return nil, Failed("cannot write "+p.path(), &fs.PathError{Op: "create the temporary", Path: path, Err: err})
		}
		t := &temporary{place: p, file: os.NewFile(uintptr(fd), path), name: name}
		if t.claim() {
			return t, nil
		}
		_ = t.file.Close() // Clean has removed it, and it is empty
	}
	return nil, Failed("cannot write "+p.path(), fs.ErrExist)
}

func temporaryName() string {
	var random [12]byte
	rand.Read(random[:]) // never fails: it ends the program instead
	return fmt.Sprintf("%s%x.%x", temporaryPrefix, random[:4], random[4:])
}

// fill writes the content, sets the mode, and syncs the temporary to the disk.
func (t *temporary) fill(data []byte, mode os.FileMode) error {
	if _, err := t.file.Write(data); err != nil { // os.File goes on after EINTR and short writes
		return err
	}
	info, err := t.file.Stat()
	if err != nil {
		return err
	}
	if info.Size() != int64(len(data)) { // a disk that reports a write that it has not done
		return fmt.Errorf("only %d of %d bytes were written: %w", info.Size(), len(data), unix.EIO)
	}
	if info.Mode().Perm() != mode.Perm() { // a file with secrets has mode 0600 from the first instant and skips this
		if err := t.file.Chmod(mode.Perm()); err != nil && !isRefused(err) {
			return err
		}
	}
	return t.file.Sync()
}

// giveToOwner gives the temporary the owner and group of the file.
func (t *temporary) giveToOwner(mode os.FileMode) error {
	own, err := fstat(int(t.file.Fd()))
	if err != nil {
		return Failed("cannot write "+t.place.path(), err)
	}
	uid, gid, err := t.place.owner(own)
	if err != nil {
		return err
	}
	if uid == own.Uid && gid == own.Gid {
		return nil
	}
	err = IgnoringEINTR(func() error { return unix.Fchown(int(t.file.Fd()), int(uid), int(gid)) })
	if err != nil && uid == own.Uid && mode.Perm()&0o070 == 0 {
		return nil // only the group differs, and the mode gives the group no access
	}
	if err != nil {
		return &OwnerError{Path: t.place.path(), UID: int(uid), GID: int(gid), Err: err}
	}
	return nil
}

// owner returns the owner and group for the file in p, where own is of a file that this process has made there.
func (p *place) owner(own unix.Stat_t) (uid, gid uint32, err error) {
	if p.old != nil {
		return p.old.Uid, p.old.Gid, nil
	}
	info, err := p.dir.Stat()
	if err != nil {
		return 0, 0, &fs.PathError{Op: "stat the directory", Path: p.dir.Name(), Err: err}
	}
	dir := info.Sys().(*syscall.Stat_t) // always, on Unix
	switch {
	case dir.Uid == 0, dir.Uid == own.Uid:
		return own.Uid, own.Gid, nil
	case own.Uid == 0:
		return dir.Uid, dir.Gid, nil
	case !create.MayAdd(dir):
		return 0, 0, &fs.PathError{Op: "create", Path: p.path(), Err: create.ErrForeign}
	}
	return own.Uid, own.Gid, nil
}

// rename gives the temporary the file's name; with exclusive it does not replace a file. It closes the temporary
// before, because some file systems report a failed write only then. A second descriptor keeps the claim meanwhile.
func (t *temporary) rename(exclusive bool) error {
	if claim, err := unix.FcntlInt(t.file.Fd(), unix.F_DUPFD_CLOEXEC, 0); err == nil {
		defer unix.Close(claim)
	}
	err := t.file.Close()
	t.file = nil
	if err != nil && !errors.Is(err, unix.EINTR) {
		return Failed("cannot write "+t.place.path(), err)
	}
	fd := t.place.fd()
	err = IgnoringEINTR(func() error {
		if exclusive {
			return unix.Linkat(fd, t.name, fd, t.place.base, 0)
		}
		return unix.Renameat(fd, t.name, fd, t.place.base)
	})
	if exclusive && isRefused(err) {
		return t.renameAlone()
	}
	if err == nil && exclusive {
		_ = unix.Unlinkat(fd, t.name, 0) // if this fails, Clean removes the name later
	}
	if err != nil {
		return t.notReplaced(err)
	}
	return nil
}

// notReplaced is the error of a rename.
func (t *temporary) notReplaced(err error) error {
	link := &os.LinkError{Op: "rename", Old: filepath.Join(t.place.dir.Name(), t.name), New: t.place.path(), Err: err}
	return Failed("cannot replace "+t.place.path(), link)
}

// renameAlone gives the temporary the file's name, unless there is such a file, on a file system without hard links. It
// locks the directory: when several processes do this at once, the first one wins. (FAT has a rename that
// replaces nothing, but Windows drives in WSL do not.) A process that was stopped here delays others by a second.
func (t *temporary) renameAlone() error {
	fd := t.place.fd()
	for range lockTries {
		err := unix.Flock(fd, unix.LOCK_EX|unix.LOCK_NB) // the lock ends when the directory is closed
		if !errors.Is(err, unix.EWOULDBLOCK) && !errors.Is(err, unix.EINTR) {
			break // locked, or there are no such locks here either
		}
		time.Sleep(lockPoll)
	}
	_, err := statNoFollow(fd, t.place.base)
	if err == nil {
		err = unix.EEXIST
	} else if errors.Is(err, unix.ENOENT) {
		err = IgnoringEINTR(func() error { return unix.Renameat(fd, t.name, fd, t.place.base) })
	}
	if err != nil {
		return t.notReplaced(err)
	}
	return nil
}

const (
	lockTries = 100
	lockPoll  = 10 * time.Millisecond
)

// discard removes the temporary and returns why, which says so when the temporary could not be removed.
func (t *temporary) discard(why error) error {
	if t.file != nil {
		_ = t.file.Close() // its content is not needed
	}
	err := IgnoringEINTR(func() error { return unix.Unlinkat(t.place.fd(), t.name, 0) })
	if err != nil && !errors.Is(err, unix.ENOENT) {
		left := filepath.Join(t.place.dir.Name(), t.name)
		return fmt.Errorf("%w; the temporary file %s could not be removed: %w", why, left, err)
	}
	return why
}
