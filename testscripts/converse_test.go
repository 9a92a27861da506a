package testscripts

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/claude-auth/claude-auth/internal/test/harness"
)

// conversation is a program that a script talks with as a program of the Agent SDK does: both directions are
// stream-json, a line for each message.
type conversation struct {
	command *exec.Cmd
	input   io.WriteCloser
	lines   chan []byte // of its output; closed at the end
	errors  bytes.Buffer
	turns   int // messages and control requests so far
	ended   bool

	sent, heard *os.File // all lines so far: $WORK/sent and $WORK/heard
}

// converse PROGRAM ARGS…: starts a program to talk with, until end-conversation. $WORK/sent and $WORK/heard get all
// that the script writes to it and reads from it.
func converse(ts *testscript.TestScript, neg bool, args []string) {
	usage(ts, len(args) >= 1 && !neg, "converse PROGRAM ARGS…")
	command, err := scriptCommand(ts, args)
	ts.Check(err)
	c := &conversation{command: command, lines: make(chan []byte, 1024)}
	command.SysProcAttr = &syscall.SysProcAttr{Setsid: true} // no terminal, as for an editor's
	c.input, err = command.StdinPipe()
	ts.Check(err)
	out, err := command.StdoutPipe()
	ts.Check(err)
	command.Stderr = &c.errors
	c.sent, err = os.Create(filepath.Join(ts.Getenv("WORK"), "sent"))
	ts.Check(err)
	c.heard, err = os.Create(filepath.Join(ts.Getenv("WORK"), "heard"))
	ts.Check(err)
	ts.Check(command.Start())
	go func() { // ends with the program
		defer close(c.lines)
		for reader := bufio.NewReader(out); ; {
			line, err := reader.ReadBytes('\n')
			if len(line) > 0 {
				c.lines <- line
			}
			if err != nil {
				return
			}
		}
	}()
	worldOf(ts).conversation = c
	ts.Defer(func() {
		_, _ = c.sent.Close(), c.heard.Close()
		if !c.ended { // the script has failed
			_ = c.command.Process.Kill()
			_ = c.command.Wait()
		}
	})
}

func conversationOf(ts *testscript.TestScript) *conversation {
	c := worldOf(ts).conversation
	if c == nil || c.ended {
		ts.Fatalf("no conversation has begun")
	}
	return c
}

// say [-times N] [-unanswered] TEXT: sends a message and waits for its result; `stdout` is then what came since. With
// -times it sends N messages, each numbered, and each must be answered by the model. With -unanswered it does not wait.
func say(ts *testscript.TestScript, neg bool, args []string) {
	flags := flag.NewFlagSet("say", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	times, unanswered := flags.Int("times", 0, ""), flags.Bool("unanswered", false, "")
	err := flags.Parse(args)
	usage(ts, err == nil && flags.NArg() == 1 && !neg, "say [-times N] [-unanswered] TEXT")
	c, text := conversationOf(ts), flags.Arg(0)
	if *times == 0 {
		ts.Check(c.send(message(text)))
		if !*unanswered {
			c.hear(ts, isResult)
		}
		return
	}
	for i := 1; i <= *times; i++ {
		numbered := fmt.Sprintf("%s %d", text, i)
		ts.Check(c.send(message(numbered)))
		last := c.listen(ts, io.Discard, isResult) // the log of the script would be long
		if last.IsError || last.Result != "You said: "+numbered {
			ts.Fatalf("message %d: an error: %t, %q", i, last.IsError, last.Result)
		}
	}
}

// answered: waits for the next result.
func answered(ts *testscript.TestScript, neg bool, args []string) {
	usage(ts, len(args) == 0 && !neg, "answered")
	conversationOf(ts).hear(ts, isResult)
}

// control SUBTYPE: sends a control request and waits for the response to it.
func control(ts *testscript.TestScript, neg bool, args []string) {
	usage(ts, len(args) == 1 && !neg, "control SUBTYPE")
	c := conversationOf(ts)
	id := "request-" + strconv.Itoa(c.turns+1)
	ts.Check(c.send(map[string]any{
		"type": "control_request", "request_id": id, "request": map[string]any{"subtype": args[0]},
	}))
	c.hear(ts, func(e streamEvent) bool { return e.Type == "control_response" && e.Response.ID == id })
}

// endConversation STATUS [SIGNAL]: closes the program's input, or sends it a signal, and checks its status. `stdout` is
// the rest of its output, `stderr` all that it wrote there.
func endConversation(ts *testscript.TestScript, neg bool, args []string) {
	usage(ts, (len(args) == 1 || len(args) == 2) && !neg, "end-conversation STATUS [SIGNAL]")
	c := conversationOf(ts)
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	if len(args) == 2 {
		ts.Check(c.command.Process.Signal(signals[args[1]]))
	} else {
		ts.Check(c.input.Close())
	}
	c.hear(ts, nil)
	c.ended = true
	err = c.command.Wait()
	_, _ = ts.Stderr().Write(c.errors.Bytes())
	got, err := statusOf(err)
	ts.Check(err)
	if got != want {
		ts.Fatalf("it ended with status %d, not %d", got, want)
	}
}

// streamEvent is a line of the output.
type streamEvent struct {
	Type     string
	IsError  bool `json:"is_error"`
	Result   string
	Response struct {
		ID string `json:"request_id"`
	}
}

func isResult(e streamEvent) bool { return e.Type == "result" }

func message(text string) any {
	return map[string]any{"type": "user", "message": map[string]any{"role": "user", "content": text}}
}

func (c *conversation) send(value any) error {
	c.turns++
	line, err := json.Marshal(value)
	if err != nil {
		return err
	}
	line = append(line, '\n')
	_, err = c.input.Write(line)
	_, keptErr := c.sent.Write(line)
	return errors.Join(err, keptErr)
}

// hear is listen where what is read becomes the script's stdout.
func (c *conversation) hear(ts *testscript.TestScript, awaited func(streamEvent) bool) streamEvent {
	return c.listen(ts, ts.Stdout(), awaited)
}

// listen copies lines to out, up to one that is awaited, nil for the end of the output.
func (c *conversation) listen(
	ts *testscript.TestScript, out io.Writer, awaited func(streamEvent) bool,
) streamEvent {
	late := time.After(harness.Patience)
	for {
		select {
		case line, open := <-c.lines:
			if !open && awaited != nil {
				ts.Check(errors.New("the program has ended: " + c.errors.String()))
			}
			if !open {
				return streamEvent{}
			}
			_, err := io.MultiWriter(out, c.heard).Write(line)
			ts.Check(err)
			var event streamEvent
			if json.Unmarshal(line, &event) == nil && awaited != nil && awaited(event) {
				return event
			}
		case <-late:
			_ = c.command.Process.Kill()
			ts.Fatalf("what the script awaits did not come")
		}
	}
}
