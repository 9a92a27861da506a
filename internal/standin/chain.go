package standin

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"
)

// resume continues a session after the entry `at`, or after its last message when at is empty, and collects what the
// person has said up to there. A transcript is a tree. A conversation is one branch of it, and a fork begins with that
// branch (2.1.165, 2.1.330).
func (s *session) resume(at string) error {
	text, err := os.ReadFile(s.path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil // nothing was kept of it
	}
	if err != nil {
		return fmt.Errorf("read the transcript: %w", err)
	}
	type turn struct {
		parent, said string
		line         []byte
	}
	turns := map[string]turn{}
	last := ""
	for line := range bytes.Lines(text) {
		entry, err := parse(line)
		uuid := get[string](entry, "uuid")
		if err != nil || uuid == "" {
			continue // not complete, or not a message
		}
		said := ""
		if get[string](entry, "type") == "user" {
			said = get[string](get[*object](entry, "message"), "content")
		}
		turns[uuid] = turn{get[string](entry, "parentUuid"), said, line}
		last = uuid
	}
	s.leaf = last
	if at != "" {
		if _, ok := turns[at]; !ok {
			return fail("No message found with message.uuid of: %s", at)
		}
		s.leaf = at
	}
	for uuid := s.leaf; uuid != ""; uuid = turns[uuid].parent {
		s.branch = append(s.branch, turns[uuid].line)
		if said := strings.TrimSpace(turns[uuid].said); said != "" {
			s.said = append(s.said, said)
		}
	}
	slices.Reverse(s.said)
	slices.Reverse(s.branch)
	return nil
}

// fork writes the branch that a fork of the session from begins with.
func (s *session) fork(from string) error {
	if s.path == "" {
		return nil
	}
	text := bytes.ReplaceAll(bytes.Join(s.branch, nil), []byte(from), []byte(s.id))
	if err := os.WriteFile(s.path, text, 0o600); err != nil {
		return fmt.Errorf("write the transcript: %w", err)
	}
	return nil
}
