package credentials

import (
	"cmp"
	"crypto/rand"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"
	"unicode/utf8"

	"github.com/claude-auth/claude-auth/internal/atomicfile"
)

// backupSchema is the version of the format; members are only ever added.
const backupSchema = 1

// Backup holds the exact bytes from before an edit, and says what the edit removed. Its file is the only one besides
// the credentials that holds tokens. It has mode 0600 from its first instant, in a directory of mode 0700.
type Backup struct {
	Schema   int            `json:"schema"`
	ID       string         `json:"id"`
	Time     time.Time      `json:"time"`
	File     string         `json:"file"`
	Item     string         `json:"keychain_item,omitempty"` // the service of the keychain item that it is of
	Path     []byte         `json:"path,omitempty"`          // the file's name, where JSON cannot hold it: it is not UTF-8
	Link     string         `json:"link,omitempty"`          // what the file says as a symbolic link
	Reason   string         `json:"reason"`
	Removed  []string       `json:"removed"`          // keys of the outermost object
	Edited   []string       `json:"edited,omitempty"` // the keys on the way to the value that an edit has changed
	Login    Fingerprints   `json:"login"`
	Document []byte         `json:"document"`          // the exact bytes from before
	Console  *ConsoleBackup `json:"console,omitempty"` // the key of a Console sign-in that the client is about to drop
	After    string         `json:"after"`             // SHA-256 of what was left, in hex; "" when no file was left
	Verified time.Time      `json:"verified,omitzero"` // when the login after it was verified
	Restored time.Time      `json:"restored,omitzero"` // when it was restored
}

// Fingerprints identify a login without revealing it.
type Fingerprints struct {
	Access  string `json:"access"`
	Refresh string `json:"refresh"`
}

// BackupRequest describes an edit that a backup is made for.
type BackupRequest struct {
	Snapshot Snapshot // before the edit
	After    []byte   // what the edit leaves; nil when it removes the file
	Removed  []string // the keys it removes
	Edited   []string // the keys on the way to the one value that it changes; nil when it changes more
	Reason   string
	Login    Fingerprints
	Console  *ConsoleBackup // nil when there is no key to keep
	Time     time.Time
}

// Place names what the backup is of, for people.
func (b *Backup) Place() string { return placeName(b.File, b.Item) }

// ErrNoBackup says that there is no such backup.
var ErrNoBackup = errors.New("no such backup")

// Backups are the backups in some directories, a file each.
type Backups struct{ dirs []string }

// OpenBackups returns the backups in the directories. The first Create makes the first of them in which it can write.
// The first one is trusted. Another one counts only when no other user can write to it.
func OpenBackups(dirs ...string) *Backups { return &Backups{dirs: dirs} }

// usable returns the directories that count.
func (b *Backups) usable() (dirs []string) {
	for i, dir := range b.dirs {
		if i == 0 || isPrivate(dir) {
			dirs = append(dirs, dir)
		}
	}
	return dirs
}

// isPrivate reports whether dir is a directory that no other user can write to, or is missing. On a file system without
// modes or owners nobody can tell: there it is as private as the credentials file.
func isPrivate(dir string) bool {
	info, err := os.Lstat(dir)
	if err != nil || !info.IsDir() {
		return errors.Is(err, fs.ErrNotExist)
	}
	me, uid, trial := os.Geteuid(), info.Sys().(*syscall.Stat_t).Uid, filepath.Join(dir, "trial")
	ours := me == 0 || int(uid) == me || atomicfile.OwnsAll(trial, uid)
	return ours && (info.Mode().Perm()&0o022 == 0 || !atomicfile.KeepsModes(trial))
}

// Create saves the bytes of a snapshot. When it returns without an error they are on the disk.
func (b *Backups) Create(r BackupRequest) (*Backup, error) {
	backup := &Backup{
		Schema: backupSchema, ID: newID(r.Time), Time: r.Time.UTC(), File: r.Snapshot.Path, Reason: r.Reason,
		Removed: append([]string{}, r.Removed...), Edited: r.Edited,
		Login: r.Login, Document: r.Snapshot.Data, After: digest(r.After),
		Item: r.Snapshot.Item, Path: pathBytes(r.Snapshot.Path), Link: linkText(r.Snapshot.Path), Console: r.Console,
	}
	if !utf8.ValidString(backup.Link) {
		backup.Link = "" // JSON cannot hold it, and no link is better than another one
	}
	if err := b.write(backup); err != nil {
		return nil, err
	}
	return backup, nil
}

// LinkOf returns what the file said as a symbolic link when it was last backed up, and "" where it was none then.
func (b *Backups) LinkOf(file string) string {
	list, _ := b.List() // what can be read of them
	for _, backup := range list {
		if backup.File == file {
			return backup.Link
		}
	}
	return ""
}

// pathBytes is a path that JSON cannot hold, and nil for any other.
func pathBytes(path string) []byte {
	if utf8.ValidString(path) {
		return nil
	}
	return []byte(path)
}

// idTime is the beginning of a backup's id, in UTC.
const idTime = "20060102-150405"

// newID begins with the time, so that names sort by age, and ends with a random part for two in one second.
func newID(at time.Time) string {
	var random [3]byte
	rand.Read(random[:]) // never fails: it ends the program instead
	return fmt.Sprintf("%s-%x", at.UTC().Format(idTime), random)
}

func digest(data []byte) string {
	if data == nil {
		return ""
	}
	return fmt.Sprintf("%x", sha256.Sum256(data))
}

// write writes a backup to where it is, or a new one to the first directory that takes it.
func (b *Backups) write(backup *Backup) (err error) {
	text, err := json.Marshal(backup)
	if err != nil {
		return fmt.Errorf("cannot write the backup %s: %w", backup.ID, err)
	}
	places := []string{b.path(backup.ID)}
	if _, missing := os.Lstat(places[0]); missing != nil {
		places = nil
		for _, dir := range b.usable() {
			places = append(places, filepath.Join(dir, backup.ID+backupSuffix))
		}
	}
	for _, place := range places {
		atomicfile.Clean(place, time.Now())
		failed := atomicfile.Write(place, append(text, '\n'), atomicfile.Options{MkdirParents: true})
		if failed == nil {
			return nil
		}
		err = also(err, atomicfile.Failed("cannot write the backup "+place, failed))
	}
	return err
}

// path returns where the backup is, or would be.
func (b *Backups) path(id string) string {
	for _, dir := range b.usable()[1:] {
		path := filepath.Join(dir, id+backupSuffix)
		if _, err := os.Lstat(path); err == nil {
			return path
		}
	}
	return filepath.Join(b.dirs[0], id+backupSuffix)
}

const (
	backupSuffix = ".json"
	maxBackup    = 2 * MaxSize // base64 makes four bytes of three
)

// List returns the backups, the newest first. When one cannot be read, List returns the others together with an error
// that names it.
func (b *Backups) List() ([]*Backup, error) {
	ids, problem := b.ids()
	var list []*Backup
	for _, id := range ids {
		backup, err := b.read(id)
		switch {
		case err == nil:
			list = append(list, backup)
		case !errors.Is(err, fs.ErrNotExist): // another process pruned it meanwhile
			problem = also(problem, err)
		}
	}
	slices.SortStableFunc(list, func(x, y *Backup) int { return y.Time.Compare(x.Time) })
	return list, problem
}

// ids lists the backups' names, the oldest first: the names begin with the time. The error is about a directory that
// cannot be read.
func (b *Backups) ids() (ids []string, problem error) {
	for _, dir := range b.usable() {
		entries, err := os.ReadDir(dir)
		if err != nil && !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, syscall.ENOTDIR) {
			problem = also(problem, atomicfile.Failed("cannot list the backups in "+dir, err))
		}
		for _, entry := range entries {
			if id, ok := strings.CutSuffix(entry.Name(), backupSuffix); ok && validID(id) && entry.Type().IsRegular() {
				ids = append(ids, id)
			}
		}
	}
	slices.Sort(ids)
	return ids, problem
}

// validID refuses an id, as a person may type it, that would name a file in another directory.
func validID(id string) bool { return id != "" && strings.Trim(id, "0123456789abcdef-") == "" }

func (b *Backups) read(id string) (*Backup, error) {
	text, _, err := atomicfile.ReadRegular(b.path(id), maxBackup)
	if err != nil {
		return nil, atomicfile.Failed("cannot read the backup "+b.path(id), err)
	}
	var backup Backup
	if err := json.Unmarshal(text, &backup); err != nil {
		return nil, fmt.Errorf("the backup %s is damaged: %w", b.path(id), err)
	}
	if len(backup.Path) > 0 {
		backup.File = string(backup.Path)
	}
	if backup.ID != id || backup.Schema < 1 {
		return nil, fmt.Errorf("the backup %s is damaged: it does not have this name", b.path(id))
	}
	return &backup, nil
}

// Load returns the backup of this id, or the only one whose id begins so. The error wraps ErrNoBackup when there is
// none, and lists the ids when several begin so.
func (b *Backups) Load(id string) (*Backup, error) {
	ids, problem := b.ids()
	var found []string
	for _, candidate := range ids {
		if candidate == id {
			return b.read(id)
		}
		if strings.HasPrefix(candidate, id) && id != "" {
			found = append(found, candidate)
		}
	}
	switch len(found) {
	case 0:
		return nil, also(fmt.Errorf("%w: %s", ErrNoBackup, id), problem)
	case 1:
		return b.read(found[0])
	}
	return nil, fmt.Errorf("several backups begin with %s: %s", id, strings.Join(found, ", "))
}

// Latest returns the newest backup of the file that was not restored yet. The error is ErrNoBackup when there is none,
// and names a backup that cannot be read where there may be one.
func (b *Backups) Latest(file string) (*Backup, error) {
	list, err := b.List()
	for _, backup := range list {
		if backup.File == file && backup.Restored.IsZero() {
			return backup, nil
		}
	}
	return nil, cmp.Or(err, ErrNoBackup)
}

// MarkVerified notes that the login after the backup works. The backup expires when it is KeepVerified old.
func (b *Backups) MarkVerified(id string, at time.Time) error {
	return b.mark(id, func(backup *Backup) { backup.Verified = at.UTC() })
}

func (b *Backups) mark(id string, change func(*Backup)) error {
	backup, err := b.Load(id)
	if err != nil {
		return err
	}
	change(backup)
	return b.write(backup)
}

// Remove removes one backup, by its whole id.
func (b *Backups) Remove(id string) error {
	if !validID(id) {
		return fmt.Errorf("%w: %s", ErrNoBackup, id)
	}
	path := b.path(id)
	if err := atomicfile.Remove(path); err != nil {
		return atomicfile.Failed("cannot delete the backup "+path, err)
	}
	if dir := filepath.Dir(path); dir != b.dirs[0] {
		_ = os.Remove(dir) // fails while there are others
	}
	return nil
}
