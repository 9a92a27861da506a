package runner

import (
	"fmt"
	"sync/atomic"
	"unsafe"

	"golang.org/x/sys/unix"
)

// watchPage is memory that a session shares with its keeper: what the keeper must know when this process is gone without a word.
// It is written whole into one of two places, which is then named the current one, so that a kill in the middle leaves the
// one before.
type watchPage struct{ mem []byte }

const (
	watchPageSize = 8 << 10
	watchSlot     = 2 << 10 // place of the first of the two
	watchSlotSize = 2 << 10
)

// watchState is the content: fixed in size, because it is copied as bytes.
type watchState struct {
	Set        uint32 // 1 once the terminal has been made raw
	Saved, Raw unix.Termios
	ResetLen   uint32
	Reset      [1024]byte // what brings the terminal's modes back
}

func mapWatchPage(fd int) (*watchPage, error) {
	mem, err := unix.Mmap(fd, 0, watchPageSize, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED)
	if err != nil {
		return nil, fmt.Errorf("share the terminal's state: %w", err)
	}
	return &watchPage{mem}, nil
}

// newWatchPage makes the page and the descriptor to map it again.
func newWatchPage() (*watchPage, int, error) {
	fd, err := anonymousMemory()
	if err != nil {
		return nil, -1, err
	}
	if err := unix.Ftruncate(fd, watchPageSize); err != nil {
		unix.Close(fd)
		return nil, -1, fmt.Errorf("share the terminal's state: %w", err)
	}
	p, err := mapWatchPage(fd)
	if err != nil {
		unix.Close(fd)
		return nil, -1, err
	}
	return p, fd, nil
}

func (p *watchPage) current() *uint32 { return (*uint32)(unsafe.Pointer(&p.mem[0])) }

func (p *watchPage) slot(i uint32) *watchState {
	return (*watchState)(unsafe.Pointer(&p.mem[watchSlot+int(i&1)*watchSlotSize]))
}

func (p *watchPage) load() watchState { return *p.slot(atomic.LoadUint32(p.current())) }

func (p *watchPage) store(s *watchState) {
	next := atomic.LoadUint32(p.current()) + 1
	*p.slot(next) = *s
	atomic.StoreUint32(p.current(), next)
}

func (p *watchPage) unmap() { _ = unix.Munmap(p.mem) }
