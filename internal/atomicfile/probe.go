package atomicfile

import (
	"crypto/rand"
	"fmt"
	"os"
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
		return fmt.Errorf("write %s: %w", p.path(), err)
	}
	return nil
}

// largestProbe bounds a trial, in bytes, where something huge is in the file's place.
const largestProbe = 1 << 20

// Traits is what a directory's file system makes of a new file.
type Traits struct {
	Mode os.FileMode // of one that was made with 0600
	UID  int         // of its owner
}

// TraitsOf finds out by a trial what the file system makes of a new file beside the one that path names.
func TraitsOf(path string) (Traits, error) {
	p, err := openPlace(path, false)
	if err != nil {
		return Traits{}, err
	}
	defer p.close()
	t, err := p.createTemporary()
	if err != nil {
		return Traits{}, err
	}
	st, err := fstat(int(t.file.Fd()))
	traits := Traits{Mode: os.FileMode(st.Mode).Perm(), UID: int(st.Uid)}
	return traits, t.discard(err)
}

// KeepsModes reports whether the file system keeps the permissions of files: those of Windows in WSL, FAT and SMB
// mostly show one mode for all, and refuse chmod.
func (t Traits) KeepsModes() bool { return t.Mode == 0o600 }
