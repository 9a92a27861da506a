package service

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// Request is one line of the request log. Token is a hash of the token that came with it, or empty.
type Request struct {
	Time   time.Time `json:"time"`
	Kind   string    `json:"kind"` // refresh_token, authorization_code, messages, authorize, or a method and path
	Status int       `json:"status"`
	Token  string    `json:"token,omitempty"`
	Said   []string  `json:"said,omitempty"` // what the person said, each text cut at saidLen
	Size   int       `json:"size,omitempty"` // of the last thing the person said, in bytes
}

func fingerprint(token string) string {
	if token == "" {
		return ""
	}
	return hash(token)
}

// Log records a request that the service does not answer itself; the HTTP server has some of them.
func (s *Service) Log(r Request) error {
	return s.update(func(*state) error { return s.log(r) })
}

// log appends to the log. It is called while the directory is locked.
func (s *Service) log(r Request) error {
	r.Time = s.now().UTC()
	line, err := json.Marshal(r)
	if err != nil {
		return err
	}
	f, err := os.OpenFile(s.logPath(), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("write the stand-in service's log: %w", err)
	}
	_, err = f.Write(append(line, '\n'))
	return errors.Join(err, f.Close())
}

func (s *Service) logPath() string { return filepath.Join(s.dir, "requests.jsonl") }

// Requests reads the log, the oldest first.
func (s *Service) Requests() ([]Request, error) {
	text, err := os.ReadFile(s.logPath())
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read the stand-in service's log: %w", err)
	}
	var requests []Request
	for line := range bytes.Lines(text) {
		var r Request
		if err := json.Unmarshal(line, &r); err != nil {
			return nil, fmt.Errorf("read the stand-in service's log %s: %w", s.logPath(), err)
		}
		requests = append(requests, r)
	}
	return requests, nil
}
