package session

import (
	"fmt"
	"sync/atomic"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/claude-auth/claude-auth/internal/vt"
)

// termState is memory that a session shares with its supervisor. It says how to restore the terminal when this process
// is killed. It is memory, and not a message for each change, because the client changes its modes with every frame. A
// state is written into the slot that is not current, which then becomes current: a kill in the middle leaves the state
// before it.
type termState struct{ mem []byte }

// terminalState is the content of a slot. It has a fixed size, because it is copied as bytes.
type terminalState struct {
	Saved, Raw unix.Termios
	ResetLen   uint32
	Reset      [vt.ResetMax]byte // resets the terminal's modes
}

const (
	slotSize = 2 << 10      // more than a terminalState
	memSize  = 3 * slotSize // the number of the current slot, and two slots
)

func mapTermState(fd int) (*termState, error) {
	mem, err := unix.Mmap(fd, 0, memSize, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED)
	return &termState{mem}, err
}

// newTermState makes the memory and the descriptor to map it again.
func newTermState() (*termState, int, error) {
	fd, err := anonymousMemory()
	if err != nil {
		return nil, -1, err
	}
	var p *termState
	if err = unix.Ftruncate(fd, memSize); err == nil {
		p, err = mapTermState(fd)
	}
	if err != nil {
		unix.Close(fd)
		return nil, -1, fmt.Errorf("share the terminal's state: %w", err)
	}
	return p, fd, nil
}

func (p *termState) current() *uint32 { return (*uint32)(unsafe.Pointer(&p.mem[0])) }

func (p *termState) slot(i uint32) *terminalState {
	return (*terminalState)(unsafe.Pointer(&p.mem[slotSize*(1+int(i&1))]))
}

func (p *termState) load() terminalState { return *p.slot(atomic.LoadUint32(p.current())) }

func (p *termState) store(s *terminalState) {
	next := atomic.LoadUint32(p.current()) + 1
	*p.slot(next) = *s
	atomic.StoreUint32(p.current(), next)
}

func (p *termState) unmap() { _ = unix.Munmap(p.mem) }
