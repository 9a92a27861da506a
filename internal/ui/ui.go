// Package ui writes to people: errors with their hints, notes, tables, colour, and questions on the terminal. It
// cleans all text: it escapes control characters, which may come from a file, and redacts what looks like a token.
package ui

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"regexp"
	"strconv"
	"strings"

	"golang.org/x/term"

	"github.com/claude-auth/claude-auth/internal/fdio"
	"github.com/claude-auth/claude-auth/internal/paths"
	"github.com/claude-auth/claude-auth/internal/secret"
	"github.com/claude-auth/claude-auth/internal/tty"
)

// UI is where one run of the program reads and writes.
type UI struct {
	In  io.Reader
	Out io.Writer
	Err io.Writer

	color    bool   // of Out
	width    int    // of Out, in columns; 0 when it is not a terminal
	errWidth int    // of Err, in the same way
	dumb     bool   // the controlling terminal knows no escape sequences
	quiet    bool   // only errors, questions and JSON are written
	file     string // that --file named; "" for none
	home     string // the home directory, which people see as ~; "" when it is not known

	lineEnded bool // the last question was interrupted, and has ended its line on the terminal
}

// minWidth is the narrowest terminal that tables are laid out for.
const minWidth = 40

// defaultWidth is the width of a terminal that does not tell its own.
const defaultWidth = 80

// New returns the UI on the three standard streams.
func New(env paths.Env, color Color) *UI {
	u := &UI{In: os.Stdin, Out: &written{to: os.Stdout}, Err: os.Stderr, dumb: env.Get("TERM") == "dumb"}
	u.home = strings.TrimRight(env.Get("HOME"), "/")
	if fd := int(os.Stderr.Fd()); term.IsTerminal(fd) {
		u.errWidth = terminalWidth(fd, env)
	}
	fd := int(os.Stdout.Fd())
	onTerminal := term.IsTerminal(fd)
	if onTerminal {
		u.width = terminalWidth(fd, env)
	}
	u.color = color.wanted(env, onTerminal && !u.dumb)
	return u
}

// EndWith makes the UI give up what it writes when ending is closed and nobody reads it: see fdio.Until.
func (u *UI) EndWith(ending <-chan struct{}) {
	if w, ok := u.Out.(*written); ok {
		w.to = fdio.Until(ending, w.to)
	}
	u.Err = fdio.Until(ending, u.Err)
}

func terminalWidth(fd int, env paths.Env) int {
	width, _, err := term.GetSize(fd)
	if err != nil || width <= 0 {
		if width, err = strconv.Atoi(env.Get("COLUMNS")); err != nil || width <= 0 {
			width = defaultWidth
		}
	}
	return max(width, minWidth)
}

// Width returns the width of standard output in columns, or 0 when it is not a terminal.
func (u *UI) Width() int { return u.width }

// Printf writes to standard output.
func (u *UI) Printf(format string, args ...any) {
	fmt.Fprint(u.text(), Clean(fmt.Sprintf(format, args...)))
}

// Quiet silences all text but errors and questions. JSON is still written.
func (u *UI) Quiet() { u.quiet = true }

// text is where text for people goes.
func (u *UI) text() io.Writer {
	if u.quiet {
		return io.Discard
	}
	return u.Out
}

// Picture writes lines of this program's own making, with their escape sequences, to standard output.
func (u *UI) Picture(lines string) { fmt.Fprint(u.text(), lines) }

// Notef writes a note to standard error. The name of the program before it tells it from the words of the client.
func (u *UI) Notef(format string, args ...any) {
	if !u.quiet {
		u.message("claude-auth: ", fmt.Sprintf(format, args...))
	}
}

// Hintf writes a hint to standard error.
func (u *UI) Hintf(format string, args ...any) {
	if !u.quiet {
		u.message("hint: ", fmt.Sprintf(format, args...))
	}
}

// Fail writes err in one line, and its hint in a second one.
func (u *UI) Fail(err error) {
	u.message("claude-auth: ", strings.Join(strings.Fields(err.Error()), " "))
	if hint := HintOf(err); hint != "" {
		u.message("hint: ", hint)
	}
}

// Cancelled says on a line of its own what has become of a command that a person has interrupted. The terminal has
// shown ^C behind whatever was there, unless a question has ended its line already.
func (u *UI) Cancelled(text string) {
	if u.errWidth > 0 && !u.lineEnded {
		fmt.Fprintln(u.Err)
	}
	fmt.Fprintln(u.Err, Clean(text))
}

// Await returns what read returns, or ctx's error when that ends first: a read of a pipe or a terminal cannot be
// interrupted, and a signal must not wait for it.
func Await[T any](ctx context.Context, read func() (T, error)) (T, error) {
	type reply struct {
		value T
		err   error
	}
	replies := make(chan reply, 1)
	go func() { // ends with the input or with the process
		value, err := read()
		replies <- reply{value, err}
	}()
	select {
	case r := <-replies:
		return r.value, r.err
	case <-ctx.Done():
		var none T
		return none, ctx.Err()
	}
}

// CanAsk reports whether this process may read from its terminal: SIGTTIN would stop a background job that asked.
func (u *UI) CanAsk() bool { return tty.InForeground() }

// JSON writes value to standard output, indented, with times in whole seconds. What looks like a token is redacted.
// JSON itself escapes control characters.
func (u *UI) JSON(value any) error {
	text, err := json.MarshalIndent(value, "", "  ")
	if err != nil {
		return fmt.Errorf("write JSON: %w", err)
	}
	_, err = fmt.Fprintln(u.Out, secret.Redact(wholeSeconds(string(text))))
	return err
}

// wholeSeconds cuts the fractions of the times in indented JSON: a program that reads them needs one form. A quote
// within a string is escaped, so a match is a value as a whole.
func wholeSeconds(text string) string {
	times := regexp.MustCompile(`(?m)((?:^ *|": )"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)\.\d+(Z",?)$`)
	return times.ReplaceAllString(text, "$1$2")
}
