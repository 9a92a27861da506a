package session

import (
	"encoding/binary"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"strconv"
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

// supervisorArgs is how many arguments come before the child's argv; see Supervise.
const supervisorArgs = 10

// IsSupervisor reports whether this process was started as a session's supervisor. The program's main, and a test
// binary's TestMain, must call it before anything else, and Supervise when it returns true.
func IsSupervisor(args []string) bool {
	return len(args) > supervisorArgs && filepath.Base(args[0]) == SupervisorName
}

// What the session and its supervisor say to each other: one letter and one number.
const (
	sayStarted   = 'p' // supervisor: the child runs; its pid
	sayFailed    = 'e' // supervisor: it could not be started; the errno
	sayStopped   = 's' // supervisor: it was stopped; the signal
	sayEnded     = 'x' // supervisor: it has ended; the wait status
	tellChild    = 'k' // session: send the child this signal
	tellGroup    = 'g' // session: send its process group this signal
	tellHangUp   = 'h' // session: close the child's terminal
	tellRestored = 'r' // session: the real terminal is restored, and may be a shell's by now
)

type message struct {
	op  byte
	arg int32
}

// send writes to a pipe, in one piece. It does not matter when the other side is gone.
func (m message) send(fd int) {
	_ = fdio.Write(fd, binary.LittleEndian.AppendUint32([]byte{m.op}, uint32(m.arg)), nil)
}

// receive reports false when the other side is gone.
func receive(fd int) (message, bool) {
	var b [5]byte
	n, _ := fdio.Read(fd, b[:])
	return message{b[0], int32(binary.LittleEndian.Uint32(b[1:]))}, n == len(b)
}

// supervisor leads the session of a pty and is the client's parent. See the package comment.
type supervisor struct {
	orders, reports, terminal int
	master                    int // the child's terminal, which stays open as long as one of us has it open
	state                     *sharedState
	busy                      runner.Busy

	mu     sync.Mutex
	pid    int // the child's, and its process group's
	reaped bool
	asked  bool // the session has continued the child itself
}

// Supervise is the supervisor's whole life and returns its exit status. args is its name, five descriptors beside the
// child's three (the orders, the reports, the state of the terminal, the terminal, the child's terminal), the three
// fields of Options.Busy, the child's path, and its argv. The descriptors keep the numbers they have in the session's
// process, because the child may inherit others from 3 upwards.
func Supervise(args []string) int {
	// The child gets its parent-death signal when this thread ends.
	runtime.LockOSThread()
	var fds [5]int
	for i := range fds {
		fd, err := strconv.Atoi(args[1+i])
		if err != nil {
			return 2
		}
		unix.CloseOnExec(fd)
		fds[i] = fd
	}
	state, err := mapSharedState(fds[2])
	if err != nil {
		return 2
	}
	v := &supervisor{orders: fds[0], reports: fds[1], state: state, terminal: fds[3], master: fds[4]}
	v.busy.Dir = args[6]
	v.busy.Fresh, _ = time.ParseDuration(args[7]) // the session has written both
	v.busy.Limit, _ = time.ParseDuration(args[8])
	if err := v.start(args[9], args[supervisorArgs:]); err != nil {
		errno, _ := err.(syscall.Errno)
		message{sayFailed, int32(errno)}.send(v.reports)
		return 1
	}
	// Only now, so that the child inherits the signals as we were given them. A hang-up of the pty or a kill needs no
	// answer: obey ends the child when the orders end.
	ignored := make(chan os.Signal, 1)
	signal.Notify(ignored, unix.SIGHUP, unix.SIGINT, unix.SIGQUIT, unix.SIGTERM, unix.SIGUSR1, unix.SIGUSR2, unix.SIGPIPE)
	message{sayStarted, int32(v.pid)}.send(v.reports)
	go v.obey() // ends with the process
	v.watch()
	// With us in the foreground, our end sends no SIGHUP to what the child has left behind. SIGTTOU is ignored because the
	// kernel would otherwise refuse the change to an orphaned group in the background.
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
	// The child may have been faster, and been stopped for touching the terminal from the background: watch continues it.
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
			// Another process continued the child with `kill -CONT`. The session's process has stopped with it.
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

// obey passes the session's signals on to the child, until the session's process is gone. Then it ends the child.
func (v *supervisor) obey() {
	restored := false
	for {
		m, ok := receive(v.orders)
		if !ok {
			break
		}
		switch m.op {
		case tellGroup:
			v.kill(-1, syscall.Signal(m.arg))
		case tellChild:
			v.kill(1, syscall.Signal(m.arg))
		case tellHangUp:
			v.hangUp()
		case tellRestored:
			restored = true
		}
	}
	if !restored {
		v.restoreTerminal()
	}
	fdio.Close(v.terminal) // a shell may have it now
	v.outlast()
	v.hangUp()
	// As when a terminal goes away. The clients end in order at SIGHUP; others are killed.
	v.kill(-1, unix.SIGHUP)
	v.kill(-1, unix.SIGCONT)
	time.Sleep(time.Second)
	v.kill(-1, unix.SIGTERM)
	time.Sleep(2 * time.Second)
	v.kill(-1, unix.SIGKILL)
}

// outlast keeps the child while it is busy. It reads what the child prints and drops it: nobody sees it any more, and a
// child whose terminal is full would wait for ever.
func (v *supervisor) outlast() {
	if v.master < 0 || !v.busy.Now() {
		return
	}
	v.kill(-1, unix.SIGCONT) // a stopped child would never be done
	buf := make([]byte, readSize)
	v.busy.Poll(func(pause time.Duration) {
		if fdio.Readable(v.master, int(pause.Milliseconds())) {
			if n, _ := fdio.ReadNow(v.master, buf); n == 0 {
				time.Sleep(pause) // an error, or the end
			}
		}
	})
}

// hangUp closes the child's terminal.
func (v *supervisor) hangUp() {
	fdio.Close(v.master)
	v.master = -1
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

// restoreTerminal restores the real terminal when the session's process could not: it was killed, or it crashed. It
// changes the settings only where they are still the session's: a shell may have been faster, and may be reading a line
// already. (The terminal can't stop us: our controlling terminal is the pty.)
func (v *supervisor) restoreTerminal() {
	s := v.state.load()
	if t, err := tty.Get(v.terminal); err == nil && *t == s.Raw {
		tty.SetNow(v.terminal, &s.Saved)
	}
	now := make(chan struct{})
	close(now)
	_ = fdio.Patiently(now, func() error { return fdio.Write(v.terminal, s.Reset[:s.ResetLen], nil) })
}
