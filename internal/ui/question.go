package ui

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/claude-auth/claude-auth/internal/fdio"
	"github.com/claude-auth/claude-auth/internal/tty"
)

// Question is a yes-or-no question.
type Question struct {
	Text       string
	EnterIsYes bool // otherwise Enter alone means no
}

// PasteIgnored tells a person that text pasted at a question does not answer it.
const PasteIgnored = "Pasted text was ignored."

// Ask puts a question on the terminal itself, so that standard input and output stay with the pipeline they belong to.
// y and yes with Enter mean yes; the end of input and Esc mean no. Text that was typed before the question, or pasted,
// does not answer it. Ask returns an error when there is no terminal, and ctx's error when that ends
// first.
func (u *UI) Ask(ctx context.Context, question Question) (bool, error) {
	errNoTerminal := errors.New("no terminal to ask on")
	terminal, err := tty.Open()
	if err != nil {
		return false, errNoTerminal
	}
	choice := "[y/N]"
	if question.EnterIsYes {
		choice = "[Y/n]"
	}
	text := fmt.Sprintf("claude-auth: %s %s ", Clean(question.Text), choice)
	defer terminal.Close()
	var line string
	if u.dumb {
		line, err = askInLines(ctx, terminal, text)
	} else {
		line, err = askInKeys(ctx, int(terminal.Fd()), text)
	}
	if err != nil {
		if u.lineEnded = ctx.Err() != nil; u.lineEnded {
			return false, ctx.Err()
		}
		return false, fmt.Errorf("read the answer from the terminal: %w", err)
	}
	word := strings.ToLower(strings.TrimSpace(line))
	return word == "y" || word == "yes" || question.EnterIsYes && word == "" && line != "", nil
}

// askInLines asks on a terminal that sends whole lines, such as an editor's: it cannot mark what is pasted. It returns
// "" at the end of input.
func askInLines(ctx context.Context, terminal *os.File, text string) (string, error) {
	out := fdio.Until(ctx.Done(), terminal)
	tty.DiscardInput(terminal)
	if _, err := fmt.Fprint(out, text); err != nil {
		return "", err
	}
	line, err := Await(ctx, func() (string, error) {
		for {
			line, err := bufio.NewReader(terminal).ReadString('\n')
			if errors.Is(err, io.EOF) {
				return "", nil
			}
			if err != nil || !fdio.Readable(int(terminal.Fd()), lineTime) {
				return line, err
			}
			tty.DiscardInput(terminal) // no person types two lines at once
			_, _ = fmt.Fprintf(out, "%s\n%s", PasteIgnored, text)
		}
	})
	if ctx.Err() != nil {
		_, _ = fmt.Fprintln(out) // what follows begins on a line of its own
	}
	return line, err
}

// lineTime is the silence that must follow a line that a person typed, in ms.
const lineTime = 100
