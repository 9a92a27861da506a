package signin

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"github.com/claude-auth/claude-auth/internal/claude"
	"github.com/claude-auth/claude-auth/internal/fdio"
)

// Typed is what a terminal sends for a code that a person has pasted, and Enter.
func Typed(code string) []byte { return []byte("\x1b[200~" + code + "\x1b[201~\r") }

// WantsAgain reports whether the client has said that the code was not whole. It still waits for one then. After any
// other code that it does not take, it ends.
func WantsAgain(said []string) bool {
	return slices.ContainsFunc(said, func(line string) bool {
		return slices.Contains(claude.SaysIncomplete[:], line)
	})
}

// ReadCode lets the person at the terminal fd type or paste a code behind the label, and shows it as the sign-in screen
// does. The terminal sends each key as it is typed. The error is ErrCancelled after Ctrl-C, and ctx's when that ends.
func ReadCode(ctx context.Context, fd int, label string) (string, error) {
	wake, err := fdio.NewWake()
	if err != nil {
		return "", err
	}
	defer wake.Close()
	defer context.AfterFunc(ctx, wake.Ring)()
	columns := 60
	if w, err := unix.IoctlGetWinsize(fd, unix.TIOCGWINSZ); err == nil && w.Col > 0 {
		columns = min(columns, max(int(w.Col)-len(label)-1, 1))
	}
	// A terminal that is gone is noticed by the read.
	show := func(text string) { _ = fdio.Write(fd, []byte(text), wake) }
	defer func() { show("\r\n") }()
	var line codeLine
	for {
		did, wait, ok := line.Next(time.Now())
		switch {
		case did == cancelled:
			return "", ErrCancelled
		case did == entered:
			return line.Take(), nil
		case ok:
			continue
		}
		show("\r\x1b[K" + label + line.Masked(columns))
		timeout := -1
		if wait >= 0 {
			timeout = int(wait/time.Millisecond) + 1
		}
		fds := []unix.PollFd{fdio.For(fd, unix.POLLIN), fdio.For(wake.R, unix.POLLIN)}
		if _, err := fdio.Wait(fds, timeout); err != nil || ctx.Err() != nil {
			return "", cmp.Or(err, context.Cause(ctx))
		}
		if fds[0].Revents == 0 {
			continue
		}
		var buf [4096]byte
		n, err := fdio.Read(fd, buf[:])
		if n == 0 && err != unix.EAGAIN { // the terminal is gone
			return "", ErrCancelled
		}
		line.Feed(buf[:n], time.Now())
	}
}

// QR draws text as a QR code, a line a row; "" for a text that is too long.
func QR(text string) string {
	rows := qrRows(text)
	if rows == nil {
		return ""
	}
	return strings.ReplaceAll(joined(rows), "\r\n", "\n") + "\n"
}
