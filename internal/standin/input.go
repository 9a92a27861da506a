package standin

import (
	"errors"
	"fmt"
	"os"

	"golang.org/x/sys/unix"
	"golang.org/x/term"
)

func isTerminal(f *os.File) bool { return term.IsTerminal(int(f.Fd())) }

// input reads a descriptor in a goroutine that can be ended while it waits.
type input struct {
	chunks <-chan []byte // closed at the end of the input
	wake   *os.File
	quit   chan struct{}
	ended  chan struct{}
}

// readInput begins to read f. stop ends it.
func readInput(f *os.File) (*input, error) {
	sleeper, wake, err := os.Pipe()
	if err != nil {
		return nil, fmt.Errorf("read the terminal: %w", err)
	}
	chunks := make(chan []byte)
	in := &input{chunks: chunks, wake: wake, quit: make(chan struct{}), ended: make(chan struct{})}
	go func() {
		defer close(in.ended)
		defer close(chunks)
		defer sleeper.Close()
		for {
			chunk, err := readChunk(int(f.Fd()), int(sleeper.Fd()))
			if err != nil {
				return // the end of the input, or stop
			}
			select {
			case chunks <- chunk:
			case <-in.quit:
				return
			}
		}
	}()
	return in, nil
}

// stop ends the reading and waits for that.
func (in *input) stop() {
	close(in.quit)
	_ = in.wake.Close() // wakes the poll
	<-in.ended
}

var errStopped = errors.New("stopped")

// readChunk reads from fd when there is something to read, and fails when the other end of sleeper is closed.
func readChunk(fd, sleeper int) ([]byte, error) {
	fds := []unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}, {Fd: int32(sleeper), Events: unix.POLLIN}}
	for {
		_, err := unix.Poll(fds, -1)
		if errors.Is(err, unix.EINTR) {
			continue
		}
		if err != nil {
			return nil, err
		}
		if fds[1].Revents != 0 {
			return nil, errStopped
		}
		buffer := make([]byte, 4096)
		n, err := unix.Read(fd, buffer)
		if errors.Is(err, unix.EINTR) || errors.Is(err, unix.EAGAIN) {
			continue
		}
		if err != nil || n == 0 {
			return nil, errors.Join(errStopped, err)
		}
		return buffer[:n], nil
	}
}
