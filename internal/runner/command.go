package runner

import (
	"fmt"
	"os"
	"runtime"
	"sync"
	"syscall"

	"golang.org/x/sys/unix"
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

// child is a started process that is signalled only while it has not been reaped, so that a signal never
// reaches another process that was given the same pid.
type child struct {
	pid int

	mu     sync.Mutex
	reaped bool

	ended  chan struct{} // closed once status is set
	status Status
}

// start runs c with the three descriptors as its standard ones. The child is waited for in a goroutine that ends with it.
//
// It does not use os.StartProcess, which switches a non-blocking descriptor to blocking mode: that would change the
// open file description, which other processes share.
func start(c Command, stdin, stdout, stderr int, sys *syscall.SysProcAttr) (*child, error) {
	type started struct {
		c   *child
		err error
	}
	ch := make(chan started)
	go func() {
		// The parent-death signal is tied to the thread that forks, not to the process: the thread must live as
		// long as the child does, so the goroutine that waits keeps it.
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		pid, err := syscall.ForkExec(c.Path, c.Argv(), &syscall.ProcAttr{
			Dir:   c.Dir,
			Env:   c.Env,
			Files: []uintptr{uintptr(stdin), uintptr(stdout), uintptr(stderr)},
			Sys:   sys,
		})
		if err != nil {
			ch <- started{nil, &os.PathError{Op: "exec", Path: c.Path, Err: err}}
			return
		}
		p := &child{pid: pid, ended: make(chan struct{})}
		ch <- started{p, nil}
		p.wait()
	}()
	s := <-ch
	return s.c, s.err
}

// wait reaps the child and publishes its status.
func (p *child) wait() {
	ws, err := waitLocked(p.pid, 0, &p.mu)
	defer p.mu.Unlock()
	if err != nil {
		// Somebody reaped it for us (our parent left us SIGCHLD ignored): the status is lost, the end is not.
		p.status = Status{Code: 1}
	} else {
		p.status = statusOf(ws)
	}
	p.reaped = true
	close(p.ended)
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

// signal sends sig to the child, or does nothing when it has ended.
func (p *child) signal(sig syscall.Signal) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.reaped {
		return nil
	}
	if err := unix.Kill(p.pid, sig); err != nil && err != unix.ESRCH {
		return fmt.Errorf("send %v to the child: %w", sig, err)
	}
	return nil
}
