package standin

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"time"

	"github.com/claude-auth/claude-auth/internal/claude"
)

// print is `claude -p`, and any conversation whose standard output is not a terminal.
func (c *client) print(ctx context.Context, o options) error {
	if o.format == "stream-json" && !o.verbose {
		return fail("Error: When using --print, --output-format=stream-json requires --verbose")
	}
	s, err := c.openSession(o, "sdk-cli")
	if err != nil {
		return err
	}
	removeNote, err := c.noteRunning(s)
	if err != nil {
		return err
	}
	defer removeNote()
	c.said = s.said
	if o.input == claude.FormatStreamJSON {
		return c.converse(ctx, o, s)
	}
	prompt, err := c.readPrompt(ctx, o)
	if err != nil {
		return err
	}
	c.sessionStart(ctx, s, o.source())
	w := &printer{client: c, session: s, options: o, started: c.Now()}
	if err := w.begin(); err != nil {
		return err
	}
	if err := s.prompt(prompt); err != nil {
		return err
	}
	var emit func([]byte) error
	if o.format == "text" && c.Env.Get(EnvStream) != "" {
		emit = func(chunk []byte) error { _, err := c.Stdout.Write(chunk); return err }
	}
	got, err := c.ask(ctx, prompt, emit)
	if err != nil {
		return err
	}
	uuid, err := s.answer(got)
	if err != nil {
		return err
	}
	if got.failure != nil {
		c.stopFailure(ctx, s, got.failure)
		defer c.endHooks()
	}
	if err := w.end(got, uuid); err != nil {
		return err
	}
	if got.failure != nil {
		return errFailed
	}
	return nil
}

// readPrompt joins the argument and standard input as the client does: each on its own line.
func (c *client) readPrompt(ctx context.Context, o options) (string, error) {
	prompt := o.prompt
	if !isTerminal(c.Stdin) {
		piped, err := readAll(ctx, c.Stdin)
		if err != nil {
			return "", fmt.Errorf("read standard input: %w", err)
		}
		if len(piped) > 0 && prompt != "" {
			prompt += "\n"
		}
		prompt += string(piped)
	}
	switch {
	case prompt != "":
		return prompt, nil
	case o.resumes, o.continues:
		return "", fail("Error: No deferred tool marker found in the resumed session. Either the session was not " +
			"deferred, the marker is stale (tool already ran), or it exceeds the tail-scan window. " +
			"Provide a prompt to continue the conversation.")
	}
	return "", errNoPrompt()
}

// readAll reads r to its end, or until ctx ends.
func readAll(ctx context.Context, r io.Reader) (text []byte, err error) {
	done := make(chan struct{})
	go func() { // ends with the input, or with the process
		defer close(done)
		text, err = io.ReadAll(r)
	}()
	select {
	case <-done:
		return text, err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// printer writes the output of -p in the requested format.
type printer struct {
	client  *client
	session *session
	options options
	started time.Time
	events  []any // held back for --output-format json --verbose
}

// event writes a line of stream-json, or keeps it for the array of json --verbose.
func (w *printer) event(o *object) error {
	switch {
	case w.options.format == "stream-json":
		return w.write(append(stringify(o), '\n'))
	case w.options.format == "json" && w.options.verbose:
		w.events = append(w.events, o)
	}
	return nil
}

func (w *printer) write(text []byte) error {
	_, err := w.client.Stdout.Write(text)
	return err
}

func (w *printer) begin() error {
	return w.event(newObject("type", "system", "subtype", "init", "cwd", w.client.Dir, "session_id", w.session.id,
		"tools", []any{"Bash", "Edit", "Read", "Write"}, "mcp_servers", []any{}, "model", w.client.dialect.model,
		"permissionMode", "default", "slash_commands", []any{}, "apiKeySource", "none",
		"claude_code_version", w.client.dialect.version.String(), "output_style", "default", "agents", []any{},
		"skills", []any{}, "plugins", []any{}, "uuid", newUUID()))
}

func (w *printer) end(got outcome, uuid string) error {
	text := got.text
	if got.failure != nil {
		text = []byte(got.failure.printed)
	}
	if w.options.format == "text" {
		if got.failure == nil && w.client.Env.Get(EnvStream) != "" {
			return nil // written as it came
		}
		if !bytes.HasSuffix(text, []byte("\n")) {
			text = append(text, '\n')
		}
		return w.write(text)
	}
	for i := range got.retries {
		if err := w.event(w.retry(i+1, got.failure)); err != nil {
			return err
		}
	}
	if err := w.event(w.assistant(got, uuid)); err != nil {
		return err
	}
	result := w.result(got, string(text))
	if w.options.format == "json" && !w.options.verbose {
		return w.write(append(stringify(result), '\n'))
	}
	if err := w.event(result); err != nil {
		return err
	}
	if w.options.format == "json" {
		return w.write(append(stringify(w.events), '\n'))
	}
	return nil
}

func (w *printer) retry(attempt int, f *failure) *object {
	return newObject("type", "system", "subtype", "api_retry",
		"attempt", number(int64(attempt)), "max_retries", number(10),
		"retry_delay_ms", number(int64(500*attempt)), "error_status", number(int64(f.status)), "error", f.kind,
		"session_id", w.session.id, "uuid", newUUID())
}

func (w *printer) assistant(got outcome, uuid string) *object {
	o := newObject("type", "assistant", "message", w.client.assistantMessage(got), "parent_tool_use_id", nil,
		"session_id", w.session.id, "uuid", uuid)
	if f := got.failure; f != nil {
		o.set("error", f.kind)
		if f.status != 0 {
			o.set("request_id", "req_011STANDIN")
		}
		if w.client.dialect.storedFacts {
			o.set("is_api_error_message", true)
		}
	}
	return o
}

// result is the last object. The order of its members is the version's: 2.1.330 has type and result near the end.
func (w *printer) result(got outcome, text string) *object {
	f := got.failure
	var status any
	reason, terminal := "end_turn", "completed"
	if f != nil {
		reason = "stop_sequence"
		if f.status != 0 {
			status = number(int64(f.status))
		}
		if w.client.dialect.storedFacts {
			terminal = "api_error"
		}
	}
	took := number(w.client.Now().Sub(w.started).Milliseconds())
	usage := newObject("input_tokens", number(0), "output_tokens", number(0))
	if !w.client.dialect.storedFacts {
		return newObject("type", "result", "subtype", "success", "is_error", f != nil, "api_error_status", status,
			"duration_ms", took, "duration_api_ms", number(0), "num_turns", number(1), "result", text, "stop_reason", reason,
			"session_id", w.session.id, "total_cost_usd", number(0), "usage", usage, "modelUsage", newObject(),
			"permission_denials", []any{}, "terminal_reason", terminal, "fast_mode_state", "off", "uuid", newUUID())
	}
	o := newObject("duration_api_ms", number(0), "stop_reason", reason, "session_id", w.session.id,
		"total_cost_usd", number(0), "usage", usage, "modelUsage", newObject(), "permission_denials", []any{},
		"terminal_reason", terminal, "fast_mode_state", "off", "is_error", f != nil, "num_turns", number(1),
		"subtype", "success", "api_error_status", status)
	if f != nil && f.apiKind != "" {
		o.set("api_error_type", f.apiKind)
	}
	o.add("result", text, "type", "result", "duration_ms", took, "uuid", newUUID(),
		"queued_turn_count", number(0), "result_index", number(0))
	return o
}

// assistantMessage is a message of the model, or the one that the client makes of a failure.
func (c *client) assistantMessage(got outcome) *object {
	model, text, reason, id := c.dialect.model, string(got.text), "end_turn", "msg_01STANDIN"
	if got.failure != nil {
		model, text, reason, id = "<synthetic>", got.failure.printed, "stop_sequence", newUUID()
		if c.interactiveSession {
			text = got.failure.interactive
		}
	}
	return newObject("id", id, "model", model, "role", "assistant", "stop_reason", reason, "stop_sequence", nil,
		"type", "message", "usage", newObject("input_tokens", number(10), "output_tokens", number(5)),
		"content", []any{newObject("type", "text", "text", text)})
}
