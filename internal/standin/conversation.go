package standin

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"io"
)

// dialogue is -p with --input-format stream-json: a program writes the messages, one a line, and the client goes on
// until the end of its input. It answers a control request at once, also in the middle of a message (2.1.165, 2.1.330,
// 2.1.332).
type dialogue struct {
	client  *client
	session *session
	options options
	waiting []request // messages that came while another one was answered
	failed  bool      // the last message
}

// request is a line of the input.
type request struct {
	Type    string `json:"type"`
	ID      string `json:"request_id"`
	Message struct {
		Content words `json:"content"`
	} `json:"message"`
	Request struct {
		Subtype string `json:"subtype"`
	} `json:"request"`

	err error // the line is no request
}

// words is the content of a message: a text, or a list of blocks with a text.
type words string

// UnmarshalJSON implements json.Unmarshaler.
func (w *words) UnmarshalJSON(text []byte) error {
	var blocks []struct{ Text string }
	if json.Unmarshal(text, &blocks) != nil {
		return json.Unmarshal(text, (*string)(w))
	}
	for _, block := range blocks {
		*w += words(block.Text)
	}
	return nil
}

// converse answers until the end of the input. Its status is that of the last message.
func (c *client) converse(ctx context.Context, o options, s *session) error {
	talk := &dialogue{client: c, session: s, options: o}
	requests := make(chan request)
	go readRequests(ctx, c.Stdin, requests) // ends with the input or the process
	for {
		next, err := talk.next(ctx, requests)
		switch {
		case errors.Is(err, io.EOF) && talk.failed:
			return errFailed
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return err
		}
		if err := talk.answer(ctx, string(next.Message.Content), requests); err != nil {
			return err
		}
	}
}

func readRequests(ctx context.Context, in io.Reader, to chan<- request) {
	defer close(to)
	lines := bufio.NewReader(in)
	for {
		line, err := lines.ReadBytes('\n')
		if len(line) > 0 {
			var r request
			r.err = json.Unmarshal(line, &r)
			select {
			case to <- r:
			case <-ctx.Done():
				return
			}
		}
		if err != nil {
			return
		}
	}
}

// next returns the next message, and answers the control requests before it.
func (t *dialogue) next(ctx context.Context, requests <-chan request) (request, error) {
	for {
		var r request
		if len(t.waiting) > 0 {
			r, t.waiting = t.waiting[0], t.waiting[1:]
		} else {
			select {
			case <-ctx.Done():
				return request{}, ctx.Err()
			case next, open := <-requests:
				if !open {
					return request{}, io.EOF
				}
				r = next
			}
		}
		switch {
		case r.err != nil:
			return request{}, fail("Error parsing streaming input line: %v", r.err)
		case r.Type == "user":
			return r, nil
		}
		if err := t.control(r); err != nil {
			return request{}, err
		}
	}
}

// control answers a control request.
func (t *dialogue) control(r request) error {
	answer := newObject("subtype", "success", "request_id", r.ID)
	switch r.Request.Subtype {
	case "initialize":
		answer.set("response", newObject("commands", []any{}, "output_style", "default", "models", []any{},
			"account", newObject()))
	case "interrupt":
	default:
		answer = newObject("subtype", "error", "request_id", r.ID,
			"error", "Unsupported control request subtype: "+r.Request.Subtype)
	}
	return t.printer().event(newObject("type", "control_response", "response", answer))
}

func (t *dialogue) printer() *printer {
	return &printer{client: t.client, session: t.session, options: t.options, started: t.client.Now()}
}

// answer answers a message. Messages that come meanwhile wait in the input; an interrupt ends it.
func (t *dialogue) answer(ctx context.Context, prompt string, requests <-chan request) error {
	c, w := t.client, t.printer()
	if err := errors.Join(w.begin(), t.session.prompt(prompt)); err != nil {
		return err
	}
	type asked struct {
		got outcome
		err error
	}
	asking, stop := context.WithCancel(ctx)
	defer stop()
	done := make(chan asked, 1)
	go func() { // ends with the answer, or at stop
		got, err := c.ask(asking, prompt, nil)
		done <- asked{got, err}
	}()
	for interrupts := requests; ; {
		select {
		case a := <-done:
			if errors.Is(a.err, context.Canceled) && ctx.Err() == nil {
				return t.interrupted(w)
			}
			if a.err != nil {
				return a.err
			}
			return t.end(ctx, w, prompt, a.got)
		case r, open := <-interrupts:
			switch {
			case !open: // that does not end the answer
				interrupts = nil
			case r.err != nil || r.Type == "user":
				t.waiting = append(t.waiting, r)
			case r.Request.Subtype == "interrupt":
				stop()
				fallthrough
			default:
				if err := t.control(r); err != nil {
					return err
				}
			}
		}
	}
}

// end prints the outcome of a message.
func (t *dialogue) end(ctx context.Context, w *printer, prompt string, got outcome) error {
	t.client.said = append(t.client.said, prompt)
	uuid, err := t.session.answer(got)
	if err != nil {
		return err
	}
	if t.failed = got.failure != nil; t.failed {
		t.client.stopFailure(ctx, t.session, got.failure)
	}
	return w.end(got, uuid)
}

// interrupted prints what the client says of a message that it was told to leave.
func (t *dialogue) interrupted(w *printer) error {
	t.failed = true
	said := newObject("role", "user",
		"content", []any{newObject("type", "text", "text", "[Request interrupted by user]")})
	err := w.event(newObject("type", "user", "message", said, "parent_tool_use_id", nil, "session_id", t.session.id,
		"uuid", newUUID()))
	if err != nil {
		return err
	}
	return w.event(newObject("type", "result", "subtype", "error_during_execution", "is_error", true,
		"num_turns", number(1), "stop_reason", nil, "session_id", t.session.id, "total_cost_usd", number(0),
		"uuid", newUUID()))
}
