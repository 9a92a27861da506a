// Package create makes directories and files that the owner of the place can use afterwards.
//
// Root often runs this program in the home of another user (sudo -E, sudo -s, su -m). What it makes there gets the
// owner of the directory around it: that user could neither read nor replace it otherwise. Any other user makes nothing
// in a directory of another user, unless that is a shared one.
//
// Package early depends on it, so it imports no package with much initialisation; see package cache.
package create

import (
	"errors"
	"io/fs"
	"os"
	"syscall"
)

// Private is the mode of a directory of the program's own.
const Private fs.FileMode = 0o700

// usual is the mode of any other directory, which the umask narrows.
const usual fs.FileMode = 0o777

// own is the name of the directories that are the program's own, in the places that the XDG specification names.
const own = "claude-auth"

// Dirs makes dir and the missing directories above it. The last one is private, and so is everything from a directory
// called claude-auth on. The others have the rights that the system gives to every directory.
func Dirs(dir string) error {
	private := len(dir)
	var made []string // with our own directory, and around it
	for at := dir; at != ""; {
		above, name := split(at)
		if name == own {
			private = len(trim(at))
			if isUsualPlace(trim(above)) {
				made = missing(above)
			}
			break
		}
		at = trim(above)
	}
	err := makeDirs(dir, private)
	if err == nil && len(made) > 0 {
		noteMade(dir[:private], made)
	}
	return err
}

// trim removes the slashes at the end. It does not clean the path: `..` behind a link is not what the text says.
func trim(name string) string {
	for len(name) > 0 && name[len(name)-1] == '/' {
		name = name[:len(name)-1]
	}
	return name
}

// split cuts a path before its last part.
func split(name string) (above, last string) {
	name = trim(name)
	for i := len(name); i > 0; i-- {
		if name[i-1] == '/' {
			return name[:i], name[i:]
		}
	}
	return "", name
}

// around is the directory that name is in.
func around(name string) string {
	if above, _ := split(name); above != "" {
		return above
	}
	return "."
}

// makeDirs makes dir and those above it, of which those with a path of at least that length are private.
func makeDirs(dir string, private int) error {
	info, err := os.Stat(dir)
	switch {
	case err == nil && info.IsDir():
		return nil
	case err == nil:
		return &fs.PathError{Op: "mkdir", Path: dir, Err: syscall.ENOTDIR}
	case !errors.Is(err, fs.ErrNotExist):
		return err
	}
	if err := makeDirs(around(dir), private); err != nil {
		return err
	}
	mode := usual
	if len(dir) >= private {
		mode = Private
	}
	if err := Dir(dir, mode); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	return nil
}

// isUsualPlace reports whether dir is where the XDG specification puts directories of programs. One that a person has
// named by a variable stays when the program goes.
func isUsualPlace(dir string) bool {
	above, last := split(dir)
	_, beforeLast := split(above)
	return last == ".config" || last == "state" && beforeLast == ".local"
}

// missing returns dir and the directories above it that are not there.
func missing(dir string) (list []string) {
	for dir = trim(dir); dir != ""; dir = trim(around(dir)) {
		if _, err := os.Lstat(dir); !errors.Is(err, fs.ErrNotExist) {
			break
		}
		list = append(list, dir)
	}
	return list
}

// Made is the file in a directory of the program's own that lists the directories above it which were made for it, one
// a line. It is there only if there are any. `uninstall` reads it.
const Made = ".made"

// noteMade writes that file. Without it nothing is lost: an empty directory would stay behind the program.
func noteMade(dir string, made []string) {
	file, err := Open(dir+"/"+Made, os.O_WRONLY)
	if err != nil {
		return
	}
	for _, name := range made {
		_, _ = file.WriteString(name + "\n")
	}
	_ = file.Close()
}

// Dir makes one directory. The error wraps fs.ErrExist when something has its name.
func Dir(dir string, mode fs.FileMode) error {
	if err := os.Mkdir(dir, mode); err != nil {
		return err
	}
	place, mine := surroundings(dir)
	if mine {
		return nil
	}
	// By a descriptor: the owner of the place may put something else there meanwhile, and must not be given that.
	made, err := os.OpenFile(dir, os.O_RDONLY|syscall.O_DIRECTORY|syscall.O_NOFOLLOW, 0)
	if err == nil {
		if _, filled := made.Readdirnames(1); filled == nil {
			err = &fs.PathError{Op: "mkdir", Path: dir, Err: syscall.ENOTEMPTY}
		} else {
			err = give(made, place)
		}
		_ = made.Close() // it was only looked at
	}
	if err != nil {
		_ = os.Remove(dir) // err says why it must not stay
	}
	return err
}

// Open opens a file with these flags, and makes it with mode 0600 when there is none. It follows no link, and
// does not wait for a FIFO.
func Open(name string, flags int) (*os.File, error) {
	flags |= syscall.O_NOFOLLOW | syscall.O_NONBLOCK
	file, err := os.OpenFile(name, flags, 0)
	if !errors.Is(err, fs.ErrNotExist) {
		return file, err
	}
	file, err = os.OpenFile(name, flags|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) { // by another process meanwhile
		return os.OpenFile(name, flags, 0)
	}
	if err != nil {
		return nil, err
	}
	if err := Give(file); err != nil {
		_ = file.Close()
		_ = os.Remove(name)
		return nil, err
	}
	return file, nil
}

// Give gives a file to the owner of its directory. This process must have made the file a moment ago. The caller
// removes the file after an error.
func Give(file *os.File) error {
	place, mine := surroundings(file.Name())
	if mine {
		return nil
	}
	return give(file, place)
}

// surroundings returns the directory that name is in, and whether what this process makes there is right as it is.
func surroundings(name string) (place *syscall.Stat_t, mine bool) {
	info, err := os.Stat(around(name))
	if err != nil {
		return nil, true // it has gone, and what was made there with it
	}
	place = info.Sys().(*syscall.Stat_t) // always, on Unix
	return place, place.Uid == 0 || int(place.Uid) == os.Geteuid()
}

func give(file *os.File, place *syscall.Stat_t) error {
	info, err := file.Stat()
	if err != nil {
		return err
	}
	switch made := info.Sys().(*syscall.Stat_t); {
	case made.Uid == place.Uid: // a file system on which everything has one owner
		return nil
	case made.Uid == 0:
		return file.Chown(int(place.Uid), int(place.Gid))
	}
	if MayAdd(place) {
		return nil
	}
	return &fs.PathError{Op: "create", Path: file.Name(), Err: ErrForeign}
}

const groupWrites = 0o020 // S_IWGRP, which syscall does not have on FreeBSD

// MayAdd reports whether this process, which is not root's, may make something in that directory: it is its own,
// root's, one for everybody (as /tmp), or shared with a group of this process (as the home of a container that runs
// under any user).
func MayAdd(dir *syscall.Stat_t) bool {
	if dir.Uid == 0 || int(dir.Uid) == os.Geteuid() || dir.Mode&syscall.S_ISVTX != 0 {
		return true
	}
	if dir.Mode&groupWrites == 0 {
		return false
	}
	groups, _ := os.Getgroups() // without them the first one counts alone
	for _, group := range append(groups, os.Getegid()) {
		if group == int(dir.Gid) {
			return true
		}
	}
	return false
}

// ErrForeign says that a directory belongs to another user.
var ErrForeign error = foreignError{}

type foreignError struct{}

func (foreignError) Error() string { return "the directory belongs to another user" }

// Is makes it one of the errors for what is not permitted.
func (foreignError) Is(target error) bool { return target == fs.ErrPermission }
