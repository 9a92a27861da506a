// Package runner runs a client: in place of this process, or as a child whose standard output can be held back and
// whose standard input can be given twice.
//
// It knows nothing of credentials. A child behaves as if it had been started without this program: its bytes, its exit
// status, its signals and its job control are the same.
//
//   - Exec replaces this process.
//   - Pipe puts a pipe (or, where our standard output is a terminal, a pseudo-terminal) on the child's standard
//     output only. The child stays in our session and process group, so the kernel takes care of Ctrl-C, Ctrl-Z and
//     the shell's job control. A Filter sees the output and may hold it back.
//
// Package session runs a client on a terminal of its own.
package runner

import (
	"os"
	"runtime"
	"sync"
	"syscall"

	"golang.org/x/sys/unix"

	"github.com/claude-auth/claude-auth/internal/handover"
)

// Command is what to run. Path is not looked up in PATH.
type Command struct {
	Path string
	Name string   // argv[0]; Path when empty
	Args []string // the arguments after argv[0]
	Env  []string // the whole environment; nil means an empty one, as with execve
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
	return handover.Exec(c.Path, c.Argv(), c.Env)
}

// Child is a started process. Signals are sent only until it has been reaped, so that none reaches another process that
// was given the same pid.
type Child struct {
	pid int

	mu     sync.Mutex
	reaped bool

	stopped chan struct{} // of capacity 1; holds one when the child has been stopped
	told    chan struct{} // closed once toldBy is set: the signal that asked us to end
	toldBy  syscall.Signal
	ended   chan struct{} // closed once status is set
	status  Status
}

// Start runs c with these descriptors as its standard ones. A goroutine waits for the child and ends with it.
//
// os.StartProcess is not used, because it switches a non-blocking descriptor to blocking mode: that would change the
// open file description, which other processes share.
func Start(c Command, stdin, stdout, stderr int, sys *syscall.SysProcAttr) (*Child, error) {
	p := &Child{stopped: make(chan struct{}, 1), told: make(chan struct{}), ended: make(chan struct{})}
	started := make(chan error)
	go func() {
		// The kernel sends the parent-death signal when the thread that forked ends, so this goroutine keeps the thread
		// for as long as the child lives.
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		pid, err := syscall.ForkExec(c.Path, c.Argv(), &syscall.ProcAttr{
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
	ws, err := WaitLocked(p.pid, unix.WUNTRACED, &p.mu)
	for ; err == nil && ws.Stopped(); ws, err = WaitLocked(p.pid, unix.WUNTRACED, &p.mu) {
		p.mu.Unlock()
		select {
		case p.stopped <- struct{}{}:
		default: // one is waiting
		}
	}
	defer p.mu.Unlock()
	p.status = Status{Code: 1} // the status is lost when our parent started us with SIGCHLD ignored
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

// wait4 is wait4(2), repeated when a signal interrupts it. With WNOHANG, got is false when there is nothing to report.
func wait4(pid, options int) (ws unix.WaitStatus, got bool, err error) {
	for {
		n, err := unix.Wait4(pid, &ws, options, nil)
		if err != unix.EINTR {
			return ws, n > 0, err
		}
	}
}
