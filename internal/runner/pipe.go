package runner

import (
	"fmt"
	"os"

	"golang.org/x/sys/unix"
	"golang.org/x/term"

	"github.com/claude-auth/claude-auth/internal/fdio"
	"github.com/claude-auth/claude-auth/internal/handover"
	"github.com/claude-auth/claude-auth/internal/tty"
)

// Filter stands between the child's standard output and ours, and may hold back what must not be read yet.
type Filter interface {
	// Write takes what the child wrote and returns what goes out now: nothing, some of what was held back, or all. Both
	// slices are the other side's to overwrite afterwards: Write must not keep p, and what it returns is used up before
	// the next call.
	Write(p []byte) (release []byte)
	// Close is called once, when the output has ended and the status is known. What it returns goes out; what it does
	// not return is the filter's to keep or to drop.
	Close(Status) (release []byte)
}

// Pipe is a child with a pipe on its standard output, or with a pty there when ours is a terminal, so that isatty(1)
// says what it would say without us. Standard error is ours, and so are the session and the process group.
type Pipe struct {
	Command Command
	Filter  Filter   // nil lets everything through
	Stdin   *Stdin   // nil gives the child our standard input as it is
	Stdout  *os.File // nil is os.Stdout
}

// bufferSize is one read of the child's output: what a Linux pipe holds.
const bufferSize = 64 << 10

// Run starts the child, passes its output on, and returns when it has ended and the output with it. An error means that
// nothing was run.
func (p Pipe) Run() (Status, error) {
	out := p.Stdout
	if out == nil {
		out = os.Stdout
	}
	outFD, release, err := fdio.Of(out)
	if err != nil {
		return Status{}, err
	}
	defer release()
	w, err := fdio.NewWake()
	if err != nil {
		return Status{}, err
	}
	defer w.Close()
	src, childOut, err := outputPair(outFD)
	if err != nil {
		return Status{}, err
	}
	in, relay, err := p.Stdin.attach()
	if err != nil {
		fdio.Close(src, childOut)
		return Status{}, err
	}
	handover.IgnoreQuitOfAsyncList()
	var also []os.Signal
	if term.IsTerminal(outFD) {
		also = append(also, unix.SIGWINCH)
	}
	// Caught before the child exists: a signal in between would end us and orphan it.
	caught, endCatch := Catch(also...)
	defer endCatch()
	c, err := Start(p.Command, in, childOut, 2, DieWithParent(unix.SIGKILL))
	fdio.Close(childOut)
	if relay != nil {
		fdio.Close(in)
		go relay.run() // ends with the input, or at stop
	}
	if err != nil {
		relay.stop()
		fdio.Close(src)
		return Status{}, err
	}
	go c.forward(caught, func() { c.resize(outFD, src) }) // ends with the child
	go func() {                                           // ends with the child
		<-c.Ended()
		w.Ring()
	}()
	o := &output{src: src, dst: outFD, filter: p.Filter, stdin: p.Stdin, wake: w, waitForAll: !endsWithChild(outFD)}
	o.copy()
	status := c.Wait()
	relay.stop()
	if o.filter != nil {
		o.release(o.filter.Close(status))
	}
	return status, nil
}

// resize gives the child's terminal the size of ours.
func (p *Child) resize(ours, childs int) {
	if changed, err := tty.CopySize(ours, childs); err == nil && changed {
		// The kernel tells the child about the real terminal, possibly before its own has the new size.
		p.Signal(unix.SIGWINCH)
	}
}

// outputPair makes what the child writes to and what we read it from.
func outputPair(out int) (src, childOut int, err error) {
	t, err := tty.Get(out)
	if err != nil { // not a terminal
		src, childOut, err = fdio.Pipe()
		if err == nil {
			err = unix.SetNonblock(src, true)
		}
		return src, childOut, err
	}
	src, childOut, err = tty.OpenPTY()
	if err != nil {
		return -1, -1, err
	}
	// Raw, because the real terminal does the output processing: done twice, a newline would become two carriage returns.
	err = tty.Set(childOut, tty.Raw(*t))
	if err == nil {
		_, err = tty.CopySize(out, childOut)
	}
	if err != nil {
		fdio.Close(src, childOut)
		return -1, -1, fmt.Errorf("set up the child's terminal: %w", err)
	}
	return src, childOut, nil
}

// endsWithChild reports whether our reader learns from our exit, rather than from the end of the stream, that all is
// written: a terminal, a file. There a process that the child left behind with its standard output open must not keep
// us waiting. Behind a pipe or a socket the reader waits for the end of the stream with or without us.
func endsWithChild(fd int) bool {
	kind := kindOf(fd)
	return kind != unix.S_IFIFO && kind != unix.S_IFSOCK
}

// kindOf is the type of a descriptor's file; 0 when it is closed.
func kindOf(fd int) uint32 {
	var st unix.Stat_t
	if unix.Fstat(fd, &st) != nil {
		return 0
	}
	return uint32(st.Mode) & unix.S_IFMT
}

// output passes the child's output on to ours.
type output struct {
	src, dst   int
	filter     Filter
	stdin      *Stdin
	wake       *fdio.Wake // rings when the child has ended
	waitForAll bool       // until every writer has closed the pipe, not only the child
	broken     bool       // ours cannot be written to any more: closed, or the disk is full
}

// copy reads until the output ends.
func (o *output) copy() {
	defer o.closeSource()
	buf := make([]byte, bufferSize)
	fds := []unix.PollFd{fdio.For(o.src, unix.POLLIN), fdio.For(o.dst, 0), fdio.For(o.wake.R, unix.POLLIN)}
	ended := false
	for o.src >= 0 {
		n, err := fdio.Read(o.src, buf)
		switch {
		case n > 0:
			p := buf[:n]
			if o.filter != nil {
				p = o.filter.Write(p)
			}
			o.release(p)
			continue
		case err != unix.EAGAIN:
			return // the end: 0 from a pipe, EIO from a pty
		case ended:
			return // and what the child wrote is read
		}
		if _, err := fdio.Wait(fds, -1); err != nil {
			return
		}
		if fds[1].Revents&fdio.Gone != 0 && fds[0].Revents == 0 {
			// The reader has gone: the child must meet that at its next write, not one write later.
			o.broken = true
			return
		}
		if fds[2].Revents != 0 {
			fds[2].Fd = -1
			ended = !o.waitForAll
		}
	}
}

// release writes p to our output. When that fails it closes the child's, so that the child meets a closed pipe as it
// would have alone.
func (o *output) release(p []byte) {
	if len(p) == 0 || o.broken {
		return
	}
	if o.stdin != nil {
		o.stdin.StopKeeping() // what has gone out is never repeated
	}
	if fdio.Write(o.dst, p, nil) != nil {
		o.broken = true
		o.closeSource()
	}
}

func (o *output) closeSource() {
	fdio.Close(o.src)
	o.src = -1
}
