package atomicfile

import (
	"crypto/rand"
	"os"

	"golang.org/x/sys/unix"
)

// Probe finds out whether Write could store the file with that many bytes more than it has: it makes the temporary,
// fills it, syncs it, and removes it again. Only the rename is not tried. The error says what failed, as in Write.
func Probe(path string, more int) (err error) {
	p, err := openPlace(path, false)
	if err != nil {
		return err
	}
	defer p.close()
	t, err := p.createTemporary()
	if err != nil {
		return err
	}
	defer func() { err = t.discard(err) }()
	size := int64(more)
	if p.old != nil {
		size += min(p.old.Size, largestProbe)
	}
	content := make([]byte, size)
	_, _ = rand.Read(content) // never fails; a file system that compresses would have room for zeros
	if err := t.fill(content, 0o600); err != nil {
		return Failed("cannot write "+p.path(), err)
	}
	return nil
}

// largestProbe bounds a trial, in bytes, where something huge is in the file's place.
const largestProbe = 1 << 20

// A file system of Windows (a drive in WSL, SMB, FAT) keeps neither modes nor owners: it shows the same ones for every
// file, and refuses chmod and chown, or ignores them.

// KeepsModes finds out by a trial beside the file that path names whether the file system keeps the modes of files. It
// is true where no file can be made.
func KeepsModes(path string) bool {
	st, err := trial(path)
	return err != nil || os.FileMode(st.Mode).Perm() == 0o600
}

// OwnsAll finds out by a trial beside the file that path names whether the file system makes uid the owner of every
// file, also of those that this user makes. It is false where no file can be made.
func OwnsAll(path string, uid uint32) bool {
	st, err := trial(path)
	return err == nil && st.Uid == uid
}

// trial returns what the file system makes of a new file with mode 0600.
func trial(path string) (st unix.Stat_t, err error) {
	p, err := openPlace(path, false)
	if err != nil {
		return st, err
	}
	defer p.close()
	t, err := p.createTemporary()
	if err != nil {
		return st, err
	}
	st, err = fstat(int(t.file.Fd()))
	return st, t.discard(err)
}
