package ui

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"golang.org/x/term"

	"github.com/claude-auth/claude-auth/internal/fdio"
	"github.com/claude-auth/claude-auth/internal/tty"
)

// Question is a yes-or-no question.
type Question struct {
	Fact       string // what has happened, on the line above the question; "" for nothing
	Text       string
	EnterIsYes bool   // otherwise Enter alone means no
	MayStop    bool   // the answer x means no, and that nobody is to be asked again
	AfterNo    string // said after a no; "" for nothing
	AfterStop  string // said after x

	Panel PanelQuestion // the same question on a panel
}

// PanelQuestion is a question on a panel, where there is room for whole sentences.
type PanelQuestion struct {
	Title  string   // what has happened, in a line
	Reason string   // why; "" for nothing
	Texts  []string // the question, and what follows a yes
	Yes    string   // what Enter does: "sign in"
}

// Answer is the answer to a question.
type Answer int

// The answers.
const (
	No   Answer = iota
	Yes         // agreed
	Stop        // no, and do not ask again
)

// String names the answer, for the debug log.
func (a Answer) String() string { return [...]string{"no", "yes", "no, and do not ask again"}[a] }

// PasteIgnored tells a person that text pasted at a question does not answer it.
const PasteIgnored = "Pasted text was ignored."

// Ask puts a yes-or-no question; see Choose.
func (u *UI) Ask(ctx context.Context, question Question) (bool, error) {
	answer, err := u.Choose(ctx, question)
	return answer == Yes, err
}

// Choose puts a question on the terminal itself, so that standard input and output stay with the pipeline they belong
// to. y and yes with Enter mean yes; n and no mean no, and so do the end of input and Esc. After any other answer
// Choose asks again. Text that was typed before the question, or pasted, does not answer it. Choose returns an error
// when there is no terminal, and ctx's error when that ends first.
func (u *UI) Choose(ctx context.Context, question Question) (Answer, error) {
	errNoTerminal := errors.New("no terminal to ask on")
	terminal, err := tty.Open()
	if err != nil {
		return No, errNoTerminal
	}
	defer terminal.Close()
	text := u.questionText(question, u.widthOf(terminal))
	var answer Answer
	for known := false; !known; { // ends with the terminal too: the end of input means no
		var line string
		if u.dumb {
			line, err = askInLines(ctx, terminal, text)
		} else {
			line, err = askInKeys(ctx, int(terminal.Fd()), text, question.words())
		}
		if err != nil {
			if u.lineEnded = ctx.Err() != nil; u.lineEnded {
				return No, ctx.Err()
			}
			return No, fmt.Errorf("read the answer from the terminal: %w", err)
		}
		if answer, known = question.answer(line); !known {
			_, _ = fmt.Fprintln(fdio.Until(ctx.Done(), terminal), question.answerWith()) // the next read finds what fails
		}
	}
	if after := question.after(answer); after != "" {
		text := strings.Join(wrap(u.forPeople(after), u.widthOf(terminal)), "\n")
		_, _ = fmt.Fprintln(fdio.Until(ctx.Done(), terminal), text) // the person has answered, and needs no reply
	}
	return answer, nil
}

// Say writes a sentence to standard error that answers the person, without the name of the program before it.
func (u *UI) Say(text string) { u.message("", text) }

// widthOf returns the width of the terminal in columns.
func (u *UI) widthOf(terminal *os.File) int {
	if width, _, err := term.GetSize(int(terminal.Fd())); err == nil && width > 0 {
		return max(width, minWidth)
	}
	return defaultWidth
}

// questionText is the question for a terminal of that width.
func (u *UI) questionText(q Question, width int) string {
	choice := "[y/N]"
	switch {
	case q.EnterIsYes && q.MayStop:
		choice = "[Y/n/x]"
	case q.EnterIsYes:
		choice = "[Y/n]"
	}
	var lines []string
	for _, part := range [][2]string{{"! ", q.Fact}, {"? ", q.Text + " " + choice}} {
		if part[1] == "" {
			continue
		}
		folded := wrap(u.forPeople(part[1]), width-len(part[0])-1) // a column for the answer
		lines = append(lines, part[0]+strings.Join(folded, "\n  "))
	}
	return strings.Join(lines, "\n") + " "
}

// words are the answers that a program may send at once.
func (q Question) words() []string {
	words := []string{"y", "yes", "n", "no"}
	if q.MayStop {
		words = append(words, stopWord)
	}
	return words
}

const stopWord = "x"

// answer is what a line means; "" is the end of input. known is false for a line that is not an answer.
func (q Question) answer(line string) (answer Answer, known bool) {
	word := strings.ToLower(strings.TrimSpace(line))
	switch {
	case word == "y", word == "yes", q.EnterIsYes && word == "" && line != "":
		return Yes, true
	case q.MayStop && word == stopWord:
		return Stop, true
	case word == "", word == "n", word == "no":
		return No, true
	}
	return No, false
}

// answerWith says which answers there are.
func (q Question) answerWith() string {
	if q.MayStop {
		return "Please answer y, n or x."
	}
	return "Please answer y or n."
}

// after is what is said after an answer.
func (q Question) after(answer Answer) string {
	switch answer {
	case No:
		return q.AfterNo
	case Stop:
		return q.AfterStop
	}
	return ""
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
