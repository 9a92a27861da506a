package runner

import (
	"errors"
	"fmt"
	"os"
	"runtime"

	"golang.org/x/sys/unix"

	"github.com/claude-auth/claude-auth/internal/handover"
)

// Filter stands between the child's standard output and ours, and may hold back what must not be read yet.
type Filter interface {
	// Write takes what the child wrote and returns what goes out now: nothing, some of what was held back, or all. Both
	// slices are the other side's to overwrite afterwards: Write must not keep p, and what it returns is used up
	// before the next call.
	Write(p []byte) (release []byte)
	// Close is called once, when the output has ended and the status is known. What it returns goes out; what it does not
	// return is the filter's to keep or to drop.
	Close(Status) (release []byte)
}

// Pipe is a child with a pipe on its standard output, or with a pty there when ours is a terminal, so that isatty(1) says
// what it would say without us. Standard error is ours, and so are the session and the process group.
type Pipe struct {
	Command Command
	Filter  Filter   // nil lets everything through
	Stdin   *Stdin   // nil gives the child our standard input as it is
	Stdout  *os.File // nil is os.Stdout
}

// Result says how a Pipe ended.
type Result struct {
	Status   Status
	Released int64 // bytes that went out; once any did, a repeat would print them twice
	// Gone: whoever read our output has closed it. The child has met the closed pipe as it would have alone.
	Gone bool
	// OutputErr is why our output could not be written when nobody closed it: a full disk, say. The child has met a closed pipe.
	OutputErr error
}

// bufferSize is one read of the child's output: what a Linux pipe holds.
const bufferSize = 64 << 10

// Run starts the child, carries its output, and returns when it has ended and the output with it. An error means
// that nothing was run.
func (p Pipe) Run() (Result, error) {
	out := p.Stdout
	if out == nil {
		out = os.Stdout
	}
	outFD, release, err := descriptor(out)
	if err != nil {
		return Result{}, err
	}
	defer release()
	w, err := newWake()
	if err != nil {
		return Result{}, err
	}
	defer w.close()
	src, childOut, err := outputPair(outFD)
	if err != nil {
		return Result{}, err
	}
	in, err := p.Stdin.attach()
	if err != nil {
		closeAll(src, childOut)
		return Result{}, err
	}
	handover.IgnoreQuitOfAsyncList()
	// Caught before the child exists: a signal in between would end us and orphan it.
	hold, endHold := catch()
	c, err := start(p.Command, in.fd, childOut, 2, dieWithParent(unix.SIGKILL))
	closeAll(childOut)
	in.started()
	if err != nil {
		endHold()
		in.stop()
		closeAll(src)
		return Result{}, err
	}
	var onResize func()
	if isTerminal(outFD) {
		onResize = func() {
			if changed, err := copySize(outFD, src); err == nil && changed {
				// The kernel tells the child about the real terminal, possibly before its own has the new size.
				_ = c.signal(unix.SIGWINCH)
			}
		}
	}
	endRelay := relay(c, onResize)
	endHold()
	c.passOn(hold)
	defer endRelay()
	go func() { // ends with the child
		<-c.ended
		w.ring()
	}()
	o := &output{src: src, dst: outFD, filter: p.Filter, stdin: p.Stdin, wake: w, child: c, waitForAll: !endsWithChild(outFD)}
	o.copy()
	<-c.ended
	in.stop()
	o.finish(c.status)
	return Result{Status: c.status, Released: o.released, Gone: o.gone, OutputErr: o.err}, nil
}

// descriptor is f's file descriptor, kept open until release is called. File.Fd would switch it to blocking mode.
func descriptor(f *os.File) (fd int, release func(), err error) {
	c, err := f.SyscallConn()
	if err != nil {
		return -1, nil, err
	}
	fd = -1
	if err := c.Control(func(n uintptr) { fd = int(n) }); err != nil {
		return -1, nil, err
	}
	return fd, func() { runtime.KeepAlive(f) }, nil
}

// outputPair makes what the child writes to and what we read it from.
func outputPair(out int) (src, childOut int, err error) {
	t, err := unix.IoctlGetTermios(out, ioctlGetTermios)
	if err != nil {
		src, childOut, err = pipe()
		if err == nil {
			err = unix.SetNonblock(src, true)
		}
		return src, childOut, err
	}
	src, childOut, err = openPTY()
	if err != nil {
		return -1, -1, err
	}
	// Raw, because the real terminal does the output processing: done twice, a newline would become two carriage returns.
	err = setTermios(childOut, rawTermios(*t))
	if err == nil {
		_, err = copySize(out, childOut)
	}
	if err != nil {
		closeAll(src, childOut)
		return -1, -1, fmt.Errorf("set up the child's terminal: %w", err)
	}
	return src, childOut, nil
}

// endsWithChild reports whether our reader learns from our exit, rather than from the end of the stream, that all is written: a
// terminal, a file. There a process that the child left behind with its standard output open must not keep us waiting. Behind a pipe or a
// socket the reader waits for the end of the stream with or without us.
func endsWithChild(fd int) bool {
	var st unix.Stat_t
	if unix.Fstat(fd, &st) != nil {
		return true
	}
	kind := st.Mode & unix.S_IFMT
	return kind != unix.S_IFIFO && kind != unix.S_IFSOCK
}

// output carries the child's output to ours.
type output struct {
	src, dst   int
	filter     Filter
	stdin      *Stdin
	wake       *wake
	child      *child
	waitForAll bool // until every writer has closed the pipe, not only the child

	released int64
	gone     bool
	err      error
}

// copy reads until the output ends.
func (o *output) copy() {
	defer func() { o.closeSource() }()
	buf := make([]byte, bufferSize)
	fds := []waitFD{{fd: o.src, want: pollIn}, {fd: o.dst}, {fd: o.wake.r, want: pollIn}}
	timeout := -1
	for o.src >= 0 {
		n, err := readFD(o.src, buf)
		switch {
		case n > 0:
			o.write(buf[:n])
			continue
		case err != unix.EAGAIN:
			return // the end: 0 from a pipe, EIO from a pty
		case timeout == 0:
			return // the child has ended and what it wrote is read
		}
		if _, err := waitFDs(fds, -1); err != nil {
			o.err = err
			return
		}
		if fds[1].got&pollGone != 0 && fds[0].got == 0 {
			// The reader has gone: the child must meet that at its next write, not one write later.
			o.gone = true
			return
		}
		if fds[2].got != 0 {
			fds[2].fd = -1
			if !o.waitForAll {
				timeout = 0
			}
		}
	}
}

// write passes p through the filter and what comes out of it on.
func (o *output) write(p []byte) {
	if o.filter != nil {
		p = o.filter.Write(p)
	}
	o.release(p)
}

// release writes p to our output, and closes the child's when ours is closed.
func (o *output) release(p []byte) {
	if len(p) == 0 || o.gone || o.err != nil {
		return
	}
	if o.stdin != nil {
		o.stdin.StopKeeping() // what has gone out is never repeated
	}
	err := writeFD(o.dst, p, nil)
	switch {
	case err == nil:
		o.released += int64(len(p))
		return
	case errors.Is(err, unix.EPIPE), errors.Is(err, unix.EIO), errors.Is(err, unix.ECONNRESET):
		o.gone = true
	default:
		o.err = fmt.Errorf("write standard output: %w", err)
	}
	o.closeSource()
}

func (o *output) closeSource() {
	closeAll(o.src)
	o.src = -1
}

// finish lets the filter decide about what it still holds.
func (o *output) finish(s Status) {
	if o.filter != nil {
		o.release(o.filter.Close(s))
	}
}

// WriteAll writes p to f, across partial writes and a descriptor in non-blocking mode. It is for output that a Filter held back and that is let go
// after Run. A reader that has closed is the error unix.EPIPE, never a signal.
func WriteAll(f *os.File, p []byte) error {
	fd, release, err := descriptor(f)
	if err != nil {
		return err
	}
	defer release()
	if err := writeFD(fd, p, nil); err != nil {
		return &os.PathError{Op: "write", Path: f.Name(), Err: err}
	}
	return nil
}
