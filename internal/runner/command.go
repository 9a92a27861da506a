// Package runner runs a client that has no terminal of its own here: it replaces this process with it, or stands behind
// its standard output as a pipe and can give it the same standard input twice.
//
// It knows nothing of credentials. What it promises is that the child cannot be told from one that was started without
// it: its bytes, its exit status, its signals and its job control.
//
//   - Exec replaces this process; nothing stays behind.
//   - Pipe puts a pipe (or, where our standard output is a terminal, the slave side of a pty) on the child's standard
//     output only. The child stays in our session and process group, so Ctrl-C, Ctrl-Z and the shell's job control are
//     the kernel's business and not ours. A Filter sees the output and may hold it back.
//
// A client on a terminal of its own is package session's.
package runner

import (
	"fmt"
	"os"
	"runtime"
	"sync"
	"syscall"

	"golang.org/x/sys/unix"

	"github.com/claude-auth/claude-auth/internal/handover"
)

// Command is what to run. Nothing is looked up in PATH: Path is a path.
type Command struct {
	Path string
	Name string   // argv[0]; Path when empty
	Args []string // the arguments after argv[0]
	Env  []string // the whole environment; nil means an empty one, as with execve
	Dir  string   // the working directory; "" leaves it as it is
}

// Argv is the argument list as execve wants it.
func (c Command) Argv() []string {
	name := c.Name
	if name == "" {
		name = c.Path
	}
	return append([]string{name}, c.Args...)
}

// Exec replaces this process with the command and returns only when that failed.
func Exec(c Command) error {
	if c.Dir != "" {
		if err := os.Chdir(c.Dir); err != nil {
			return fmt.Errorf("enter the command's directory: %w", err)
		}
	}
	return handover.Exec(c.Path, c.Argv(), c.Env)
}

// Child is a started process. It is signalled only while it has not been reaped, so that a signal never reaches another
// process that was given the same pid.
type Child struct {
	pid int

	mu     sync.Mutex
	reaped bool

	ended  chan struct{} // closed once status is set
	status Status
}

// Start runs c with the three descriptors as its standard ones. The child is waited for in a goroutine that ends with
// it.
//
// It does not use os.StartProcess, which switches a non-blocking descriptor to blocking mode: that would change the
// open file description, which other processes share.
func Start(c Command, stdin, stdout, stderr int, sys *syscall.SysProcAttr) (*Child, error) {
	p := &Child{ended: make(chan struct{})}
	started := make(chan error)
	go func() {
		// The parent-death signal is tied to the thread that forks, not to the process: the thread must live as long as
		// the child does, so the goroutine that waits keeps it.
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		pid, err := syscall.ForkExec(c.Path, c.Argv(), &syscall.ProcAttr{
			Dir:   c.Dir,
			Env:   c.Env,
			Files: []uintptr{uintptr(stdin), uintptr(stdout), uintptr(stderr)},
			Sys:   sys,
		})
		if err != nil {
			started <- &os.PathError{Op: "exec", Path: c.Path, Err: err}
			return
		}
		p.pid = pid
		started <- nil
		p.reap()
	}()
	if err := <-started; err != nil {
		return nil, err
	}
	return p, nil
}

// reap waits for the child's end and publishes its status.
func (p *Child) reap() {
	ws, err := WaitLocked(p.pid, 0, &p.mu)
	defer p.mu.Unlock()
	p.status = Status{Code: 1} // when our parent left us SIGCHLD ignored, the status is lost
	if err == nil {
		p.status = StatusOf(ws)
	}
	p.reaped = true
	close(p.ended)
}

// Ended is closed when the child has ended.
func (p *Child) Ended() <-chan struct{} { return p.ended }

// Wait returns how the child ended.
func (p *Child) Wait() Status {
	<-p.ended
	return p.status
}

// Signal sends sig to the child, or does nothing when it has ended.
func (p *Child) Signal(sig syscall.Signal) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.reaped {
		_ = unix.Kill(p.pid, sig) // it is our own child; one that has just ended needs no signal
	}
}

// wait4 is wait4(2) without the interruptions.
func wait4(pid, options int) (unix.WaitStatus, error) {
	var ws unix.WaitStatus
	for {
		_, err := unix.Wait4(pid, &ws, options, nil)
		if err != unix.EINTR {
			return ws, err
		}
	}
}
