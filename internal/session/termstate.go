package session

import (
	"fmt"
	"sync/atomic"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/claude-auth/claude-auth/internal/vt"
)

// sharedState is memory that a session shares with its supervisor. It says how to restore the terminal when this
// process is killed. It is memory, and not a message for each change, because the client changes its modes with every
// frame. A state is written into the slot that is not current, which then becomes current: a kill in the middle leaves
// the state before it.
type sharedState struct {
	current atomic.Uint32 // its lowest bit is the current slot
	slots   [2]terminalState
}

// terminalState has no pointers, because two processes share it.
type terminalState struct {
	Saved, Raw unix.Termios
	ResetLen   uint32
	Reset      [vt.ResetMax]byte // resets the terminal's modes
}

const sharedSize = int(unsafe.Sizeof(sharedState{}))

func mapSharedState(fd int) (*sharedState, error) {
	mem, err := unix.Mmap(fd, 0, sharedSize, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED)
	if err != nil {
		return nil, err
	}
	return (*sharedState)(unsafe.Pointer(&mem[0])), nil
}

// newSharedState makes the memory and the descriptor to map it again.
func newSharedState() (state *sharedState, fd int, err error) {
	if fd, err = anonymousMemory(); err != nil {
		return nil, -1, err
	}
	if err = unix.Ftruncate(fd, int64(sharedSize)); err == nil {
		state, err = mapSharedState(fd)
	}
	if err != nil {
		unix.Close(fd)
		return nil, -1, fmt.Errorf("share the terminal's state: %w", err)
	}
	return state, fd, nil
}

func (p *sharedState) load() terminalState { return p.slots[p.current.Load()&1] }

func (p *sharedState) store(state *terminalState) {
	next := p.current.Load() + 1
	p.slots[next&1] = *state
	p.current.Store(next)
}

func (p *sharedState) unmap() { _ = unix.Munmap(unsafe.Slice((*byte)(unsafe.Pointer(p)), sharedSize)) }
