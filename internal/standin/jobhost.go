package standin

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strconv"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
	"golang.org/x/term"

	"github.com/claude-auth/claude-auth/internal/claude"
	"github.com/claude-auth/claude-auth/internal/lock"
	"github.com/claude-auth/claude-auth/internal/paths"
	"github.com/claude-auth/claude-auth/internal/tty"
)

// host has the terminal of a background session, and keeps what the session paints. args are the job's name and the
// arguments of its client. It ends with the client, with ctx, and when the job's directory is gone.
func (c *client) host(ctx context.Context, args []string) (err error) {
	if c.paths, err = paths.Resolve(c.Env.Without(paths.EnvFile), ""); err != nil {
		return err
	}
	j := c.job(args[0])
	terminal, front, err := j.makeTerminal()
	if err != nil {
		return err
	}
	defer terminal.Close()
	screen, err := os.OpenFile(j.screen(), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}
	defer screen.Close()
	_ = os.Remove(j.keys()) // of an earlier host
	if err := unix.Mkfifo(j.keys(), 0o600); err != nil {
		return fmt.Errorf("make a FIFO: %w", err)
	}
	keys, err := os.OpenFile(j.keys(), os.O_RDWR, 0)
	if err != nil {
		return err
	}
	defer keys.Close()
	exe, err := os.Executable()
	if err != nil {
		return err
	}
	worker := exec.Cmd{
		Path: exe, Args: append([]string{os.Args[0]}, args[1:]...), Dir: c.Dir, Env: c.Env.Environ(),
		Stdin: terminal, Stdout: terminal, Stderr: terminal,
		SysProcAttr: &syscall.SysProcAttr{Setsid: true, Setctty: true},
	}
	if err := worker.Start(); err != nil {
		return fmt.Errorf("start the background session: %w", err)
	}
	go func() { _, _ = io.Copy(screen, front) }() // ends with the terminal
	go func() { _, _ = io.Copy(front, keys) }()   // ends with this process
	defer c.beDaemon()()
	if err := os.WriteFile(j.pid(), []byte(strconv.Itoa(os.Getpid())), 0o600); err != nil {
		return err
	}
	return j.await(ctx, &worker)
}

// makeTerminal makes the terminal of a job: the client's side, and the other one.
func (j job) makeTerminal() (terminal, front *os.File, err error) {
	master, slave, err := tty.OpenPTY()
	if err != nil {
		return nil, nil, fmt.Errorf("make a terminal: %w", err)
	}
	terminal, front = os.NewFile(uintptr(slave), "terminal"), os.NewFile(uintptr(master), "master")
	wide := &unix.Winsize{Row: 40, Col: 100}
	if err := unix.IoctlSetWinsize(slave, unix.TIOCSWINSZ, wide); err != nil {
		return nil, nil, fmt.Errorf("size a terminal: %w", err)
	}
	name, err := os.Readlink("/proc/self/fd/" + strconv.Itoa(slave))
	if err != nil {
		return nil, nil, fmt.Errorf("name a terminal: %w", err)
	}
	_ = os.Remove(j.tty()) // of an earlier host
	return terminal, front, os.Symlink(name, j.tty())
}

// await waits for the client of a job. It ends it with ctx, and when the job's directory is gone.
func (j job) await(ctx context.Context, worker *exec.Cmd) error {
	ended := make(chan error, 1)
	go func() { ended <- worker.Wait() }() // ends with the client
	look := time.NewTicker(200 * time.Millisecond)
	defer look.Stop()
	for {
		select {
		case <-ended:
			return nil
		case <-ctx.Done():
			_ = worker.Process.Signal(syscall.SIGTERM) // it may have ended
			<-ended
			return ctx.Err()
		case <-look.C:
			if _, err := os.Stat(j.state()); err != nil {
				_ = worker.Process.Kill() // the same
			}
		}
	}
}

// beDaemon notes that this process is the daemon, if there is none. end takes that back.
func (c *client) beDaemon() (end func()) {
	if _, running := c.daemon(); running {
		return func() {}
	}
	pid := os.Getpid()
	note, err := json.Marshal(map[string]any{
		"pid": pid, "procStart": lock.ProcessOf(pid).Start(), "version": c.dialect.version.String(),
		"startedAt": c.Now().UnixMilli(), "origin": "transient",
	})
	path := filepath.Join(c.paths.ConfigDir, claude.DaemonNote)
	if err != nil || os.WriteFile(path, note, 0o600) != nil {
		return func() {}
	}
	return func() { _ = os.Remove(path) }
}

// attach shows a background session on the terminal until Ctrl-Z, or until the session ends.
func (c *client) attach(ctx context.Context, j job) error {
	if !isTerminal(c.Stdin) {
		return fail("claude attach requires a terminal")
	}
	if _, ok := j.runs(); !ok {
		return fail("the stand-in client does not start a background session again")
	}
	keys, err := os.OpenFile(j.keys(), os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	defer keys.Close()
	screen, err := os.Open(j.screen())
	if err != nil {
		return err
	}
	defer screen.Close()
	if _, err := screen.Seek(0, io.SeekEnd); err != nil {
		return err
	}
	cooked, err := term.MakeRaw(int(c.Stdin.Fd()))
	if err != nil {
		return fmt.Errorf("set up the terminal: %w", err)
	}
	defer term.Restore(int(c.Stdin.Fd()), cooked)
	in, err := readInput(c.Stdin)
	if err != nil {
		return err
	}
	defer in.stop()
	fmt.Fprint(c.Stdout, modesOn)
	defer fmt.Fprint(c.Stdout, "\r\n"+modesOff)
	return c.show(ctx, j, in, keys, screen)
}

// show passes keys and what is painted.
func (c *client) show(ctx context.Context, j job, in *input, keys io.Writer, screen io.Reader) error {
	resized := make(chan os.Signal, 1)
	signal.Notify(resized, syscall.SIGWINCH)
	defer signal.Stop(resized)
	terminal, err := unix.Open(j.tty(), unix.O_RDWR|unix.O_NOCTTY|unix.O_CLOEXEC, 0)
	if err != nil {
		return fmt.Errorf("open the session's terminal: %w", err)
	}
	defer unix.Close(terminal)
	if err := paint(terminal, c.Stdout); err != nil {
		return err
	}
	look := time.NewTicker(20 * time.Millisecond)
	defer look.Stop()
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case chunk, open := <-in.chunks:
			before, _, detach := bytes.Cut(chunk, []byte{'Z' & 0x1f})
			if _, err := keys.Write(before); err != nil {
				return err
			}
			if detach || !open {
				return nil
			}
		case <-resized:
			if _, err := tty.CopySize(int(c.Stdout.Fd()), terminal); err != nil {
				return err
			}
		case <-look.C:
			if _, err := io.Copy(c.Stdout, screen); err != nil {
				return err
			}
			if _, ok := j.runs(); !ok {
				return nil
			}
		}
	}
}

// paint makes the session on a terminal paint itself for one like out: it does so only for a new size.
func paint(terminal int, out *os.File) error {
	size, err := unix.IoctlGetWinsize(int(out.Fd()), unix.TIOCGWINSZ)
	if err != nil {
		return err
	}
	narrow := *size
	narrow.Col--
	err = unix.IoctlSetWinsize(terminal, unix.TIOCSWINSZ, &narrow)
	time.Sleep(50 * time.Millisecond)
	return errors.Join(err, unix.IoctlSetWinsize(terminal, unix.TIOCSWINSZ, size))
}
