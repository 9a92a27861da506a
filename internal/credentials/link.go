package credentials

import (
	"context"
	"errors"
	"os"
	"path/filepath"

	"github.com/claude-auth/claude-auth/internal/atomicfile"
	"github.com/claude-auth/claude-auth/internal/claude"
	"github.com/claude-auth/claude-auth/internal/lock"
)

// Link is a credentials file that is a symbolic link: into a repository of dotfiles, or to the file of another
// configuration directory. The client reads through it, and replaces it by a file when it writes (2.1.165, 2.1.330,
// 2.1.332). The file that the link led to stays as it was: after a wipe it has no login.
type Link struct {
	To   string // as the link says it
	left string // the digest of what it led to
}

// Link returns the link that the file is, and nil where it is none.
func (f *FileStore) Link() *Link {
	to := linkText(f.Path)
	if to == "" {
		return nil
	}
	return &Link{To: to, left: ReadFile(f.Path).digest()}
}

// linkText is what the link at path says, and "" where there is none.
func linkText(path string) string {
	to, _ := os.Readlink(path) // fails for anything but a link
	return to
}

func (s Snapshot) digest() string {
	if !s.Exists {
		return ""
	}
	return digest(s.Data)
}

// target is the file to which a link at path leads.
func (l *Link) target(path string) (string, error) {
	to := l.To
	if !filepath.IsAbs(to) {
		to = filepath.Dir(path) + "/" + to // not cleaned: what is before a .. may be a link
	}
	return atomicfile.Target(to)
}

// Relink undoes what the client has done to the link: under the locks it moves what is in the link's place to where the
// link led, and makes the link again. It returns that file, or "" when nothing was to do. After an error everything is
// as the client has left it.
//
// It fails with a *NewerLoginError when another process has signed in there meanwhile.
func (f *FileStore) Relink(ctx context.Context, link *Link) (target string, err error) {
	if !f.isReplaced() {
		return "", nil
	}
	if target, err = link.target(f.Path); err != nil {
		return "", err
	}
	err = f.withLocks(ctx, f.Path, target, func(held *lock.Held) error {
		if !f.isReplaced() {
			target = ""
			return nil
		}
		return f.relinkLocked(ctx, held, link, target)
	})
	if err != nil {
		return "", err
	}
	return target, nil
}

// isReplaced reports whether a regular file is in the link's place.
func (f *FileStore) isReplaced() bool {
	info, err := os.Lstat(f.Path)
	return err == nil && info.Mode().IsRegular()
}

func (f *FileStore) relinkLocked(ctx context.Context, held *lock.Held, link *Link, target string) error {
	atomicfile.Clean(f.Path, f.Now())
	atomicfile.Clean(target, f.Now())
	own, err := f.Read(ctx)
	if err != nil {
		return err
	}
	there := ReadFile(target)
	data, err := link.merge(own, there)
	if err != nil {
		return err
	}
	check := f.lastCheck(ctx, held)
	written := atomicfile.Write(target, data, atomicfile.Options{Before: check})
	if !isDone(written) {
		return written
	}
	linked := atomicfile.Link(link.To, f.Path, check)
	switch {
	case isDone(linked):
		return also(written, linked)
	case there.Exists:
		return also(linked, atomicfile.Write(target, there.Data, atomicfile.Options{}))
	}
	return also(linked, atomicfile.Remove(target))
}

// isDone reports whether a change was made, by its error.
func isDone(err error) bool { return err == nil || errors.As(err, new(*atomicfile.NotDurableError)) }

// merge is what the link's target gets. The client has made the file in the link's place from what it read there. When
// that has changed since, what is not of the account stays as it is there now.
func (l *Link) merge(own, there Snapshot) ([]byte, error) {
	switch {
	case own.Doc == nil:
		return nil, own.Err
	case there.digest() == l.left, !there.Exists:
		return own.Data, nil
	case there.Doc == nil:
		return nil, there.Err
	case there.Doc.HoldsLogin():
		return nil, &NewerLoginError{Path: there.Path}
	}
	doc, _, err := there.Doc.WithoutAccount()
	if err != nil {
		return nil, err
	}
	for _, key := range own.Doc.Keys() {
		if !claude.IsAccountKey(key) && doc.Has(key) {
			continue
		}
		place := Path{{Name: key, Key: true}}
		raw, _, err := own.Doc.At(place)
		if err != nil {
			return nil, err
		}
		if doc, err = doc.SetAt(place, raw); err != nil {
			return nil, err
		}
	}
	return doc.Bytes(), nil
}
