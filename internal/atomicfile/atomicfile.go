// Package atomicfile replaces a file as a whole: at every instant, also after a crash, a kill or a full disk, the file
// is the old one or the new one. It also reads files that others may have put there, without ever waiting.
//
// The new content is written into a temporary beside the file, synced, renamed over the file, and the directory is
// synced so that the rename survives a power cut. What known libraries for this leave out is what a credentials file
// needs: a symbolic link is followed and kept (people keep ~/.claude in a dotfiles repository), the temporary can be
// read by its owner only from its first instant, a loose mode of the old file is not handed on, and the owner does not
// change without a word when root runs the program in another user's home.
//
// What cannot be kept: a second hard link to the file keeps the old content, as with every rename (the client's own
// write does the same, 2.1.165 and 2.1.330).
package atomicfile

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// DefaultMode is what Write gives a file when Options.Mode is zero.
const DefaultMode os.FileMode = 0o600

// Options are how Write is to replace a file.
type Options struct {
	// Mode is the permission bits of the new file, whatever the old file had; zero means DefaultMode.
	Mode os.FileMode
	// MkdirParents creates missing directories on the way to the file, each with mode 0700.
	MkdirParents bool
	// Exclusive keeps a file that is there already, or comes meanwhile: the error then wraps fs.ErrExist.
	Exclusive bool
	// Before is the last check, right before the rename, when all else has been done: that a lock is still held, say.
	// When it returns an error the file is left as it is and Write returns that error, wrapped.
	Before func() error
}

// Write makes data the content of the file that path names, after following symbolic links (a dangling last link is
// followed too: what it points to is created). On any error but NotDurableError the old file is untouched, and no
// temporary is left unless the error says so.
//
// The owner and group of an old file are kept; where that is not allowed the error is an *OwnerError. A new file that
// root makes in a directory of another user is given to the directory's owner, who could not read it otherwise.
// The error for a directory, FIFO, device or socket in the file's place is a *NotRegularError.
func Write(path string, data []byte, o Options) error {
	if o.Mode == 0 {
		o.Mode = DefaultMode
	}
	p, err := openPlace(path, o.MkdirParents)
	if err != nil {
		return err
	}
	defer p.close()
	t, err := p.createTemporary()
	if err != nil {
		return err
	}
	if err := t.fill(data, o.Mode); err != nil {
		return t.discard(err)
	}
	if o.Before != nil {
		if err := t.lastCheck(o.Before); err != nil {
			return t.discard(fmt.Errorf("write %s: %w", path, err))
		}
	}
	if err := t.rename(o.Exclusive); err != nil {
		return t.discard(err)
	}
	if err := p.sync(); err != nil {
		return &NotDurableError{Path: p.path(), Err: err}
	}
	return nil
}

// Remove unlinks the file that path names, after following symbolic links, which stay, and syncs its directory.
// The error wraps fs.ErrNotExist when there is no file, and is a *NotRegularError for everything else.
func Remove(path string) error {
	p, err := openPlace(path, false)
	if err != nil {
		return err
	}
	defer p.close()
	if p.old == nil {
		return &fs.PathError{Op: "remove", Path: p.path(), Err: unix.ENOENT}
	}
	if err := ignoringEINTR(func() error { return unix.Unlinkat(p.fd(), p.base, 0) }); err != nil {
		return &fs.PathError{Op: "remove", Path: p.path(), Err: err}
	}
	if err := p.sync(); err != nil {
		return &NotDurableError{Path: p.path(), Err: err}
	}
	return nil
}

// place is where a file is, or is to be: an open directory and a name in it. Working from the descriptor means that
// nobody can put another directory under the path between one step and the next.
type place struct {
	dir  *os.File
	base string
	old  *unix.Stat_t // the regular file that is there; nil when there is none
}

// maxRaces bounds how often openPlace starts again because the path was changed under it.
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

var errRaced = errors.New("it was changed meanwhile, again and again")

func tryOpenPlace(path string, mkdir bool) (*place, error) {
	target, err := resolve(path, mkdir)
	if err != nil {
		return nil, err
	}
	dirname, base := filepath.Split(target)
	if base == "" {
		return nil, &NotRegularError{Path: target, Mode: fs.ModeDir}
	}
	// O_NOFOLLOW: resolve has followed every link, so one that is here now was put here since.
	fd, err := openat(unix.AT_FDCWD, filepath.Clean(dirname), unix.O_RDONLY|unix.O_DIRECTORY|unix.O_NOFOLLOW, 0)
	if errors.Is(err, unix.ELOOP) || errors.Is(err, unix.ENOTDIR) {
		return nil, fmt.Errorf("open the directory %s: %w", dirname, errRaced)
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

// look finds out what is in the place now.
func (p *place) look() error {
	st, err := statNoFollow(p.fd(), p.base)
	switch {
	case errors.Is(err, unix.ENOENT):
		return nil
	case err != nil:
		return &fs.PathError{Op: "stat", Path: p.path(), Err: err}
	case uint32(st.Mode)&unix.S_IFMT == unix.S_IFLNK:
		return fmt.Errorf("follow the link %s: %w", p.path(), errRaced)
	case uint32(st.Mode)&unix.S_IFMT != unix.S_IFREG:
		return &NotRegularError{Path: p.path(), Mode: typeOf(p.path())}
	}
	p.old = st
	return nil
}

// typeOf is for an error text alone: something else may be there by now.
func typeOf(path string) fs.FileMode {
	info, err := os.Lstat(path)
	if err != nil {
		return fs.ModeIrregular
	}
	return info.Mode().Type()
}

func (p *place) path() string { return filepath.Join(p.dir.Name(), p.base) }
func (p *place) fd() int      { return int(p.dir.Fd()) }

// close lets go of the directory. A descriptor that was only read has nothing to lose in close.
func (p *place) close() { _ = p.dir.Close() }

// sync makes the directory's last change durable. Some file systems cannot sync a directory and say so with EINVAL or
// ENOTSUP: there is nothing more to be done on those.
func (p *place) sync() error {
	err := p.dir.Sync()
	if errors.Is(err, unix.EINVAL) || errors.Is(err, unix.ENOTSUP) {
		return nil
	}
	return err
}
