// Package atomicfile replaces a file as a whole: at every instant, also after a crash, a kill or a full disk, the file
// is the old one or the new one. It also reads files that other programs may have put there, and never waits for one.
//
// Write puts the new content into a temporary file beside the old one, syncs it, renames it over the old one, and syncs
// the directory so that the rename survives a power cut. Known libraries leave out what a credentials file needs: Write
// follows a symbolic link and keeps it (people keep ~/.claude in a dotfiles repository), only the owner can read the
// temporary from its first instant, the new file does not inherit a loose mode, and it keeps its owner when root runs
// the program in another user's home.
//
// A file that is a mount point cannot be replaced: Write writes it in place, and Finish completes that after a kill.
//
// A second hard link to the file keeps the old content, as with every rename (the client's own write does the same,
// 2.1.165 and 2.1.330).
package atomicfile

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// Options say how Write replaces a file.
type Options struct {
	// Mode is the permission bits of the new file, whatever the old file had; zero means 0600.
	Mode os.FileMode
	// MkdirParents creates missing directories on the way to the file (create.Dirs).
	MkdirParents bool
	// NoFollow fails where path is a symbolic link. Set it where others may make links: in a shared directory a link
	// could lead to any file of this user.
	NoFollow bool
	// Exclusive never replaces a file: the error wraps fs.ErrExist when one is there or appears meanwhile.
	Exclusive bool
	// Before is a last check right before the rename, when all other work is done: for example that a lock is still held.
	// When it returns an error, Write leaves the file as it is and returns that error, wrapped.
	Before func() error
}

// Write makes data the content of the file that path names, after following symbolic links (also a dangling last link,
// whose target it creates). After any error but a *NotDurableError the old file is untouched, and no temporary is left
// unless the error says so. A mount point is written in place, with what that means for a kill: see Finish.
//
// Write keeps the owner and group of an old file; when that is not allowed the error is an *OwnerError. A new file that
// root makes in another user's directory is given to the directory's owner, who could not read it otherwise. Any other
// user makes none there: the error wraps create.ErrForeign.
// The error is a *NotRegularError for a directory, FIFO, device or socket.
func Write(path string, data []byte, o Options) error {
	if o.Mode == 0 {
		o.Mode = 0o600
	}
	p, err := openPlace(path, o.MkdirParents)
	if err != nil {
		return err
	}
	defer p.close()
	if o.NoFollow && !p.isAt(path) {
		return &fs.PathError{Op: "write", Path: path, Err: errIsLink}
	}
	if p.old != nil && !o.Exclusive && isMountRoot(p.fd(), p.base) {
		return p.writeInPlace(data, o)
	}
	err = p.replace(path, data, o)
	if errors.Is(err, unix.EBUSY) && p.old != nil && !o.Exclusive { // a mount point, where the system does not tell
		return p.writeInPlace(data, o)
	}
	return err
}

// replace is Write for a file that has its name from the directory.
func (p *place) replace(path string, data []byte, o Options) (err error) {
	t, err := p.createTemporary()
	if err != nil {
		return err
	}
	renamed := false
	defer func() {
		if !renamed { // after an error, or a panic in Before
			err = t.discard(err)
		}
	}()
	if err := t.giveToOwner(o.Mode); err != nil {
		return err
	}
	if err := t.fill(data, o.Mode); err != nil {
		return Failed("cannot write "+p.path(), err)
	}
	if o.Before != nil {
		if err := o.Before(); err != nil {
			return err
		}
	}
	if err := t.rename(o.Exclusive); err != nil {
		return err
	}
	renamed = true
	return p.sync()
}

// Remove unlinks the file that path names, after following symbolic links, which stay, and syncs its directory.
// The error wraps fs.ErrNotExist when there is no file, and is a *NotRegularError for anything but a regular file.
func Remove(path string) error {
	p, err := openPlace(path, false)
	if err != nil {
		return err
	}
	defer p.close()
	if p.old == nil {
		return &fs.PathError{Op: "remove", Path: p.path(), Err: unix.ENOENT}
	}
	if err := IgnoringEINTR(func() error { return unix.Unlinkat(p.fd(), p.base, 0) }); err != nil {
		return &fs.PathError{Op: "remove", Path: p.path(), Err: err}
	}
	return p.sync()
}

// place is where a file is, or will be: an open directory and a name in it. All steps start from the descriptor, so
// that nobody can exchange the directory between two of them.
type place struct {
	dir  *os.File
	base string
	old  *unix.Stat_t // the regular file that is there; nil when there is none
}

var errIsLink = errors.New("it is a symbolic link")

// isAt reports whether the place is the one that path names itself, and not where a link of that name leads.
func (p *place) isAt(path string) bool {
	whole, err := filepath.Abs(path)
	if err != nil {
		return false
	}
	dir, err := filepath.EvalSymlinks(filepath.Dir(whole))
	return err == nil && filepath.Join(dir, filepath.Base(whole)) == p.path()
}

// maxRaces bounds how often openPlace starts again because another process changed the path meanwhile.
const maxRaces = 16

func openPlace(path string, mkdir bool) (*place, error) {
	var err error
	for range maxRaces {
		var p *place
		if p, err = tryOpenPlace(path, mkdir); !errors.Is(err, errRaced) {
			return p, err
		}
	}
	return nil, err
}

var errRaced = errors.New("another process changes it again and again")

func tryOpenPlace(path string, mkdir bool) (*place, error) {
	target, err := resolve(path, mkdir)
	if err != nil {
		return nil, err
	}
	dirname, base := filepath.Split(target)
	if base == "" {
		return nil, &NotRegularError{Path: target, Mode: fs.ModeDir}
	}
	// O_NOFOLLOW: resolve has followed every link, so a link that is here now is new.
	fd, err := openat(unix.AT_FDCWD, filepath.Clean(dirname), unix.O_RDONLY|unix.O_DIRECTORY|unix.O_NOFOLLOW, 0)
	if errors.Is(err, unix.ELOOP) || errors.Is(err, unix.ENOTDIR) {
		return nil, Failed("cannot open the directory "+dirname, errRaced)
	}
	if err != nil {
		return nil, &fs.PathError{Op: "open the directory", Path: dirname, Err: err}
	}
	p := &place{dir: os.NewFile(uintptr(fd), filepath.Clean(dirname)), base: base}
	if err := p.look(); err != nil {
		p.close()
		return nil, err
	}
	return p, nil
}

// look sets p.old to the regular file that is in the place now.
func (p *place) look() error {
	st, err := statNoFollow(p.fd(), p.base)
	switch {
	case errors.Is(err, unix.ENOENT):
		return nil
	case err != nil:
		return &fs.PathError{Op: "stat", Path: p.path(), Err: err}
	case uint32(st.Mode)&unix.S_IFMT == unix.S_IFLNK:
		return Failed("cannot follow the link "+p.path(), errRaced)
	case uint32(st.Mode)&unix.S_IFMT != unix.S_IFREG:
		return &NotRegularError{Path: p.path(), Mode: typeOf(p.path())}
	}
	p.old = st
	return nil
}

// typeOf is for an error text only, because it looks again and may see something else.
func typeOf(path string) fs.FileMode {
	info, err := os.Lstat(path)
	if err != nil {
		return fs.ModeIrregular
	}
	return info.Mode().Type()
}

func (p *place) path() string { return filepath.Join(p.dir.Name(), p.base) }
func (p *place) fd() int      { return int(p.dir.Fd()) }

// close closes the directory. Closing a descriptor that was only read from loses nothing.
func (p *place) close() { _ = p.dir.Close() }

// sync makes the directory's last change durable. The error is a *NotDurableError. Some file systems cannot sync a
// directory and return EINVAL or ENOTSUP, which is not an error: nothing more can be done on those.
func (p *place) sync() error {
	err := p.dir.Sync()
	if err == nil || errors.Is(err, unix.EINVAL) || errors.Is(err, unix.ENOTSUP) {
		return nil
	}
	return &NotDurableError{Path: p.path(), Err: err}
}
