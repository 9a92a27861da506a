package ui

import (
	"context"
	"os"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/claude-auth/claude-auth/internal/fdio"
	"github.com/claude-auth/claude-auth/internal/test/emulator"
	"github.com/claude-auth/claude-auth/internal/tty"
	"github.com/claude-auth/claude-auth/internal/vt"
)

// What is typed can be corrected, and Enter sends it.
func TestAnAnswerIsALine(t *testing.T) {
	r, w, err := fdio.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer fdio.Close(r, w)
	q := &keyQuestion{fd: w, before: &unix.Termios{}}
	q.before.Cc[unix.VKILL], q.before.Cc[unix.VEOF] = 'u'&0x1f, 'd'&0x1f
	char := func(r rune) vt.Key { return vt.Key{Kind: vt.KeyRune, Rune: r} }
	erase, kill := vt.Key{Kind: vt.KeyBackspace}, vt.Key{Kind: vt.KeyCtrl, Rune: 'u'}
	end := vt.Key{Kind: vt.KeyCtrl, Rune: 'd'}
	for _, key := range []vt.Key{erase, char('n'), char('é'), end, kill, char('y'), char('x'), erase} {
		if answer, done := q.press(context.Background(), key); done {
			t.Fatalf("%+v ends it with %q", key, answer)
		}
	}
	if answer, done := q.press(context.Background(), vt.Key{Kind: vt.KeyEnter}); !done || answer != "y\n" {
		t.Errorf("the answer is %q", answer)
	}
	echo := make([]byte, 256)
	n, _ := fdio.Read(r, echo)
	if want := "né\b \b\b \byx\b \b\n"; string(echo[:n]) != want {
		t.Errorf("it shows %q, want %q", echo[:n], want)
	}
	q.line = nil
	if answer, done := q.press(context.Background(), end); !done || answer != "" {
		t.Errorf("the end of input is %q %v", answer, done)
	}
}

// A question on a terminal that nobody reads can be withdrawn. When somebody reads again it is asked, and what was
// typed before does not answer it.
func TestAQuestionOnATerminalThatIsNotRead(t *testing.T) {
	master, slave, err := tty.OpenPTY()
	if err != nil {
		t.Skip(err)
	}
	defer fdio.Close(master, slave)
	_ = unix.SetNonblock(slave, true)
	emulator.Fill(t, slave)
	before, err := tty.Get(slave)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	answers := make(chan string, 1)
	ask := func() { // ends with ctx, or with the answer
		answer, err := askInKeys(ctx, slave, "question ", nil)
		if err != nil {
			answer = err.Error()
		}
		answers <- answer
	}
	go ask()
	time.AfterFunc(300*time.Millisecond, cancel)
	if got := await(t, answers); got != context.Canceled.Error() {
		t.Errorf("withdrawn: %q", got)
	}
	if after, err := tty.Get(slave); err != nil || *after != *before {
		t.Errorf("the settings are %+v %v, and were %+v", after, err, before)
	}
	ctx = context.Background()
	go ask()
	_, _ = unix.Write(master, []byte("\r"))
	time.Sleep(300 * time.Millisecond) // nothing is to come of it
	var seen []byte
	for buf := make([]byte, 4096); !strings.Contains(string(seen), "question "); {
		if !fdio.Readable(master, 10_000) {
			t.Fatalf("the question does not come")
		}
		n, _ := fdio.Read(master, buf)
		seen = append(seen, buf[:n]...)
	}
	time.Sleep(400 * time.Millisecond) // a person reads it
	_, _ = unix.Write(master, []byte("\x1b"))
	if got := await(t, answers); got != "" {
		t.Errorf("the answer is %q", got)
	}
}

// The same for a question that is answered in lines.
func TestALineOnATerminalThatIsNotRead(t *testing.T) {
	master, slave, err := tty.OpenPTY()
	if err != nil {
		t.Skip(err)
	}
	defer fdio.Close(master)
	_ = unix.SetNonblock(slave, true)
	emulator.Fill(t, slave)
	_ = unix.SetNonblock(slave, false)
	terminal := os.NewFile(uintptr(slave), "terminal")
	defer terminal.Close()
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	answers := make(chan string, 1)
	go func() { // ends with ctx
		_, _ = askInLines(ctx, terminal, "question ")
		answers <- "withdrawn"
	}()
	await(t, answers)
}

func await(t *testing.T, answers <-chan string) string {
	t.Helper()
	select {
	case answer := <-answers:
		return answer
	case <-time.After(90 * time.Second):
		t.Fatal("it stays")
	}
	return ""
}

func TestTheQuestionFitsTheTerminal(t *testing.T) {
	q := Question{
		Fact: "Your Claude Code login was rejected: 401 Invalid authentication credentials",
		Text: "Sign in again? Only the rejected login is removed; MCP logins stay.", EnterIsYes: true,
	}
	want := "! " + q.Fact + "\n? " + q.Text + " [Y/n] "
	if got := (&UI{}).questionText(q, 80); got != want {
		t.Errorf("%q", got)
	}
	narrow := (&UI{}).questionText(q, 40)
	for line := range strings.SplitSeq(narrow, "\n") {
		if textWidth(line) > 40 || !strings.HasPrefix(line, "! ") && !strings.HasPrefix(line, "? ") && line[:2] != "  " {
			t.Errorf("the line %q", line)
		}
	}
	if strings.Join(strings.Fields(narrow), " ")+" " != strings.Join(strings.Fields(want), " ")+" " {
		t.Errorf("a word is lost: %q", narrow)
	}
}

func TestAnswers(t *testing.T) {
	enterIsYes, mayStop := Question{EnterIsYes: true}, Question{EnterIsYes: true, MayStop: true}
	for _, test := range []struct {
		question Question
		line     string
		want     Answer
	}{
		{Question{}, "y\n", Yes}, {Question{}, "YES\n", Yes}, {Question{}, "\n", No}, {Question{}, "no\n", No},
		{enterIsYes, "\n", Yes}, {enterIsYes, "", No}, {enterIsYes, "n\n", No},
		{mayStop, "x\n", Stop}, {mayStop, " X\n", Stop}, {mayStop, "\n", Yes}, {mayStop, "n\n", No},
	} {
		if got, known := test.question.answer(test.line); got != test.want || !known {
			t.Errorf("%+v: %q means %v, want %v", test.question, test.line, got, test.want)
		}
	}
	for _, line := range []string{"yo\n", "x\n", "q\n"} {
		if got, known := enterIsYes.answer(line); known {
			t.Errorf("%q means %v, and is not an answer", line, got)
		}
	}
}
