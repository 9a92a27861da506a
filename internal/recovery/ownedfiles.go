package recovery

import (
	"os"
	"syscall"

	"github.com/claude-auth/claude-auth/internal/atomicfile"
	"github.com/claude-auth/claude-auth/internal/create"
)

// leaveToOwner gives what the client creates at a sign-in to the user whose home it is in, when root has signed in
// there (sudo -E, su -m): that user could neither read the login nor restore the one before it otherwise.
func (r *Repairer) leaveToOwner() {
	if os.Geteuid() != 0 {
		return
	}
	for _, name := range []string{r.Paths.Credentials, r.Paths.GlobalConfig} {
		r.warn("leave "+name+" to its owner", giveFile(name))
	}
}

// giveFile gives a file of root's to the owner of its directory: not what a link leads to, nor a mount, nor a file that
// has another name, which are from somewhere else.
func giveFile(name string) error {
	file, err := os.OpenFile(name, os.O_RDONLY|syscall.O_NOFOLLOW|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil // it is not there, or a link
	}
	defer file.Close() // it is not written
	info, err := file.Stat()
	if err != nil {
		return err
	}
	stat := info.Sys().(*syscall.Stat_t) // always, on Unix
	if stat.Uid != 0 || stat.Nlink != 1 || !info.Mode().IsRegular() || atomicfile.IsMountPoint(name) {
		return nil
	}
	return create.Give(file)
}
