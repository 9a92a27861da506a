package runner

import (
	"fmt"
	"os"
	"runtime"
	"sync/atomic"

	"golang.org/x/sys/unix"
	"golang.org/x/term"

	"github.com/claude-auth/claude-auth/internal/fdio"
	"github.com/claude-auth/claude-auth/internal/handover"
	"github.com/claude-auth/claude-auth/internal/tty"
)

// Filter gets the child's standard output before ours does, and may hold it back.
type Filter interface {
	// Write takes what the child wrote and returns what goes out now: nothing, some of what was held back, or all. It
	// must not keep p. What it returns must stay valid until the next call only.
	Write(p []byte) (release []byte)
	// Close is called once, when the output has ended and the status is known, and returns what still goes out.
	Close(Status) (release []byte)
}

// Pipe is a child with a pipe on its standard output, or with a pseudo-terminal where ours is a terminal, so that
// isatty(1) says what it would say without us. The child shares our standard error, session and process group.
type Pipe struct {
	Command Command
	Filter  Filter // nil lets everything through
	Stdin   *Stdin // nil gives the child our standard input as it is
	Busy    Busy   // when a signal that would end the child must wait
}

// bufferSize is one read of the child's output: what a Linux pipe holds.
const bufferSize = 64 << 10

// Run starts the child, passes its output on, and returns when both have ended. An *fdio.OutputError means that the
// child's output is not complete, and any other error that nothing was run.
func (p Pipe) Run() (Status, error) { return p.run(1) }

// run is Run with the descriptor outFD as our standard output.
func (p Pipe) run(outFD int) (Status, error) {
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
	// Before the child exists: a signal in between would end us and orphan it.
	caught, endCatch := Catch(also...)
	defer endCatch()
	c, err := Start(p.Command, in, childOut, 2, DieWithParent(unix.SIGKILL))
	fdio.Close(childOut)
	if relay != nil {
		fdio.Close(in)
		if err != nil {
			relay.wake.Ring() // nothing is read for a child that does not run
		}
		go relay.run() // ends with the input, or at stop
	}
	if err != nil {
		relay.stop()
		fdio.Close(src)
		return Status{}, err
	}
	over := make(chan struct{})
	defer close(over)
	go c.forward(over, caught, p.Busy, func() { c.resize(outFD, src) }) // ends with this call
	go func() {                                                         // ends with the child
		<-c.Ended()
		w.Ring()
	}()
	o := &output{src: src, dst: outFD, filter: p.Filter, stdin: p.Stdin, wake: w, waitForAll: !endsWithChild(outFD)}
	o.pass(c)
	status := c.Wait()
	relay.stop()
	if o.filter != nil {
		o.releaseLast(c, o.filter.Close(status))
	}
	return o.verdict(c, status)
}

// verdict is what Run returns for a child that ended with status.
func (o *output) verdict(c *Child, status Status) (Status, error) {
	switch {
	case o.givenUp && status.Signal == 0 && isClosed(c.told): // not all that it wrote has gone out
		return Status{Code: 128 + int(c.toldBy), Signal: c.toldBy}, nil
	case !o.givenUp && o.lost != nil:
		return status, &fdio.OutputError{Whose: "the output of Claude Code", Err: o.lost}
	}
	return status, nil
}

// resize gives the child's terminal the size of ours.
func (p *Child) resize(ours, childs int) {
	if changed, err := tty.CopySize(ours, childs); err == nil && changed {
		// The kernel has sent SIGWINCH to our whole group, possibly before the child's terminal had the new size.
		p.Signal(unix.SIGWINCH)
	}
}

// outputPair makes childOut, which the child writes to, and src, where we read what it wrote.
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
	// Raw, because the real terminal does the output processing: done twice, it makes two carriage returns of a newline.
	err = tty.Set(childOut, tty.Raw(*t))
	if err == nil {
		_, err = tty.CopySize(out, childOut)
	}
	if err != nil {
		fdio.Close(src, childOut)
		return -1, -1, fmt.Errorf("cannot set up a terminal for Claude Code: %w", err)
	}
	return src, childOut, nil
}

// endsWithChild reports whether we end when the child does, though a process that it left behind may still have its
// standard output open. That is so for a terminal or a file, whose reader learns from our exit that all is written. The
// reader of a pipe or a socket waits for the end of the stream, with or without us.
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
	broken     bool       // our output can't be written to any more: closed, or the disk is full
	givenUp    bool       // nobody read it, and we were to end
	lost       error      // why a part of it could not be written; nil where its reader did not want it

	writing atomic.Int64 // the number of the write that is under way; 0: none is; -1: it was given up
	writes  int64        // how many there were
}

// copy reads until the output ends, and closes the source.
func (o *output) copy() {
	o.copyAll()
	o.closeSource()
}

func (o *output) copyAll() {
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
			return // what the child wrote has been read
		}
		if _, err := fdio.Wait(fds, -1); err != nil {
			return
		}
		if fds[1].Revents&fdio.Gone != 0 && fds[0].Revents == 0 {
			// The reader has closed: the child must notice at its next write, not one write later.
			o.broken = true
			return
		}
		if fds[2].Revents != 0 {
			fds[2].Fd = -1
			ended = !o.waitForAll
		}
	}
}

// release writes p to our output. When that fails it closes the source, so that the child's next write fails too.
func (o *output) release(p []byte) {
	if len(p) == 0 || o.broken {
		return
	}
	if o.stdin != nil {
		o.stdin.StopKeeping() // what has gone out is never repeated
	}
	o.writes++
	o.writing.Store(o.writes)
	err := fdio.Write(o.dst, p, nil)
	if !o.writing.CompareAndSwap(o.writes, 0) {
		runtime.Goexit() // it was given up, and nothing here is ours any more
	}
	if err != nil {
		if o.broken = true; err != unix.EPIPE {
			o.lost = err
		}
		o.closeSource()
	}
}

func (o *output) closeSource() {
	fdio.Close(o.src)
	o.src = -1
}
