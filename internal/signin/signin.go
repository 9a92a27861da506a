// Package signin shows the client's sign-in: how much time is left, the link in one piece, and a line for the code.
//
// Claude Code itself signs in. It runs on a terminal of its own, and this package reads what it prints, draws a screen
// on the person's terminal, and types the code for it. So its lines and ours do not get mixed up.
//
// A newer client may print something else. Whole lines that are not known are shown as they are. Where the client does
// more than that, such as drawing a menu, or says no link, the screen gives way: the client's output and the keys then
// pass through, as if there were no screen. The sign-in never depends on it.
package signin

import (
	"context"
	"errors"
	"os"
	"os/signal"
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"

	"github.com/claude-auth/claude-auth/internal/fdio"
	"github.com/claude-auth/claude-auth/internal/paths"
	"github.com/claude-auth/claude-auth/internal/runner"
	"github.com/claude-auth/claude-auth/internal/tty"
)

// ErrCancelled says that the person has cancelled the sign-in.
var ErrCancelled = errors.New("the sign-in was cancelled")

// ErrNoScreen says that nothing was run, because no pseudo-terminal can be made.
var ErrNoScreen = errors.New("no pseudo-terminal for the sign-in")

// ErrNeedsTerminal says that the client wants more than a code, such as an answer in a menu, and nobody sits there.
var ErrNeedsTerminal = errors.New("the sign-in needs a terminal")

// Request is a sign-in.
type Request struct {
	Command   runner.Command
	Env       paths.Env // of the terminal
	Keeps     string    // what is restored when the sign-in is cancelled: "old login"; "" for nothing
	Elsewhere bool      // no browser can be opened on this machine
}

// Plain reports whether the terminal knows no escape sequences, so that it can't have the screen.
func (r Request) Plain() bool {
	term := r.Env.Get("TERM")
	return term == "" || term == "dumb"
}

// Screen is the terminal of the person. It sends each key as it is typed.
type Screen struct {
	In, Out int         // what is written does not wait where Out is non-blocking
	Wake    *fdio.Wake  // rings when Redraw is true
	Redraw  func() bool // whether the terminal may have lost what is on it, or has another size, since the last call
	Reply   func([]byte)
	Clear   bool // the whole screen is for the sign-in

	// Follow, unless nil, gets what there is to see, instead of a screen: nobody sits at this terminal. Then the screen
	// cannot give way either, and the sign-in ends with ErrNeedsTerminal.
	Follow func(Progress)
}

// Progress is what there is to see of a sign-in.
type Progress struct {
	Link     string   // "" until the client has printed it
	Said     []string // what the client has said beside the lines of a sign-in that goes well, since it began
	Checking bool     // the client has got a code, and has not answered
}

const (
	// ptyColumns is the width of the client's terminal: it breaks no link.
	ptyColumns = 1000
	// askTime is how long the client may wait behind words that are not known. Then they count as a question.
	askTime = time.Second
	// linkTime is how long the client may be silent before it has printed a link, once it has printed something.
	linkTime = 5 * time.Second
	// endTime is how long the client may take to end after SIGTERM.
	endTime = 5 * time.Second
	// maxUnwritten bounds what a terminal that takes nothing makes us keep, in bytes.
	maxUnwritten = 64 << 10
)

// signIn is a sign-in that goes on.
type signIn struct {
	Request
	Screen
	child  *runner.Child
	master int // the client's terminal; -1 when it has been closed
	keys   int // Screen.In; -1 when it is gone

	output    output
	code      codeLine
	frame     frame
	printed   []byte // all that the client has printed, until it has the terminal for itself
	lastPrint time.Time
	through   bool // the client's output and the keys pass through
	checking  bool // a code was sent, and the client has not answered
	qr        bool
	cancelled bool
	stuck     bool      // nobody can answer what the client asks
	deadline  time.Time // of the sign-in; zero for none
	killAt    time.Time // zero while the client is not to end
}

// Result is what has become of a sign-in.
type Result struct {
	Status  runner.Status
	Said    []string // what the client said beside the lines of a sign-in that goes well
	Through bool     // the client had the terminal for itself at the end: there is what it said
}

// Run runs the sign-in until the client has ended. When ctx ends before that, it ends the client. The error is
// ErrCancelled when the person has cancelled it, ErrNoScreen when nothing was run, or ErrNeedsTerminal.
func Run(ctx context.Context, request Request, screen Screen) (Result, error) {
	master, slave, err := tty.OpenPTY()
	if err != nil {
		return Result{}, errors.Join(ErrNoScreen, err)
	}
	s := &signIn{Request: request, Screen: screen, master: master, keys: screen.In}
	defer func() { fdio.Close(s.master) }()
	_ = unix.IoctlSetWinsize(master, unix.TIOCSWINSZ, &unix.Winsize{Col: ptyColumns, Row: 50})
	if settings, err := tty.Get(slave); err == nil {
		tty.SetNow(slave, tty.WithoutStop(*settings))
	}
	system := runner.DieWithParent(unix.SIGTERM)
	system.Setsid, system.Setctty, system.Ctty = true, true, 0
	s.child, err = runner.Start(request.Command, slave, slave, slave, system)
	fdio.Close(slave)
	if err != nil {
		return Result{}, err
	}
	s.code.Reply = screen.Reply
	s.frame = frame{request: request, screen: screen}
	s.deadline, _ = ctx.Deadline()
	defer context.AfterFunc(ctx, s.Wake.Ring)()
	go s.child.KeepGoing() // ends with the child
	go func() {            // ends with the child
		<-s.child.Ended()
		s.Wake.Ring()
	}()
	s.loop(ctx)
	s.finish()
	result := Result{s.child.Wait(), s.frame.said, s.through}
	if s.cancelled {
		result.Said = nil // it was about the code
		return result, ErrCancelled
	}
	if s.stuck {
		return result, ErrNeedsTerminal
	}
	return result, nil
}

// loop returns when the client has ended.
func (s *signIn) loop(ctx context.Context) {
	s.frame.size()
	wait := -1
	for {
		fds := []unix.PollFd{
			fdio.For(s.keys, unix.POLLIN), fdio.For(s.master, unix.POLLIN), fdio.For(s.Wake.R, unix.POLLIN), {Fd: -1},
		}
		if len(s.frame.pending) > 0 {
			fds[3] = fdio.For(s.Out, unix.POLLOUT)
			if len(s.frame.pending) > maxUnwritten {
				fds[1].Fd = -1
			}
		}
		if _, err := fdio.Wait(fds, wait); err != nil {
			s.end()
			<-s.child.Ended()
			return
		}
		if fds[2].Revents != 0 {
			s.Wake.Clear()
		}
		select {
		case <-s.child.Ended():
			return
		default:
		}
		if ctx.Err() != nil {
			s.end()
		}
		if fds[1].Revents != 0 {
			s.read()
		}
		if fds[0].Revents != 0 {
			s.typed()
		}
		wait = s.step(time.Now())
	}
}

// step does what is due, and returns after how many milliseconds to do it again.
func (s *signIn) step(now time.Time) (wait int) {
	next := now.Add(time.Hour)
	due := func(at time.Time) bool {
		if at.After(now) && at.Before(next) {
			next = at
		}
		return !at.After(now)
	}
	if !s.killAt.IsZero() && due(s.killAt) {
		s.child.Signal(unix.SIGKILL)
		s.killAt = now.Add(endTime)
	}
	if escape := s.press(now); escape >= 0 {
		due(now.Add(escape))
	}
	if !s.through && s.killAt.IsZero() && !s.lastPrint.IsZero() {
		silent := s.output.Unfinished() && due(s.lastPrint.Add(askTime))
		if silent || s.output.Alien || s.output.Link == "" && due(s.lastPrint.Add(linkTime)) {
			s.giveWay()
		}
	}
	again := s.Redraw()
	resized := s.frame.size()
	switch {
	case s.through && (again || resized):
		_, _ = tty.CopySize(s.Out, s.master) // a terminal that is gone has no size
	case s.through:
	case len(s.frame.pending) == 0 || again || resized:
		s.draw(now, again || resized)
		if left := s.deadline.Sub(now); !s.deadline.IsZero() && left > 0 {
			due(now.Add(left%time.Second + time.Millisecond))
		}
	}
	s.frame.flush()
	return int(next.Sub(now)/time.Millisecond) + 1
}

func (s *signIn) draw(now time.Time, all bool) {
	s.frame.link = s.output.Link
	s.frame.news(s.output.News)
	s.output.News = nil
	if s.Follow != nil {
		s.Follow(Progress{Link: s.frame.link, Said: s.frame.said, Checking: s.checking})
		return
	}
	left := time.Duration(-1)
	if !s.deadline.IsZero() {
		left = max(s.deadline.Sub(now), 0)
	}
	s.frame.draw(state{left: left, checking: s.checking, ending: !s.killAt.IsZero(), qr: s.qr, code: &s.code}, all)
}

// read reads what the client has printed.
func (s *signIn) read() {
	buf := make([]byte, 32<<10)
	n, err := fdio.Read(s.master, buf)
	if n == 0 {
		if err != unix.EAGAIN { // EIO: all have closed it
			fdio.Close(s.master)
			s.master = -1
		}
		return
	}
	s.lastPrint = time.Now()
	if s.through {
		s.frame.write(string(buf[:n]))
		return
	}
	if len(s.printed) < maxUnwritten {
		s.printed = append(s.printed, buf[:n]...)
	}
	s.output.Write(buf[:n])
	s.checking = s.checking && len(s.output.News) == 0
}

// typed reads what the person has typed.
func (s *signIn) typed() {
	var buf [4096]byte
	n, err := fdio.Read(s.keys, buf[:])
	switch {
	case n == 0 && err != unix.EAGAIN: // the terminal is gone, and a signal says so too
		s.keys = -1
	case s.through:
		s.send(string(buf[:n]))
	default:
		s.code.Feed(buf[:n], time.Now())
	}
}

// press does what the typed keys say. It returns after which time to try again, or a negative one.
func (s *signIn) press(now time.Time) time.Duration {
	for !s.through {
		did, wait, ok := s.code.Next(now)
		if !ok {
			return wait
		}
		switch did {
		case cancelled:
			s.cancelled = true
			s.end()
		case toggled:
			s.qr = !s.qr && s.output.Link != ""
		case entered:
			s.output.sent = s.code.Take()
			s.checking = true
			s.send(s.output.sent + "\r")
		}
	}
	return -1
}

// send types text for the client. A terminal that takes no more of it has a client that does not read.
func (s *signIn) send(text string) {
	if s.master >= 0 {
		_, _ = unix.Write(s.master, []byte(text))
	}
}

// end asks the client to end.
func (s *signIn) end() {
	if s.killAt.IsZero() {
		s.killAt = time.Now().Add(endTime)
		s.child.Signal(unix.SIGCONT)
		s.child.Signal(unix.SIGTERM)
	}
}

// giveWay gives the client the terminal: what it has printed so far, and from then on everything.
func (s *signIn) giveWay() {
	if s.Follow != nil {
		s.stuck = true
		s.end()
		return
	}
	s.frame.end()
	s.through = true
	_, _ = tty.CopySize(s.Out, s.master) // the kernel tells the client
	s.frame.write("\r" + string(s.printed))
	s.printed = nil
	s.send(s.code.Take())
}

// finish shows what the client has printed last.
func (s *signIn) finish() {
	for s.master >= 0 && fdio.Readable(s.master, 0) {
		s.read()
	}
	if !s.through {
		s.output.Rest()
		s.draw(time.Now(), false)
	}
	if !s.through && s.Follow == nil {
		s.frame.end()
	}
	for late := time.Now().Add(fdio.Patience); len(s.frame.pending) > 0 && time.Now().Before(late); {
		_, _ = fdio.Wait([]unix.PollFd{fdio.For(s.Out, unix.POLLOUT)}, 50)
		s.frame.flush()
	}
}

// WatchWindow returns Screen.Redraw for a terminal that only this process draws on: it is true after a new size of the
// window, and when the process was stopped and continued, after which resumed is called. end ends it.
func WatchWindow(wake *fdio.Wake, resumed func()) (redraw func() bool, end func()) {
	caught, over := make(chan os.Signal, 4), make(chan struct{})
	signal.Notify(caught, unix.SIGWINCH, unix.SIGCONT)
	var changed atomic.Bool
	go func() { // ends with over
		for {
			select {
			case <-over:
				return
			case sig := <-caught:
				if sig == unix.SIGCONT {
					resumed()
				}
				changed.Store(true)
				wake.Ring()
			}
		}
	}()
	return func() bool { return changed.Swap(false) }, func() {
		signal.Stop(caught)
		close(over)
	}
}
