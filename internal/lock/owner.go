package lock

import (
	"crypto/rand"
	"encoding/json"
	"os"
)

// Owner is the process that holds a lock, as far as something says so.
type Owner struct {
	PID   int
	Start string // when the process started, as the system counts it; "" when not known
	Space string // the machine, boot and pid namespace in which PID means something
	Ours  bool   // a process of this program, by the lock's attribute; else the client, by its owner file
}

// Gone reports whether the process is proven to be gone: this machine and pid namespace are the owner's, and no process
// has its pid, or one that started at another time, or one that only waits for its parent. Where nothing is proven it is false.
func (o *Owner) Gone() bool {
	if o.PID <= 1 || o.Space == "" || o.Space != o.hereSpace() {
		return false
	}
	return processGone(o.PID, o.Start)
}

func (o *Owner) hereSpace() string {
	if o.Ours {
		return ownSpace()
	}
	return clientSpace()
}

// ownerAttribute is the extended attribute by which a lock of ours names its process.
const ownerAttribute = "user.claude-auth.owner"

// maxOwner bounds what is read of an attribute or an owner file (the client's own bound, 2.1.330).
const maxOwner = 4096

type attribute struct {
	PID   int    `json:"pid"`
	Start string `json:"start"`
	Space string `json:"space"`
	Nonce string `json:"nonce"` // tells one lock of a process from the next
}

// setOwner marks dir as made by this process and returns the mark. The error is errUnsupported where the file system
// has no attributes.
func setOwner(dir string) ([]byte, error) {
	pid := os.Getpid()
	mark, err := json.Marshal(attribute{PID: pid, Start: processStart(pid), Space: ownSpace(), Nonce: rand.Text()})
	if err != nil {
		return nil, err
	}
	return mark, setAttribute(dir, ownerAttribute, mark)
}

// readOwner returns whom dir's attribute names, or nil.
func readOwner(dir string) *Owner {
	value, err := getAttribute(dir, ownerAttribute)
	if err != nil {
		return nil // none, or a file system without: then nothing says whose it is
	}
	var a attribute
	if json.Unmarshal(value, &a) != nil || a.PID <= 1 {
		return nil
	}
	return &Owner{PID: a.PID, Start: a.Start, Space: a.Space, Ours: true}
}

// ownerOf says who holds the lock id at path, or nil.
func ownerOf(path string, id identity, o Options) *Owner {
	if owner := readOwner(path); owner != nil {
		return owner
	}
	return o.record(id)
}
