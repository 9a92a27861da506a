// Package ui is the only place that writes to people: errors with their hints, notes, tables, colour, and questions on
// the terminal. Whatever passes through it is cleaned: no control character of a file's contents reaches a terminal,
// and nothing that looks like a token is printed.
package ui

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
	"golang.org/x/term"

	"github.com/claude-auth/claude-auth/internal/paths"
	"github.com/claude-auth/claude-auth/internal/secret"
)

// UI is where one run of the program reads and writes.
type UI struct {
	In  io.Reader
	Out io.Writer
	Err io.Writer

	color bool // of Out
	width int  // of Out, in columns; 0 when it is not a terminal
}

// minWidth is the narrowest terminal that tables are laid out for.
const minWidth = 40

// New returns the UI on the three standard streams. Colour is used when standard output is a terminal that can show it
// and NO_COLOR is empty (no-color.org).
func New(env paths.Env, noColor bool) *UI {
	u := &UI{In: os.Stdin, Out: os.Stdout, Err: os.Stderr}
	if fd := int(os.Stdout.Fd()); term.IsTerminal(fd) {
		u.color = !noColor && env.Get("NO_COLOR") == "" && env.Get("TERM") != "dumb"
		u.width = terminalWidth(fd, env)
	}
	return u
}

func terminalWidth(fd int, env paths.Env) int {
	width, _, err := term.GetSize(fd)
	if err != nil || width <= 0 {
		if width, err = strconv.Atoi(env.Get("COLUMNS")); err != nil || width <= 0 {
			width = 80
		}
	}
	return max(width, minWidth)
}

// InIsTerminal reports whether standard input is a terminal.
func (u *UI) InIsTerminal() bool {
	file, ok := u.In.(*os.File)
	return ok && term.IsTerminal(int(file.Fd()))
}

// Width returns the width of standard output in columns, or 0 when it is not a terminal.
func (u *UI) Width() int { return u.width }

// Clean makes text safe to print: tokens redacted, control characters (and the C1 range, and the marks that turn the
// writing direction) shown as escapes, line feeds and tabs kept.
func Clean(text string) string {
	text = secret.Redact(text)
	var out strings.Builder
	for _, r := range text {
		switch {
		case r == '\n' || r == '\t':
			out.WriteRune(r)
		case r < 0x20, r >= 0x7f && r < 0xa0, r >= 0x202a && r <= 0x202e, r >= 0x2066 && r <= 0x2069, r == '\ufffd':
			out.WriteString(escaped(r))
		default:
			out.WriteRune(r)
		}
	}
	return out.String()
}

// Printf writes to standard output.
func (u *UI) Printf(format string, args ...any) {
	fmt.Fprint(u.Out, Clean(fmt.Sprintf(format, args...)))
}

// Notef writes a note to standard error, after the program's name, so that it is told apart from the client's words.
func (u *UI) Notef(format string, args ...any) {
	fmt.Fprintf(u.Err, "claude-auth: %s\n", Clean(fmt.Sprintf(format, args...)))
}

// Hintf writes a hint to standard error.
func (u *UI) Hintf(format string, args ...any) {
	fmt.Fprintf(u.Err, "hint: %s\n", Clean(fmt.Sprintf(format, args...)))
}

// Fail writes err in one line, and its hint in a second one.
func (u *UI) Fail(err error) {
	u.Notef("%s", strings.Join(strings.Fields(err.Error()), " "))
	if hint := HintOf(err); hint != "" {
		u.Hintf("%s", hint)
	}
}

// errNoTerminal says that nobody can be asked.
var errNoTerminal = errors.New("no terminal to ask on")

// Ask puts a yes-or-no question on the terminal itself, so that standard input and output stay with the pipeline they
// belong to. Only y and yes mean yes; the end of input means no. It returns errNoTerminal where there is no terminal,
// and ctx's error when that ends first.
func (u *UI) Ask(ctx context.Context, question string) (bool, error) {
	tty, err := os.OpenFile("/dev/tty", os.O_RDWR, 0)
	if err != nil {
		return false, errNoTerminal
	}
	if _, err := fmt.Fprintf(tty, "claude-auth: %s [y/N] ", Clean(question)); err != nil {
		tty.Close()
		return false, errNoTerminal
	}
	type reply struct {
		line string
		err  error
	}
	replies := make(chan reply, 1)
	go func() { // ends with the line, with the terminal, or with the process: a read of a terminal cannot be called off
		defer tty.Close()
		line, err := bufio.NewReader(tty).ReadString('\n')
		replies <- reply{line, err}
	}()
	select {
	case r := <-replies:
		if r.err != nil && !errors.Is(r.err, io.EOF) {
			return false, fmt.Errorf("read the answer from the terminal: %w", r.err)
		}
		word := strings.ToLower(strings.TrimSpace(r.line))
		return word == "y" || word == "yes", nil
	case <-ctx.Done():
		return false, ctx.Err()
	}
}

// CanAsk reports whether this process has a terminal of its own to ask on, in the foreground.
func CanAsk() bool {
	tty, err := os.OpenFile("/dev/tty", os.O_RDWR, 0)
	if err != nil {
		return false
	}
	defer tty.Close()
	return inForeground(tty)
}

// inForeground reports whether the process group of this process is the one that may read from tty. A background job
// that asked would only be stopped by SIGTTIN.
func inForeground(tty *os.File) bool {
	group, err := unix.IoctlGetInt(int(tty.Fd()), unix.TIOCGPGRP)
	return err == nil && group == unix.Getpgrp()
}

// JSON writes value to standard output, indented. The text of strings is cleaned of what looks like a token; control
// characters are escaped by JSON itself.
func (u *UI) JSON(value any) error {
	text, err := json.MarshalIndent(value, "", "  ")
	if err != nil {
		return fmt.Errorf("write JSON: %w", err)
	}
	_, err = fmt.Fprintln(u.Out, secret.Redact(string(text)))
	return err
}
