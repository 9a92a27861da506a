package standin

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"time"

	"github.com/claude-auth/claude-auth/internal/claude"
)

// session is a conversation and its transcript.
type session struct {
	client *client
	id     string
	path   string   // of the transcript; empty: none is kept
	leaf   string   // the uuid of the last message
	branch [][]byte // the lines of a resumed conversation
	said   []string // by the person so far
	entry  string   // the client's name for the kind of session
}

var (
	uuidForm = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$`)
	})
	notInNames = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`[^a-zA-Z0-9]`)
	})
)

func newUUID() string {
	b := make([]byte, 16)
	_, _ = rand.Read(b) // never fails (crypto/rand)
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}

// projectDir is where the transcripts of the working directory are.
func (c *client) projectDir() string {
	dir := c.Dir
	if real, err := filepath.EvalSymlinks(dir); err == nil {
		dir = real
	}
	return filepath.Join(c.paths.ConfigDir, claude.ProjectsDir, notInNames().ReplaceAllString(dir, "-"))
}

// openSession finds or begins the session that the options name.
func (c *client) openSession(o options, entry string) (*session, error) {
	s := &session{client: c, entry: entry, id: o.sessionID}
	dir := c.projectDir()
	switch {
	case o.resumeAt != "" && !o.resumes:
		return nil, fail("Error: --resume-session-at requires --resume")
	case o.resumes && !uuidForm().MatchString(o.resume):
		return nil, fail("Error: --resume requires a valid session ID or session title when used with --print. " +
			"Usage: claude -p --resume <session-id|title>. " +
			"Session IDs must be in UUID format (e.g., 550e8400-e29b-41d4-a716-446655440000).")
	case o.resumes:
		s.id = o.resume
		if _, err := os.Stat(filepath.Join(dir, s.id+claude.TranscriptExt)); err != nil {
			return nil, fail("No conversation found with session ID: %s", s.id)
		}
	case o.continues:
		id, err := newest(dir)
		if err != nil {
			return nil, err
		}
		s.id = id
	case s.id != "" && !uuidForm().MatchString(s.id):
		return nil, fail("Error: Invalid session ID. Must be a valid UUID.")
	case s.id != "":
		if _, err := os.Stat(filepath.Join(dir, s.id+claude.TranscriptExt)); err == nil {
			return nil, fail("Error: Session ID %s is already in use.", s.id)
		}
	}
	if o.resumes || o.continues {
		s.path = filepath.Join(dir, s.id+claude.TranscriptExt)
		if err := s.resume(o.resumeAt); err != nil {
			return nil, err
		}
	}
	from := s.id
	switch {
	case o.fork && o.sessionID != "":
		s.id = o.sessionID
	case s.id == "", o.fork:
		s.id = newUUID()
	}
	s.path = ""
	if !o.noPersistence {
		s.path = filepath.Join(dir, s.id+claude.TranscriptExt)
	}
	if from != "" && s.id != from {
		return s, s.fork(from)
	}
	return s, nil
}

// newest is the id of the session that was written to last.
func newest(dir string) (string, error) {
	entries, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return "", fmt.Errorf("look for sessions: %w", err)
	}
	var id string
	var last time.Time
	for _, entry := range entries {
		name, isTranscript := strings.CutSuffix(entry.Name(), claude.TranscriptExt)
		info, err := entry.Info()
		if err == nil && isTranscript && (id == "" || info.ModTime().After(last)) {
			id, last = name, info.ModTime()
		}
	}
	if id == "" {
		return "", fail("No conversation found to continue")
	}
	return id, nil
}

func (s *session) stamp() string { return s.client.Now().UTC().Format("2006-01-02T15:04:05.000Z") }

// write appends lines to the transcript.
func (s *session) write(lines ...*object) error {
	if s.path == "" {
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(s.path), 0o755); err != nil {
		return fmt.Errorf("write the transcript: %w", err)
	}
	f, err := os.OpenFile(s.path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("write the transcript: %w", err)
	}
	var text []byte
	for _, line := range lines {
		text = append(append(text, stringify(line)...), '\n')
	}
	_, err = f.Write(text)
	return errors.Join(err, f.Close())
}

// message is a message as a line of the transcript: pairs, and then what all messages have.
func (s *session) message(uuid string, pairs ...any) *object {
	var parent any
	if s.leaf != "" {
		parent = s.leaf
	}
	s.leaf = uuid
	o := newObject("parentUuid", parent, "isSidechain", false)
	for i := 0; i+1 < len(pairs); i += 2 {
		o.set(pairs[i].(string), pairs[i+1])
	}
	o.add("uuid", uuid, "timestamp", s.stamp(), "userType", "external", "entrypoint", s.entry,
		"cwd", s.client.Dir, "sessionId", s.id, "version", s.client.dialect.version.String(), "gitBranch", "HEAD")
	return o
}

// prompt records what the person said.
func (s *session) prompt(text string) error {
	queued := newObject("type", "queue-operation", "operation", "enqueue",
		"timestamp", s.stamp(), "sessionId", s.id, "content", text)
	taken := newObject("type", "queue-operation", "operation", "dequeue", "timestamp", s.stamp(), "sessionId", s.id)
	return s.write(queued, taken, s.message(newUUID(), "promptId", newUUID(), "type", "user",
		"message", newObject("role", "user", "content", text), "permissionMode", "default"))
}

// answer records the result of a message and returns the line's uuid.
func (s *session) answer(got outcome) (uuid string, err error) {
	uuid = newUUID()
	line := s.message(uuid, "type", "assistant", "message", s.client.assistantMessage(got))
	if f := got.failure; f != nil {
		if f.status != 0 {
			line.set("requestId", "req_011STANDIN")
		}
		line.set("error", f.kind)
		line.set(claude.APIErrorKey, true)
		if f.status != 0 {
			line.set("apiErrorStatus", number(int64(f.status)))
		}
	}
	return uuid, s.write(line, newObject("type", "last-prompt", "leafUuid", uuid, "sessionId", s.id))
}
