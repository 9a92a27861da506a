package cmd

import (
	"bytes"
	"io"
	"regexp"
)

// shortURLs passes text on, line by line, with the address of the sign-in shortened.
type shortURLs struct {
	to     io.Writer
	line   []byte
	failed error // of a write
}

// signInURL matches the address at which a person signs in, which fills ten lines.
const signInURL = `(https://[^\s?]+\?)\S{40,}`

func (s *shortURLs) Write(p []byte) (int, error) {
	s.line = append(s.line, p...)
	end := bytes.LastIndexByte(s.line, '\n') + 1
	if end == 0 {
		return len(p), nil
	}
	_, s.failed = s.to.Write(regexp.MustCompile(signInURL).ReplaceAll(s.line[:end], []byte("${1}…")))
	s.line = append(s.line[:0], s.line[end:]...)
	return len(p), s.failed
}

// flush passes on a last line that has no line feed.
func (s *shortURLs) flush() error {
	if s.failed == nil && len(s.line) > 0 {
		_, s.failed = s.to.Write(s.line)
	}
	s.line = nil
	return s.failed
}
