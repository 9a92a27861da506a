// Package session runs a client on a pseudo-terminal of its own and shows it on the real terminal, over which a panel
// can be laid while the client waits.
//
// It knows nothing of credentials. The client behaves as if it had been started without this program: its bytes, its
// exit status, its signals, its job control and its terminal are the same.
//
// # Why a session has a supervisor process
//
// The clients suspend themselves with kill(0, SIGTSTP) (measured on 2.1.165 and 2.1.330). A child that leads its own
// session is an orphaned process group, and there the kernel discards SIGTSTP, as POSIX asks: the client would reset
// its terminal, send itself the signal, and wait for a SIGCONT for ever. So a supervisor runs between this process and
// the client. It is this program again under another argv[0]; it leads the new session and is the client's parent
// outside of the client's process group, which is all that POSIX asks for. It reports stops to us and passes signals on
// to the client, so that no signal reaches a reused pid.
//
// The supervisor is the watchdog too. When this process is killed with SIGKILL, the supervisor finds its pipe closed,
// resets the modes that the client had switched on in the real terminal (the kitty keyboard, mouse reports, the hidden
// cursor, the alternate screen; shells reset termios, but none of these), and ends the client: SIGHUP, then SIGTERM,
// then SIGKILL.
//
// It also outlives this process for the child's sake: see Options.Busy.
package session

import (
	"errors"
	"fmt"
	"os"
	"strconv"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
	"golang.org/x/term"

	"github.com/claude-auth/claude-auth/internal/fdio"
	"github.com/claude-auth/claude-auth/internal/runner"
	"github.com/claude-auth/claude-auth/internal/tty"
	"github.com/claude-auth/claude-auth/internal/vt"
)

// Options is how a session is set up.
type Options struct {
	Command runner.Command
	// Output is called with everything the child prints, in order, after it has been written to the terminal. It delays
	// the relaying of more output. p is valid during the call only.
	Output func(p []byte)
	// Input is called with what is typed, before the child gets it, and with what the terminal itself sends: replies,
	// focus and mouse reports. It delays the relaying of more input. p is valid during the call only.
	Input func(p []byte)
	// Busy says when the child must not be ended. When a signal that would end it arrives then, or the terminal vanishes,
	// the session ends as if that signal had ended the child. The supervisor keeps the child, with its terminal, until it
	// is not busy any more, and then ends it. It does so too when this process is killed. Keys wait: see hold.
	Busy runner.Busy
	// Distant says that the child only shows what another process paints, which paints all of it at a new size alone:
	// `claude attach` (2.1.332).
	Distant bool
}

// Session is a child on a terminal of its own, shown on ours.
type Session struct {
	o          Options
	in, out    int // the real terminal, to read and to write
	ownIn      bool
	screenFD   int           // the real terminal once more, to write to without waiting; see openScreen
	master     int           // the child's terminal
	saved, raw *unix.Termios // the real terminal's settings before and during the session

	supervisor *runner.Child
	orders     int // pipe to the supervisor
	reports    int // pipe from it
	state      *sharedState
	pid        int

	signals    <-chan os.Signal
	endSignals func()
	continued  bool // our own stop has been continued; for control's goroutine only

	outWake, inWake *fdio.Wake
	ending          *fdio.Wake // rings when we are to end even if nobody reads the real terminal

	screen struct {
		sync.Mutex // held while the real terminal is written to
		modes      *vt.Modes
		asked      uint64 // of modes, at the last look
		askedAt    time.Time
		version    uint64 // of modes, as the supervisor knows it
		paused     bool   // a panel is shown
		pending    []byte // what the child printed meanwhile
		room       *sync.Cond
		gone       bool // the real terminal cannot be written to any more
	}
	keyboard struct {
		sync.Mutex
		paused  bool
		ack     chan struct{} // closed by the input goroutine once it has seen paused
		pending []byte        // still to be given to the child
		closed  bool
	}
	// These belong to the goroutine that reads the keyboard: the input's, or a panel's while that is paused.
	hold    hold
	answers vt.Answers // to what the child has asked the terminal

	epoch   time.Time    // the session's start
	lastIn  atomic.Int64 // when something was last typed, in ns since epoch; 0: not yet
	lastOut atomic.Int64 // when something was last printed

	overlay struct {
		sync.Mutex // one panel at a time
		current    atomic.Pointer[Terminal]
	}

	hungUp  atomic.Bool   // the real terminal is gone, so the child's is to be closed
	over    atomic.Bool   // the child has ended
	left    atomic.Bool   // the child is left to the supervisor
	outDone chan struct{} // closed when the child's output has ended
	inDone  chan struct{}
	lost    chan struct{} // closed when the real terminal is gone, or the session over
	lose    func()        // closes lost
	ended   chan struct{} // closed when the session is over and the terminal restored
	restore func()        // sets the terminal's settings back, once
	status  runner.Status
	err     error
}

// ErrNoTerminal says that there is no terminal to run a session on.
var ErrNoTerminal = errors.New("no terminal")

// ErrEnded says that the session is over, or its terminal gone.
var ErrEnded = errors.New("the session has ended")

// Start starts the command on a pty and makes our terminal raw for it. Standard output must be a terminal. Standard
// input may be something else, which the child gets as it is; the keyboard is then the controlling terminal.
//
// When it fails, nothing runs and the terminal is as it was. When it succeeds, Wait must be called.
func Start(o Options) (*Session, error) {
	s := &Session{
		o: o, in: 0, out: 1, screenFD: -1, master: -1, orders: -1, reports: -1,
		outDone: make(chan struct{}), inDone: make(chan struct{}), lost: make(chan struct{}), ended: make(chan struct{}),
		epoch: time.Now(),
	}
	s.lose = sync.OnceFunc(func() { close(s.lost) })
	s.restore = sync.OnceFunc(func() {
		if s.saved != nil {
			tty.SetNow(s.in, s.saved) // a terminal that is gone needs none
		}
	})
	s.hold.busy = o.Busy
	s.screen.modes = vt.NewModes()
	s.screen.room = sync.NewCond(&s.screen.Mutex)
	if err := s.start(); err != nil {
		s.restore()
		s.free()
		return nil, err
	}
	return s, nil
}

func (s *Session) start() error {
	slave, err := s.openTerminals()
	if err != nil {
		return err
	}
	defer fdio.Close(slave)
	s.signals, s.endSignals = runner.Catch(unix.SIGWINCH, unix.SIGTSTP, unix.SIGCONT)
	if err := s.startSupervisor(slave); err != nil {
		return err
	}
	first, ok := receive(s.reports)
	if !ok || first.op != sayStarted {
		status := s.supervisor.Wait()
		if first.op == sayFailed {
			return &os.PathError{Op: "exec", Path: s.o.Command.Path, Err: syscall.Errno(first.arg)}
		}
		return fmt.Errorf("start the session's supervisor: %v", status)
	}
	s.pid = int(first.arg)
	go s.guard(s.relayOutput) // ends when the output does
	go s.guard(s.relayInput)  // ends at the session's end
	go s.guard(s.control)     // ends at the session's end
	go s.heed()               // ends at the session's end
	return nil
}

// openTerminals opens the real terminal and the child's, which gets the same settings and size. It returns the child's
// side of that.
func (s *Session) openTerminals() (slave int, err error) {
	if !term.IsTerminal(1) {
		return -1, fmt.Errorf("standard output: %w", ErrNoTerminal)
	}
	if !term.IsTerminal(0) {
		if s.in, err = tty.OpenFD(unix.O_RDONLY); err != nil {
			return -1, fmt.Errorf("%w: %w", ErrNoTerminal, err)
		}
		s.ownIn = true
	}
	if s.saved, err = tty.Get(s.in); err != nil {
		return -1, err
	}
	s.raw = tty.Raw(*s.saved)
	if s.outWake, err = fdio.NewWake(); err != nil {
		return -1, err
	}
	if s.inWake, err = fdio.NewWake(); err != nil {
		return -1, err
	}
	if err = s.openScreen(); err != nil {
		return -1, err
	}
	if s.master, slave, err = tty.OpenPTY(); err != nil {
		return -1, err
	}
	if err = tty.Set(slave, s.saved); err == nil {
		_, err = tty.CopySize(s.out, slave)
	}
	if err != nil {
		fdio.Close(slave)
		return -1, err
	}
	return slave, nil
}

// openScreen opens the real terminal for writing. Where it can, it does so without waiting, for us alone: a terminal
// that nobody reads (Ctrl-S, a hung ssh) must not keep us when we were asked to end.
func (s *Session) openScreen() (err error) {
	if s.ending, err = fdio.NewWake(); err != nil {
		return err
	}
	if s.screenFD, err = tty.OpenOwn(s.out); err != nil {
		s.screenFD, err = fdio.Duplicate(s.out)
	}
	return err
}

// startSupervisor makes the terminal raw and starts the supervisor, which starts the child.
func (s *Session) startSupervisor(slave int) error {
	exe, err := ownExecutable()
	if err != nil {
		return fmt.Errorf("find this program's own file: %w", err)
	}
	ordersR, ordersW, err := fdio.Pipe()
	if err != nil {
		return err
	}
	s.orders = ordersW
	defer fdio.Close(ordersR)
	reportsR, reportsW, err := fdio.Pipe()
	if err != nil {
		return err
	}
	s.reports = reportsR
	defer fdio.Close(reportsW)
	state, stateFD, err := newSharedState()
	if err != nil {
		return err
	}
	s.state = state
	defer fdio.Close(stateFD)

	if err := tty.Set(s.in, s.raw); err != nil {
		return err
	}
	// The kernel may not have taken every bit, and the supervisor compares.
	if t, err := tty.Get(s.in); err == nil {
		s.raw = t
	}
	s.publish()
	c := s.o.Command
	var args []string
	for _, fd := range []int{ordersR, reportsW, stateFD, s.out, s.master} {
		inheritable, err := unix.FcntlInt(uintptr(fd), unix.F_DUPFD, 3)
		if err != nil {
			return fmt.Errorf("start the session's supervisor: %w", err)
		}
		defer fdio.Close(inheritable)
		args = append(args, strconv.Itoa(inheritable))
	}
	args = append(args, s.o.Busy.Dir, s.o.Busy.Fresh.String(), s.o.Busy.Limit.String(), c.Path)
	args = append(args, c.Argv()...)
	stdin, stderr := slave, slave
	if s.ownIn {
		stdin = 0
	}
	if !term.IsTerminal(2) {
		stderr = 2
	}
	supervisor := runner.Command{Path: exe, Name: SupervisorName, Args: args, Env: c.Env}
	leader := &syscall.SysProcAttr{Setsid: true, Setctty: true, Ctty: 1}
	s.supervisor, err = runner.Start(supervisor, stdin, slave, stderr, leader)
	return err
}

// publish tells the supervisor how to restore the terminal. The screen must be locked, or nothing run yet.
func (s *Session) publish() {
	st := terminalState{Saved: *s.saved, Raw: *s.raw}
	reset := s.screen.modes.Reset()
	if s.screen.paused {
		reset = s.screen.modes.LeavePanel() + reset
	}
	st.ResetLen = uint32(copy(st.Reset[:], reset))
	s.state.store(&st)
	s.screen.version = s.screen.modes.Version()
}

// Pid is the child's process id.
func (s *Session) Pid() int { return s.pid }

// Wait returns when the child has ended, its output is on the terminal, and the terminal's settings are restored.
func (s *Session) Wait() (runner.Status, error) {
	<-s.ended
	return s.status, s.err
}

// Done is closed when the session is over.
func (s *Session) Done() <-chan struct{} { return s.ended }

// guard runs f, and restores the terminal before a panic goes on.
func (s *Session) guard(f func()) {
	defer func() {
		if r := recover(); r != nil {
			s.restore()
			panic(r)
		}
	}()
	f()
}

// free closes what the session holds.
func (s *Session) free() {
	s.closeMaster()
	fdio.Close(s.orders, s.reports, s.screenFD)
	if s.ownIn {
		fdio.Close(s.in)
	}
	for _, w := range []*fdio.Wake{s.outWake, s.inWake, s.ending} {
		if w != nil {
			w.Close()
		}
	}
	if s.state != nil {
		s.state.unmap()
	}
	if s.endSignals != nil {
		s.endSignals()
	}
}
