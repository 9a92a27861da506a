package cmd

import (
	"bytes"
	"io"
	"regexp"
)

// shortURLs passes text on, line by line, with the address of the sign-in shortened.
type shortURLs struct {
	to   io.Writer
	line []byte
}

// signInURL matches the address at which a person signs in, which fills ten lines.
const signInURL = `(https://[^\s?]+\?)\S{40,}`

func (s *shortURLs) Write(p []byte) (int, error) {
	s.line = append(s.line, p...)
	end := bytes.LastIndexByte(s.line, '\n') + 1
	if end == 0 {
		return len(p), nil
	}
	_, err := s.to.Write(regexp.MustCompile(signInURL).ReplaceAll(s.line[:end], []byte("${1}…")))
	s.line = append(s.line[:0], s.line[end:]...)
	return len(p), err
}

// flush passes on a last line that has no line feed.
func (s *shortURLs) flush() error {
	_, err := s.to.Write(s.line)
	s.line = nil
	return err
}
