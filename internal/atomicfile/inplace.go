package atomicfile

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sys/unix"
)

// A file that is a mount point (`docker run -v file:file`) has its name from the mount: rename(2) over it and unlink(2)
// fail with EBUSY. Such a file can only be written in place. The kernel may cut a large write short when the process is
// killed, and a power cut may store some blocks of it. So the old and the new content are kept in a journal beside the
// file until the write is complete, and Finish completes a write that was interrupted.

// journal is what Finish needs. Its own file is written by rename, so it is always whole.
type journal struct {
	Old []byte `json:"old"`
	New []byte `json:"new"`
}

// journalPrefix begins the name of every journal. The file's own name may have the full 255 bytes already.
const journalPrefix = ".claude-auth.writing."

func journalName(base string) string {
	return fmt.Sprintf("%s%x", journalPrefix, sha256.Sum256([]byte(base)))[:len(journalPrefix)+16]
}

func (p *place) journalPath() string { return filepath.Join(p.dir.Name(), journalName(p.base)) }

// writeInPlace is Write for a mount point. After an error the file has its old content, times and mode; when they
// cannot be restored the error says so, and Finish completes the write.
func (p *place) writeInPlace(data []byte, o Options) error {
	f, old, err := p.openInPlace()
	if err != nil {
		return err
	}
	defer f.Close() // everything is synced by then
	text, err := json.Marshal(journal{Old: old, New: data})
	if err != nil {
		return err
	}
	if err := Write(p.journalPath(), text, Options{}); err != nil {
		return Failed("cannot write "+p.path()+": cannot save a copy first", err)
	}
	err = p.replaceContent(f, old, data, o)
	if errors.As(err, new(*tornError)) {
		return err // the journal stays for Finish
	}
	// If the removal fails, Finish finds that nothing is left to do.
	_ = IgnoringEINTR(func() error { return unix.Unlinkat(p.fd(), journalName(p.base), 0) })
	return err
}

// openInPlace opens the file for writing and reads it.
func (p *place) openInPlace() (*os.File, []byte, error) {
	fd, err := openat(p.fd(), p.base, unix.O_RDWR|unix.O_NOFOLLOW|unix.O_NONBLOCK|unix.O_NOCTTY, 0)
	if err != nil {
		return nil, nil, &fs.PathError{Op: "open for writing in place", Path: p.path(), Err: err}
	}
	f := os.NewFile(uintptr(fd), p.path())
	info, err := f.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = &NotRegularError{Path: p.path(), Mode: info.Mode().Type()}
	}
	var old []byte
	if err == nil {
		old, err = readAll(f, info.Size(), maxInPlace)
	}
	if err == nil && int64(len(old)) != info.Size() { // a restore would cut the file to that
		err = fmt.Errorf("only %d of %d bytes could be read: %w", len(old), info.Size(), unix.EIO)
	}
	if err != nil {
		_ = f.Close() // the first error says more
		return nil, nil, Failed("cannot read "+p.path(), err)
	}
	return f, old, nil
}

// maxInPlace bounds the size of a file that is written in place, in bytes.
const maxInPlace = 64 << 20

// tornError says that a write in place failed, and so did the restoring of the old content.
type tornError struct {
	path string
	errs []error // of the write, and of the restoring
}

func (e *tornError) Error() string {
	return fmt.Sprintf("%s is half written (%v), and its old content could not be restored (%v); "+
		"the next command completes it", e.path, WithoutPath(e.errs[0]), WithoutPath(e.errs[1]))
}

func (e *tornError) Unwrap() []error { return e.errs }

// replaceContent is the last step of writeInPlace.
func (p *place) replaceContent(f *os.File, old, data []byte, o Options) error {
	if o.Before != nil {
		if err := o.Before(); err != nil {
			return err
		}
	}
	info, err := f.Stat()
	if err != nil {
		return err
	}
	if info.Mode().Perm() != o.Mode.Perm() {
		_ = f.Chmod(o.Mode.Perm()) // another owner's file, which had tokens under that mode before
	}
	err = overwrite(f, old, data)
	if err == nil {
		return nil
	}
	if back := p.restore(f, info, old); back != nil {
		return &tornError{path: p.path(), errs: []error{err, back}}
	}
	return Failed("cannot write "+p.path(), err)
}

// overwrite makes data the content of f, which has the content old. JSON may be followed by blanks, so a JSON document
// is whole after each step: the file is made long enough with blanks, which is where a full disk shows; then one call
// writes the new document and as many blanks as the old one was longer; then those are cut off.
func overwrite(f *os.File, old, data []byte) error {
	if more := len(data) - len(old); more > 0 {
		if _, err := f.WriteAt(blanks(more), int64(len(old))); err != nil {
			return err
		}
	}
	if _, err := f.WriteAt(append(bytes.Clone(data), blanks(len(old)-len(data))...), 0); err != nil {
		return err
	}
	if err := f.Sync(); err != nil {
		return err
	}
	if len(old) > len(data) {
		if err := f.Truncate(int64(len(data))); err != nil {
			return err
		}
		if err := f.Sync(); err != nil {
			return err
		}
	}
	return verify(f, data)
}

func blanks(n int) []byte { return bytes.Repeat([]byte(" "), max(n, 0)) }

// verify finds a disk that reports a write that it has not done.
func verify(f *os.File, data []byte) error {
	got, err := io.ReadAll(io.NewSectionReader(f, 0, int64(len(data))+1))
	if err == nil && !bytes.Equal(got, data) {
		err = fmt.Errorf("the disk has not kept what was written: %w", unix.EIO)
	}
	return err
}

// restore makes the file what it was.
func (p *place) restore(f *os.File, was fs.FileInfo, old []byte) error {
	if _, err := f.WriteAt(old, 0); err != nil {
		return err
	}
	if err := f.Truncate(int64(len(old))); err != nil {
		return err
	}
	if err := f.Sync(); err != nil {
		return err
	}
	if err := verify(f, old); err != nil {
		return err
	}
	_ = f.Chmod(was.Mode().Perm()) // the content counts, not the mode and the time
	times := []unix.Timespec{unix.NsecToTimespec(time.Now().UnixNano()), unix.NsecToTimespec(was.ModTime().UnixNano())}
	_ = unix.UtimesNanoAt(p.fd(), p.base, times, unix.AT_SYMLINK_NOFOLLOW)
	return nil
}

// Unfinished reports whether a write in place of the file that path names was interrupted, or is under way. It costs
// two looks at the directory.
func Unfinished(path string) bool {
	if info, err := os.Lstat(path); err == nil && info.Mode()&fs.ModeSymlink != 0 {
		if path, err = Target(path); err != nil {
			return false
		}
	}
	_, err := os.Lstat(filepath.Join(filepath.Dir(path), journalName(filepath.Base(path))))
	return err == nil
}

// Finish completes a write in place that was interrupted, when the file is a mixture of the old and the new content. It
// leaves the file alone when that has the old content, the new one, or what another process has written since. The
// caller holds the locks under which the file is written. Without an unfinished write Finish does nothing.
func Finish(path string) error {
	if !Unfinished(path) {
		return nil
	}
	p, err := openPlace(path, false)
	if err != nil {
		return err
	}
	defer p.close()
	j, ok := p.readJournal()
	if !ok {
		return nil
	}
	if p.old != nil {
		if err := p.finish(j); err != nil {
			return Failed("cannot complete an interrupted write of "+p.path(), err)
		}
	}
	if err := IgnoringEINTR(func() error { return unix.Unlinkat(p.fd(), journalName(p.base), 0) }); err != nil {
		return &fs.PathError{Op: "remove", Path: p.journalPath(), Err: err}
	}
	return nil
}

func (p *place) finish(j journal) error {
	f, now, err := p.openInPlace()
	if err != nil {
		return err
	}
	defer f.Close() // everything is synced by then
	if bytes.Equal(now, j.Old) || bytes.Equal(now, j.New) || !j.isMixed(now) {
		return nil
	}
	return overwrite(f, now, j.New)
}

// isMixed reports whether text has at each place what the old or the new content has there: the blanks that overwrite
// adds, or a NUL where a power cut kept a block from the disk. No document has a NUL.
func (j journal) isMixed(text []byte) bool {
	if len(text) < min(len(j.Old), len(j.New)) || len(text) > max(len(j.Old), len(j.New)) {
		return false
	}
	for i, b := range text {
		if b != 0 && b != at(j.Old, i) && b != at(j.New, i) {
			return false
		}
	}
	return true
}

func at(text []byte, i int) byte {
	if i < len(text) {
		return text[i]
	}
	return ' '
}

// readJournal returns the journal when it belongs to this user, or to the owner of the file. In a directory that
// several users may write to, another user could have made it.
func (p *place) readJournal() (j journal, ok bool) {
	fd, err := openat(p.fd(), journalName(p.base), unix.O_RDONLY|unix.O_NOFOLLOW|unix.O_NONBLOCK, 0)
	if err != nil {
		return j, false
	}
	f := os.NewFile(uintptr(fd), p.journalPath())
	defer f.Close() // it was only read from
	st, err := fstat(fd)
	if err != nil || uint32(st.Mode)&unix.S_IFMT != unix.S_IFREG {
		return j, false
	}
	owner, _, err := p.owner(unix.Stat_t{Uid: uint32(os.Geteuid())})
	if err != nil || int(st.Uid) != os.Geteuid() && st.Uid != owner {
		return j, false
	}
	text, err := readAll(f, st.Size, 4*maxInPlace)
	return j, err == nil && json.Unmarshal(text, &j) == nil
}
