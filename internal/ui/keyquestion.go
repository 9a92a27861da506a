package ui

import (
	"context"
	"errors"
	"os"
	"os/signal"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"golang.org/x/sys/unix"

	"github.com/claude-auth/claude-auth/internal/fdio"
	"github.com/claude-auth/claude-auth/internal/tty"
	"github.com/claude-auth/claude-auth/internal/vt"
)

// keyQuestion is a question on a terminal that sends each key as it is pressed.
type keyQuestion struct {
	fd            int
	text          string
	words         []string // the answers that a program may send at once
	before, asked *unix.Termios
	keys          tty.Keys
	line          []byte
	resumed       chan struct{} // holds one when we were stopped and continued
}

// maxAnswer bounds a typed answer, in bytes.
const maxAnswer = 16

// askInKeys asks, and returns the line that was typed with its "\n", or "" for no. The terminal's signals are switched
// off, because a pasted Ctrl-C must not end anything: the keys for them are heeded here.
func askInKeys(ctx context.Context, fd int, text string, words []string) (string, error) {
	before, err := tty.Get(fd)
	if err == nil {
		err = unix.SetNonblock(fd, true) // no other process shares our opening of the terminal
	}
	if err != nil {
		return "", err
	}
	wake, err := fdio.NewWake()
	if err != nil {
		return "", err
	}
	defer wake.Close()
	stop := context.AfterFunc(ctx, wake.Ring)
	defer stop()
	q := &keyQuestion{
		fd: fd, text: text, words: words, before: before, asked: tty.Keyed(*before), resumed: make(chan struct{}, 1),
	}
	q.keys = tty.Keys{FD: fd, Wake: wake}
	defer q.watchStops()()
	defer q.leave()
	for q.show(""); ; {
		key, ok, err := q.keys.Next()
		switch {
		case ctx.Err() != nil:
			q.write("\n") // what follows begins on a line of its own
			return "", ctx.Err()
		case errors.Is(err, tty.ErrGone):
			return "", nil
		case err != nil:
			return "", err
		case ok:
			if answer, done := q.press(ctx, key); done {
				return answer, nil
			}
		}
		select {
		case <-q.resumed:
			q.show("\n")
		default:
		}
	}
}

// watchStops makes the loop show the question again when this process was stopped and continued.
func (q *keyQuestion) watchStops() (end func()) {
	continued, over := make(chan os.Signal, 1), make(chan struct{})
	signal.Notify(continued, unix.SIGCONT)
	go func() { // ends with over
		for {
			select {
			case <-over:
				return
			case <-continued:
			}
			select {
			case q.resumed <- struct{}{}:
			default:
			}
			q.keys.Wake.Ring()
		}
	}()
	return func() {
		signal.Stop(continued)
		close(over)
	}
}

// show shows the question after before, with what was typed of the answer. It waits for a terminal that is not read
// until the question is withdrawn: keys pressed meanwhile do not answer it.
func (q *keyQuestion) show(before string) {
	tty.SetNow(q.fd, q.asked)
	if before == "" && fdio.Readable(q.fd, 0) {
		before = "\n" // the terminal has shown what was typed before, on the line of the question
	}
	q.keys.Drop()
	begun := time.Now()
	// A terminal that is gone shows at the next read, and after a Wake the loop comes here again or ends.
	_ = fdio.Write(q.fd, []byte(before+vt.PasteOn+q.text+string(q.line)), q.keys.Wake)
	if time.Since(begun) > lineTime*time.Millisecond {
		q.keys.Drop()
	}
}

// leave restores the terminal.
func (q *keyQuestion) leave() {
	q.write(vt.PasteOff)
	tty.SetNow(q.fd, q.before)
}

// writePatience is how long a terminal may take to have room for a line, in ms. One that is not read never has.
const writePatience = 200

func (q *keyQuestion) write(text string) {
	if ready, err := fdio.Wait([]unix.PollFd{fdio.For(q.fd, unix.POLLOUT)}, writePatience); err == nil && ready > 0 {
		_, _ = unix.Write(q.fd, []byte(text)) // a terminal that is gone shows at the next read
	}
}

// press does what a key means. done reports that it ends the question with answer.
func (q *keyQuestion) press(ctx context.Context, key vt.Key) (answer string, done bool) {
	switch key.Kind {
	case vt.KeyEnter:
		q.write("\n")
		return string(q.line) + "\n", true
	case vt.KeyEscape:
		q.write("\n")
		return "", true
	case vt.KeyCtrl:
		return "", q.control(ctx, byte(key.Rune)&0x1f)
	case vt.KeyBackspace:
		q.erase(1)
	case vt.KeyRune:
		if text := string(key.Rune); len(q.line) < maxAnswer && Clean(text) == text {
			q.line = append(q.line, text...)
			q.write(text)
		}
	case vt.Pasted:
		if q.isAnswer(key.Text) {
			q.write(key.Text)
			return key.Text, true
		}
		q.line = q.line[:0]
		q.show("\n" + PasteIgnored + "\n")
	}
	return "", false
}

// isAnswer reports whether a text that came at once is what a program sends that answers for a person (expect, tmux
// send-keys): one word and Enter, and nothing else.
func (q *keyQuestion) isAnswer(text string) bool {
	word, ended := strings.CutSuffix(strings.ToLower(text), "\n")
	return ended && slices.Contains(q.words, word)
}

// erase takes the last characters of the answer back.
func (q *keyQuestion) erase(count int) {
	for ; count > 0 && len(q.line) > 0; count-- {
		_, size := utf8.DecodeLastRune(q.line)
		q.line = q.line[:len(q.line)-size]
		q.write("\b \b")
	}
}

// control does what Ctrl and a key mean, and reports whether that means no.
func (q *keyQuestion) control(ctx context.Context, c byte) bool {
	signals := map[byte]unix.Signal{
		q.before.Cc[unix.VINTR]: unix.SIGINT, q.before.Cc[unix.VQUIT]: unix.SIGQUIT, q.before.Cc[unix.VSUSP]: unix.SIGTSTP,
	}
	sig, known := signals[c]
	switch {
	case c == 0:
	case known && q.before.Lflag&unix.ISIG != 0:
		q.signal(ctx, sig)
	case c == q.before.Cc[unix.VKILL]:
		q.erase(len(q.line))
	case c == q.before.Cc[unix.VEOF] && len(q.line) == 0:
		q.write("\n")
		return true
	}
	return false
}

// stopTime is how long a signal to ourselves may take to have its effect.
const stopTime = 200 * time.Millisecond

// signal sends our process group a signal, as the terminal does when its key is pressed, and asks again when it has
// neither ended us nor ctx.
func (q *keyQuestion) signal(ctx context.Context, sig unix.Signal) {
	q.leave()
	if unix.Kill(0, sig) != nil {
		return
	}
	select {
	case <-ctx.Done():
		return
	case <-q.resumed:
	case <-time.After(stopTime): // it is ignored, or nothing could continue us
	}
	q.show("\n")
}
