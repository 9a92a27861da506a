package session

import (
	"encoding/binary"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"github.com/claude-auth/claude-auth/internal/fdio"
	"github.com/claude-auth/claude-auth/internal/runner"
	"github.com/claude-auth/claude-auth/internal/tty"
)

// SupervisorName is argv[0] of a session's supervisor.
const SupervisorName = "claude-auth-session"

// IsSupervisor reports whether this process was started as a session's supervisor. The program's main, and a test
// binary's TestMain, must ask it before anything else and end with Supervise when it says so.
func IsSupervisor(args []string) bool {
	return len(args) >= 4 && filepath.Base(args[0]) == SupervisorName
}

// What the session and its supervisor say to each other: one letter and one number.
const (
	sayStarted = 'p' // supervisor: the child runs; its pid
	sayFailed  = 'e' // supervisor: it could not be started; the errno
	sayStopped = 's' // supervisor: it was stopped; the signal
	sayEnded   = 'x' // supervisor: it has ended; the wait status
	tellChild  = 'k' // session: send the child this signal
	tellGroup  = 'g' // session: send its process group this signal
)

type message struct {
	op  byte
	arg int32
}

// send writes to a pipe, in one piece. The other side may be gone, and needs no message then.
func (m message) send(fd int) {
	_ = fdio.Write(fd, binary.LittleEndian.AppendUint32([]byte{m.op}, uint32(m.arg)), nil)
}

// receive reports false when the other side is gone.
func receive(fd int) (message, bool) {
	var b [5]byte
	n, _ := fdio.Read(fd, b[:])
	return message{b[0], int32(binary.LittleEndian.Uint32(b[1:]))}, n == len(b)
}

// supervisorFDs are the descriptors that a supervisor is started with, beside the child's three: the orders, the
// reports, the state of the terminal, the terminal. They keep the numbers they have in the session's process: the
// child may inherit others from 3 upwards that we were started with.
type supervisorFDs [4]int

const fdFormat = "%d,%d,%d,%d"

func (f supervisorFDs) String() string { return fmt.Sprintf(fdFormat, f[0], f[1], f[2], f[3]) }

// supervisor leads the session of a pty and is the client's parent. See the package comment.
type supervisor struct {
	orders, reports, terminal int
	state                     *termState

	mu     sync.Mutex
	pid    int // the child's, and its process group's
	reaped bool
	asked  bool // the session has continued the child itself
}

// Supervise is the supervisor's whole life; its result is the exit status. args is its name, the descriptors, the
// child's path, its argv.
func Supervise(args []string) int {
	// The child's parent-death signal is tied to this thread.
	runtime.LockOSThread()
	var fds supervisorFDs
	if _, err := fmt.Sscanf(args[1], fdFormat, &fds[0], &fds[1], &fds[2], &fds[3]); err != nil {
		return 2
	}
	for _, fd := range fds {
		unix.CloseOnExec(fd)
	}
	state, err := mapTermState(fds[2])
	if err != nil {
		return 2
	}
	v := &supervisor{orders: fds[0], reports: fds[1], state: state, terminal: fds[3]}
	if err := v.start(args[2], args[3:]); err != nil {
		errno, _ := err.(syscall.Errno)
		message{sayFailed, int32(errno)}.send(v.reports)
		return 1
	}
	// Only now, so that the child has started with what we were given. The hang-up of the pty comes as SIGHUP; what we do
	// then, and at a kill of our own, is what the end of the orders does.
	ignored := make(chan os.Signal, 1)
	signal.Notify(ignored, unix.SIGHUP, unix.SIGINT, unix.SIGQUIT, unix.SIGTERM, unix.SIGUSR1, unix.SIGUSR2, unix.SIGPIPE)
	message{sayStarted, int32(v.pid)}.send(v.reports)
	go v.obey() // ends with the process
	v.watch()
	// So that nothing the child has left behind is hung up by our end. SIGTTOU is ignored because we are in the background
	// here, and orphaned: the kernel would refuse.
	signal.Ignore(unix.SIGTTOU)
	_ = unix.IoctlSetPointerInt(1, unix.TIOCSPGRP, unix.Getpgrp())
	return 0
}

// start runs the child in the foreground process group of the pty.
func (v *supervisor) start(path string, argv []string) (err error) {
	sys := runner.DieWithParent(unix.SIGKILL)
	sys.Setpgid = true
	attr := &syscall.ProcAttr{Env: os.Environ(), Files: []uintptr{0, 1, 2}, Sys: sys}
	if v.pid, err = syscall.ForkExec(path, argv, attr); err != nil {
		return err
	}
	// The child may have been faster, and been stopped for touching the terminal from the background: watch sees to that.
	// (SysProcAttr.Foreground would do this in the child, and needs SIGTTOU ignored, which the child would inherit.)
	_ = unix.IoctlSetPointerInt(1, unix.TIOCSPGRP, v.pid) // without a foreground group the child still runs
	return nil
}

// watch reports what becomes of the child, until it has ended.
func (v *supervisor) watch() {
	for !v.reaped {
		ws, err := runner.WaitLocked(v.pid, unix.WUNTRACED|unix.WCONTINUED, &v.mu)
		v.changed(ws, err)
		v.mu.Unlock()
	}
}

func (v *supervisor) changed(ws unix.WaitStatus, err error) {
	switch {
	case err != nil:
		v.reaped = true
	case ws.Stopped():
		sig := ws.StopSignal()
		early := (sig == unix.SIGTTIN || sig == unix.SIGTTOU) && v.childInForeground()
		v.asked = early
		if early { // stopped before it was the foreground group
			_ = unix.Kill(-v.pid, unix.SIGCONT)
		} else {
			message{sayStopped, int32(sig)}.send(v.reports)
		}
	case ws.Continued():
		if !v.asked {
			// Another process continued the child: `kill -CONT` with its pid. The session's process has stopped with it.
			_ = unix.Kill(unix.Getppid(), unix.SIGCONT)
		}
	default:
		v.reaped = true
		message{sayEnded, int32(ws)}.send(v.reports)
	}
}

func (v *supervisor) childInForeground() bool {
	pgrp, err := unix.IoctlGetInt(1, unix.TIOCGPGRP)
	return err == nil && pgrp == v.pid
}

// obey passes the session's signals on to the child, until the session's process is gone.
func (v *supervisor) obey() {
	for {
		m, ok := receive(v.orders)
		if !ok {
			break
		}
		to := 1
		if m.op == tellGroup {
			to = -1
		}
		v.kill(to, syscall.Signal(m.arg))
	}
	v.restoreTerminal()
	// A terminal that is gone ends a program with SIGHUP, and the clients end in order then. Others are killed.
	v.kill(-1, unix.SIGHUP)
	v.kill(-1, unix.SIGCONT)
	time.Sleep(time.Second)
	v.kill(-1, unix.SIGTERM)
	time.Sleep(2 * time.Second)
	v.kill(-1, unix.SIGKILL)
}

// kill signals the child (to is 1) or its process group (-1), while there is one.
func (v *supervisor) kill(to int, sig syscall.Signal) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.reaped {
		return
	}
	if sig == unix.SIGCONT {
		v.asked = true
	}
	_ = unix.Kill(to*v.pid, sig)
}

// restoreTerminal sets the real terminal back when the session's process could not: it was killed, or has crashed. Its
// settings are touched only where they are still the ones the session made: a shell may have been faster, and be
// reading a line already. (The terminal cannot stop us: our controlling terminal is the pty.)
func (v *supervisor) restoreTerminal() {
	s := v.state.load()
	if s.Set == 0 {
		return
	}
	if t, err := tty.Get(v.terminal); err == nil && *t == s.Raw {
		tty.SetNow(v.terminal, &s.Saved)
	}
	_ = fdio.Write(v.terminal, s.Reset[:min(int(s.ResetLen), len(s.Reset))], nil)
}
