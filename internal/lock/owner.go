package lock

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"errors"
	"io/fs"
	"os"

	"github.com/claude-auth/claude-auth/internal/atomicfile"
	"github.com/claude-auth/claude-auth/internal/claude"
)

// Owner is the process that holds a lock, according to the lock or to the client's owner file.
type Owner struct {
	PID   int    `json:"pid"`
	Start string `json:"start"` // when the process started, as the system counts it; "" when not known
	Space string `json:"space"` // the machine, boot and pid namespace of PID
	Ours  bool   `json:"-"`     // a process of this program, by the lock's attribute; else a client, by its owner file
}

// gone reports whether the process has surely ended: this is the owner's machine and pid namespace, and no process has
// its pid, or only one that started at another time, or a zombie.
func (o *Owner) gone() bool { return o.isHere() && processGone(o.PID, o.Start) }

// isHere reports whether the owner is a process of this machine and pid namespace.
func (o *Owner) isHere() bool {
	here := clientSpace
	if o.Ours {
		here = ownSpace
	}
	return o.PID > 1 && o.Space != "" && o.Space == here()
}

// ownerAttribute is the extended attribute by which a lock of ours names its process.
const ownerAttribute = "user.claude-auth.owner"

// IsOurs reports whether the lock that is the directory at path was made by this program, not by a client. On a file
// system without extended attributes nobody knows, and it is false.
func IsOurs(path string) bool {
	mark, err := getAttribute(path, ownerAttribute)
	return err == nil && len(mark) > 0
}

type attribute struct {
	Owner
	Nonce string `json:"nonce"` // tells one lock of a process from the next
}

// setOwner marks dir as made by this process and returns the mark. The error is errUnsupported where the file system
// has no attributes.
func setOwner(dir string) ([]byte, error) {
	pid := os.Getpid()
	mark, err := json.Marshal(attribute{Owner{PID: pid, Start: ProcessOf(pid).start, Space: ownSpace()}, rand.Text()})
	if err != nil {
		return nil, err
	}
	return mark, setAttribute(dir, ownerAttribute, mark)
}

// ownerOf returns who holds the lock id at path, by its attribute or else by the client's owner file. It returns nil
// when neither says so.
func ownerOf(path string, id identity, o options) *Owner {
	if value, err := getAttribute(path, ownerAttribute); err == nil {
		var a attribute
		if json.Unmarshal(value, &a) == nil && a.PID > 1 {
			a.Ours = true
			return &a.Owner
		}
	}
	if o.ownerFile == "" || id.birth == 0 {
		return nil
	}
	r, err := readRecord(o.ownerFile)
	if err != nil || r.LockBirthtimeMs != id.birthMs() && r.LegacyLockBirthtimeMs != id.birthMs() {
		return nil // missing, unreadable, or about an earlier lock
	}
	return r.owner()
}

// record is the client's owner file (since 2.1.330). It is about the two locks whose times of birth it names; the
// legacy one is the lock beside the directory.
type record struct {
	PID                   int     `json:"pid"`
	ProcStart             string  `json:"procStart"`
	PIDDomain             string  `json:"pidDomain"`
	PIDSpace              string  `json:"pidSpace"`
	LockBirthtimeMs       float64 `json:"lockBirthtimeMs"`
	LegacyLockBirthtimeMs float64 `json:"legacyLockBirthtimeMs"`
}

func (r record) owner() *Owner {
	if r.PID <= 1 {
		return nil
	}
	return &Owner{PID: r.PID, Start: r.ProcStart, Space: spaceOf(r.PIDDomain, r.PIDSpace)}
}

// spaceOf joins the client's two names of a pid namespace into one.
func spaceOf(domain, space string) string { return domain + "\n" + space }

// readRecord reads the owner file. It refuses a link, which the client never makes, and everything that is not a file.
func readRecord(path string) (r record, err error) {
	if info, err := os.Lstat(path); err != nil || !info.Mode().IsRegular() {
		return record{}, errors.Join(fs.ErrInvalid, err)
	}
	data, _, err := atomicfile.ReadRegular(path, claude.OwnerSize)
	if err != nil {
		return record{}, err
	}
	return r, json.Unmarshal(bytes.TrimSpace(data), &r)
}
