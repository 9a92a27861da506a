package runner

import (
	"errors"
	"fmt"
	"os"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// SessionOptions is how a session is set up.
type SessionOptions struct {
	Command Command
	// Output is given everything the child prints, in order, after it has been written to the terminal. It runs in the goroutine that carries
	// the output: what it takes is taken from the stream. p is valid during the call only.
	Output func(p []byte)
	// Input is given what is typed, in the same way. It may have bytes that the terminal itself sent: replies, focus and mouse reports.
	Input func(p []byte)
	// Keeper is the program to run as the session's keeper; "" is this one, whose main must ask IsKeeper first.
	Keeper string
}

// Session is a child on a terminal of its own, shown on ours.
type Session struct {
	o      SessionOptions
	in     int // the real terminal, to read
	out    int // and to write
	ownIn  bool
	master int
	saved  *unix.Termios // the real terminal's settings before, and
	raw    *unix.Termios // during the session
	keeper *child
	orders int
	report int
	page   *watchPage
	pid    int

	signals   chan os.Signal
	continued bool // our own stop has been continued; only direct's goroutine knows it

	outWake *wake
	inWake  *wake

	screen struct {
		sync.Mutex // held while the real terminal is written to
		modes      *modes
		version    uint64 // of modes, as the keeper knows it
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
	lastIn  atomic.Int64 // when something was typed last, in ns since epoch; 0: never
	lastOut atomic.Int64
	epoch   time.Time

	overlay struct {
		sync.Mutex // one panel at a time
		current    atomic.Pointer[Terminal]
	}

	hungUp   atomic.Bool   // the terminal is gone, and the child's goes with it
	outDone  chan struct{} // closed when the child's output has ended
	inDone   chan struct{}
	lost     chan struct{} // closed when the real terminal is gone
	lostOnce sync.Once
	ended    chan struct{} // closed when the session is over and the terminal restored
	restored sync.Once
	status   Status
	err      error
}

// ErrNoTerminal says that there is no terminal to run a session on.
var ErrNoTerminal = errors.New("no terminal")

// ErrEnded says that the session is over, or its terminal gone.
var ErrEnded = errors.New("the session has ended")

// StartSession starts the command on a pty and makes our terminal raw for it. Standard output must be a terminal; standard input may be something else, which
// the child gets as it is, and the keyboard is then the controlling terminal.
//
// When it fails, nothing runs and the terminal is as it was; the command may then be run in another way. After it, Wait must be called.
func StartSession(o SessionOptions) (*Session, error) {
	s := &Session{
		o: o, in: 0, out: 1, master: -1, orders: -1, report: -1,
		outDone: make(chan struct{}), inDone: make(chan struct{}), lost: make(chan struct{}), ended: make(chan struct{}),
		epoch: time.Now(),
	}
	s.screen.modes = newModes()
	s.screen.version = s.screen.modes.version
	s.screen.room = sync.NewCond(&s.screen.Mutex)
	if err := s.start(); err != nil {
		s.restore()
		s.free()
		return nil, err
	}
	return s, nil
}

func (s *Session) start() (err error) {
	if !isTerminal(1) {
		return fmt.Errorf("standard output: %w", ErrNoTerminal)
	}
	if !isTerminal(0) {
		if s.in, err = openFD("/dev/tty", unix.O_RDONLY|unix.O_NOCTTY); err != nil {
			return fmt.Errorf("%w: %w", ErrNoTerminal, err)
		}
		s.ownIn = true
	}
	if s.saved, err = getTermios(s.in); err != nil {
		return err
	}
	s.raw = rawTermios(*s.saved)
	if s.outWake, err = newWake(); err != nil {
		return err
	}
	if s.inWake, err = newWake(); err != nil {
		return err
	}
	master, slave, err := openPTY()
	if err != nil {
		return err
	}
	s.master = master
	defer closeAll(slave)
	if err := setTermios(slave, s.saved); err != nil {
		return err
	}
	if _, err := copySize(s.out, slave); err != nil {
		return err
	}
	var endSignals func()
	s.signals, endSignals = catch(unix.SIGWINCH, unix.SIGTSTP, unix.SIGCONT)
	if err := s.startKeeper(slave); err != nil {
		endSignals()
		return err
	}
	messages := make(chan message, 8)
	go s.listen(messages) // ends with the keeper
	first, ok := <-messages
	if !ok || first.op != sayStarted {
		endSignals()
		for range messages { // until it has ended
		}
		<-s.keeper.ended
		if first.op == sayFailed {
			return &os.PathError{Op: "exec", Path: s.o.Command.Path, Err: syscall.Errno(first.arg)}
		}
		return fmt.Errorf("start the session's keeper: %v", s.keeper.status)
	}
	s.pid = int(first.arg)
	go s.guard(s.carryOutput)                                     // ends when the output does
	go s.guard(s.carryInput)                                      // ends at the session's end
	go s.guard(func() { defer endSignals(); s.direct(messages) }) // ends at the session's end
	return nil
}

// startKeeper makes the terminal raw and starts the keeper, which starts the child.
func (s *Session) startKeeper(slave int) error {
	exe := s.o.Keeper
	if exe == "" {
		var err error
		if exe, err = ownExecutable(); err != nil {
			return fmt.Errorf("find this program's own file: %w", err)
		}
	}
	var fds keeperFDs
	var err error
	var passed []int
	defer func() { closeAll(passed...) }()
	pass := func(fd int) int { // an inheritable duplicate
		if err != nil {
			return -1
		}
		var n int
		if n, err = unix.FcntlInt(uintptr(fd), unix.F_DUPFD, 3); err == nil {
			passed = append(passed, n)
		}
		return n
	}
	ordersR, ordersW, err := pipe()
	if err != nil {
		return err
	}
	reportR, reportW, err := pipe()
	if err != nil {
		closeAll(ordersR, ordersW)
		return err
	}
	s.orders, s.report = ordersW, reportR
	defer closeAll(ordersR, reportW)
	page, pageFD, err := newWatchPage()
	if err != nil {
		return err
	}
	s.page = page
	defer closeAll(pageFD)

	if err := setTermios(s.in, s.raw); err != nil {
		return err
	}
	// Read back: the kernel may not have taken every bit, and the keeper compares.
	if t, err := getTermios(s.in); err == nil {
		s.raw = t
	}
	s.publish()
	fds = keeperFDs{orders: pass(ordersR), reports: pass(reportW), page: pass(pageFD), terminal: pass(s.out)}
	if err != nil {
		return fmt.Errorf("start the session's keeper: %w", err)
	}
	stdin, stderr := slave, slave
	if s.ownIn {
		stdin = 0
	}
	if !isTerminal(2) {
		stderr = 2
	}
	c := s.o.Command
	s.keeper, err = start(Command{Path: exe, Name: KeeperName, Args: append([]string{fds.String(), c.Path}, c.Argv()...), Env: c.Env, Dir: c.Dir},
		stdin, slave, stderr, &syscall.SysProcAttr{Setsid: true, Setctty: true, Ctty: 1})
	return err
}

// publish tells the keeper how to restore the terminal. The screen must be locked, or nothing be running yet.
func (s *Session) publish() {
	st := watchState{Set: 1, Saved: *s.saved, Raw: *s.raw}
	st.ResetLen = uint32(copy(st.Reset[:], s.screen.modes.resetAll()))
	s.page.store(&st)
	s.screen.version = s.screen.modes.version
}

// listen passes the keeper's messages on.
func (s *Session) listen(to chan<- message) {
	defer close(to)
	for {
		m, ok := receiveMessage(s.report)
		if !ok {
			return
		}
		to <- m
		if m.op == sayEnded {
			return
		}
	}
}

// tell has the keeper signal the child, or its process group.
func (s *Session) tell(op byte, sig syscall.Signal) {
	_ = sendMessage(s.orders, message{op, int32(sig)}) // a keeper that is gone has left no child
}

// Pid is the child's.
func (s *Session) Pid() int { return s.pid }

// Wait returns when the child has ended, its output is on the terminal, and the terminal is as it was.
func (s *Session) Wait() (Status, error) {
	<-s.ended
	return s.status, s.err
}

// Done is closed when the session is over.
func (s *Session) Done() <-chan struct{} { return s.ended }

// restore puts the terminal's settings back, once.
func (s *Session) restore() {
	s.restored.Do(func() {
		if s.saved != nil {
			_ = setTermios(s.in, s.saved) // a terminal that is gone needs none
		}
	})
}

// Restore puts the terminal's settings back at once, for a program that is about to die of a panic. The session is of no use afterwards.
func (s *Session) Restore() { s.restore() }

// guard runs f and puts the terminal back before a panic goes on.
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
	closeAll(s.orders, s.report)
	if s.ownIn {
		closeAll(s.in)
	}
	for _, w := range []*wake{s.outWake, s.inWake} {
		if w != nil {
			w.close()
		}
	}
	if s.page != nil {
		s.page.unmap()
	}
}
