package service

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"
)

// MessagesRequest is what the service reads of POST /v1/messages.
type MessagesRequest struct {
	Bearer string   // the token of the Authorization header
	APIKey string   // the x-api-key header
	Prompt string   // the last thing the person said
	Said   []string // all that the person has said, the last included
}

// Answer is what POST /v1/messages answers: an error in one piece, or (Status 200) the model's text.
type Answer struct {
	Response
	text        string
	file        string
	chunk       int
	wait, delay time.Duration
}

// Echo is what the model says when it is not told what to say.
func Echo(prompt string) string { return "You said: " + prompt }

// Messages is POST /v1/messages.
func (s *Service) Messages(r MessagesRequest) (Answer, error) {
	var answer Answer
	err := s.update(func(st *state) error {
		set := st.Settings
		answer = Answer{
			Response: Response{Status: 200, Type: "text/event-stream"},
			text:     set.Answer, file: set.AnswerFile, chunk: set.Chunk, wait: set.Wait, delay: set.Delay,
		}
		if answer.text == "" {
			answer.text = Echo(r.Prompt)
		}
		switch {
		case r.Bearer == "" && r.APIKey != "" && !st.find(r.APIKey).good("key", s.now()):
			answer = Answer{Response: failureNamed("401-key").response()}
		case r.Bearer != "" && !st.find(r.Bearer).good("access", s.now()) && !st.find(r.Bearer).good("key", s.now()):
			answer = Answer{Response: failureNamed(set.Unauthorized).response()}
		case r.Bearer == "" && r.APIKey == "":
			answer = Answer{Response: failureNamed("401").response()}
		case set.Messages != "ok":
			answer = Answer{Response: failureNamed(set.Messages).response()}
		}
		return s.log(Request{
			Kind: "messages", Status: answer.Status, Token: fingerprint(r.Bearer + r.APIKey),
			Said: shortened(r.Said), Size: len(r.Prompt),
		})
	})
	return answer, err
}

// saidLen bounds how much of one text goes into the log, in bytes.
const saidLen = 200

func shortened(texts []string) []string {
	short := make([]string, len(texts))
	for i, text := range texts {
		short[i] = strings.ToValidUTF8(text[:min(len(text), saidLen)], "")
	}
	return short
}

// Account is any other endpoint that needs a token: Status is OK for a good one, else the response is the rejection.
func (s *Service) Account(endpoint, bearer string) (Response, error) {
	response := Response{Status: OK}
	err := s.update(func(st *state) error {
		if t := st.find(bearer); t.good("access", s.now()) || t.good("key", s.now()) {
			return nil
		}
		response = failureNamed(st.Settings.Unauthorized).response()
		return s.log(Request{Kind: endpoint, Status: response.Status, Token: fingerprint(bearer)})
	})
	return response, err
}

// Each calls fn with the model's text, a chunk at a time and at the configured pace. stop ends it early.
func (a Answer) Each(stop <-chan struct{}, fn func(chunk []byte) error) error {
	reader, err := a.open()
	if err != nil {
		return err
	}
	defer reader.Close()
	size := a.chunk
	if size <= 0 {
		size = 64 << 10
	}
	buffer := make([]byte, size)
	in := bufio.NewReaderSize(reader, size)
	for wait := a.wait; ; wait = a.delay {
		n, err := io.ReadFull(in, buffer)
		if n > 0 {
			if !sleep(wait, stop) {
				return nil
			}
			if err := fn(buffer[:n]); err != nil {
				return err
			}
		}
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("read the stand-in service's answer: %w", err)
		}
	}
}

func (a Answer) open() (io.ReadCloser, error) {
	if a.file == "" {
		return io.NopCloser(strings.NewReader(a.text)), nil
	}
	f, err := os.Open(a.file)
	if err != nil {
		return nil, fmt.Errorf("open the stand-in service's answer: %w", err)
	}
	return f, nil
}

func sleep(d time.Duration, stop <-chan struct{}) bool {
	if d <= 0 {
		return true
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-stop:
		return false
	}
}
