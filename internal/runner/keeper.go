package runner

import (
	"encoding/binary"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// KeeperName is argv[0] of a session's keeper.
const KeeperName = "claude-auth-session"

// IsKeeper reports whether this process was started as a session's keeper. The program's main, and a test binary's TestMain, must
// ask it before anything else and end with KeeperMain when it says so.
func IsKeeper(args []string) bool {
	return len(args) >= 4 && filepath.Base(args[0]) == KeeperName
}

// What the session and its keeper say to each other: one letter and one number.
const (
	sayStarted   = 'p' // keeper: the child runs; its pid
	sayFailed    = 'e' // keeper: it could not be started; the errno
	sayStopped   = 's' // keeper: it was stopped; the signal
	sayContinued = 'c' // keeper: it runs again
	sayEnded     = 'x' // keeper: it has ended; the wait status
	tellChild    = 'k' // session: send the child this signal
	tellGroup    = 'g' // session: send its process group this signal
)

type message struct {
	op  byte
	arg int32
}

const messageSize = 5

func sendMessage(fd int, m message) error {
	var b [messageSize]byte
	b[0] = m.op
	binary.LittleEndian.PutUint32(b[1:], uint32(m.arg))
	return writeFD(fd, b[:], nil) // shorter than PIPE_BUF: in one piece
}

// receiveMessage reports false when the other side is gone.
func receiveMessage(fd int) (message, bool) {
	var b [messageSize]byte
	for n := 0; n < len(b); {
		k, err := readFD(fd, b[n:])
		if err != nil || k == 0 {
			return message{}, false
		}
		n += k
	}
	return message{b[0], int32(binary.LittleEndian.Uint32(b[1:]))}, true
}

// keeperFDs are the descriptors a keeper is started with, beside the child's three. They keep the numbers they have in the session's process: the
// child may have been given others from 3 upwards by whoever started us.
type keeperFDs struct{ orders, reports, page, terminal int }

func (f keeperFDs) String() string {
	return fmt.Sprintf("%d,%d,%d,%d", f.orders, f.reports, f.page, f.terminal)
}

func parseKeeperFDs(s string) (f keeperFDs, err error) {
	for i, part := range strings.Split(s, ",") {
		n, err := strconv.Atoi(part)
		if err != nil || n < 3 || i > 3 {
			return f, fmt.Errorf("session keeper: bad descriptors %q", s)
		}
		*[]*int{&f.orders, &f.reports, &f.page, &f.terminal}[i] = n
		unix.CloseOnExec(n)
	}
	return f, nil
}

// keeper leads the session of a pty and is the client's parent. See the package comment.
type keeper struct {
	fds  keeperFDs
	page *watchPage

	mu     sync.Mutex
	pid    int // the child's, and its process group's
	reaped bool
	asked  bool // the session has continued the child itself
}

// KeeperMain is the keeper's whole life; its result is the exit status. args is KeeperName, the descriptors, the child's path, its argv.
func KeeperMain(args []string) int {
	// The child's parent-death signal is tied to this thread.
	runtime.LockOSThread()
	fds, err := parseKeeperFDs(args[1])
	if err != nil {
		return 2
	}
	k := &keeper{fds: fds}
	if k.page, err = mapWatchPage(fds.page); err != nil {
		return 2
	}
	if err := k.start(args[2], args[3:]); err != nil {
		errno, _ := err.(syscall.Errno)
		_ = sendMessage(fds.reports, message{sayFailed, int32(errno)})
		return 1
	}
	// Only now, so that the child has started with what we were given. The hang-up of the pty comes as SIGHUP; what we do
	// then, and at a kill of our own, is what the end of the orders does.
	quiet := make(chan os.Signal, 1)
	signal.Notify(quiet, unix.SIGHUP, unix.SIGINT, unix.SIGQUIT, unix.SIGTERM, unix.SIGUSR1, unix.SIGUSR2, unix.SIGPIPE)
	_ = sendMessage(fds.reports, message{sayStarted, int32(k.pid)})
	go k.obey() // ends with the process
	k.watch()
	// So that nothing the child has left behind is hung up by our end. SIGTTOU is ignored because we are in the background here, and orphaned: the kernel
	// would refuse.
	signal.Ignore(unix.SIGTTOU)
	_ = unix.IoctlSetPointerInt(1, unix.TIOCSPGRP, unix.Getpgrp())
	return 0
}

// start runs the child in the foreground process group of the pty.
func (k *keeper) start(path string, argv []string) error {
	sys := dieWithParent(unix.SIGKILL)
	sys.Setpgid = true
	pid, err := syscall.ForkExec(path, argv, &syscall.ProcAttr{Env: os.Environ(), Files: []uintptr{0, 1, 2}, Sys: sys})
	if err != nil {
		return err
	}
	k.pid = pid
	// The child may have been faster, and been stopped for touching the terminal from the background: watch sees to that.
	// (syscall.SysProcAttr.Foreground would do this in the child, and needs SIGTTOU ignored, which the child would inherit.)
	return ignoreError(unix.IoctlSetPointerInt(1, unix.TIOCSPGRP, pid))
}

// ignoreError drops an error that changes nothing: without a foreground group the child still runs.
func ignoreError(error) error { return nil }

// watch reports what becomes of the child, until it has ended.
func (k *keeper) watch() {
	for {
		ws, err := waitLocked(k.pid, unix.WUNTRACED|unix.WCONTINUED, &k.mu)
		switch {
		case err != nil:
			k.reaped = true
			k.mu.Unlock()
			return
		case ws.Stopped():
			sig := ws.StopSignal()
			if (sig == unix.SIGTTIN || sig == unix.SIGTTOU) && k.inForeground() {
				_ = unix.Kill(-k.pid, unix.SIGCONT) // stopped before it was the foreground group
				k.asked = true
			} else {
				k.asked = false
				_ = sendMessage(k.fds.reports, message{sayStopped, int32(sig)})
			}
		case ws.Continued():
			_ = sendMessage(k.fds.reports, message{sayContinued, 0})
			if !k.asked {
				// Somebody continued the child and not us: `kill -CONT` with its pid. The session's process has stopped with it.
				_ = unix.Kill(unix.Getppid(), unix.SIGCONT)
			}
		default:
			k.reaped = true
			_ = sendMessage(k.fds.reports, message{sayEnded, int32(ws)})
			k.mu.Unlock()
			return
		}
		k.mu.Unlock()
	}
}

func (k *keeper) inForeground() bool {
	pgrp, err := unix.IoctlGetInt(1, unix.TIOCGPGRP)
	return err == nil && pgrp == k.pid
}

// obey carries the session's signals to the child, until the session's process is gone.
func (k *keeper) obey() {
	for {
		m, ok := receiveMessage(k.fds.orders)
		if !ok {
			break
		}
		sig := syscall.Signal(m.arg)
		if m.op == tellGroup {
			k.kill(-1, sig)
		} else {
			k.kill(1, sig)
		}
	}
	k.restoreTerminal()
	// A terminal that is gone ends a program with SIGHUP, and the clients go in order then. What does not, goes all the same.
	k.kill(-1, unix.SIGHUP)
	k.kill(-1, unix.SIGCONT)
	time.Sleep(time.Second)
	k.kill(-1, unix.SIGTERM)
	time.Sleep(2 * time.Second)
	k.kill(-1, unix.SIGKILL)
}

// kill signals the child (to is 1) or its process group (-1), while there is one.
func (k *keeper) kill(to int, sig syscall.Signal) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.reaped {
		return
	}
	if sig == unix.SIGCONT {
		k.asked = true
	}
	_ = unix.Kill(to*k.pid, sig)
}

// restoreTerminal puts the real terminal back when the session's process could not: it was killed, or has crashed. Its settings are touched only where they
// are still the ones the session made: a shell may have been faster, and be reading a line already. (The terminal is not ours to be stopped for: our
// controlling terminal is the pty.)
func (k *keeper) restoreTerminal() {
	s := k.page.load()
	if s.Set == 0 {
		return
	}
	if t, err := getTermios(k.fds.terminal); err == nil && *t == s.Raw {
		_ = unix.IoctlSetTermios(k.fds.terminal, ioctlSetTermiosNow, &s.Saved)
	}
	if n := int(s.ResetLen); n > 0 && n <= len(s.Reset) {
		_ = writeFD(k.fds.terminal, s.Reset[:n], nil)
	}
}
