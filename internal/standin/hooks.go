package standin

import (
	"bytes"
	"context"
	"os/exec"
	"path/filepath"

	"github.com/claude-auth/claude-auth/internal/claude"
)

// stopFailure runs the commands of the user's StopFailure hook, as the client does after a failed message. Their output
// and status are ignored (2.1.165, 2.1.330).
func (c *client) stopFailure(ctx context.Context, s *session, f *failure) {
	settings := readObject(filepath.Join(c.paths.ConfigDir, claude.Settings))
	message := f.printed
	if c.interactiveSession {
		message = f.interactive
	}
	input := stringify(newObject("session_id", s.id, "transcript_path", s.path, "cwd", c.Dir,
		"hook_event_name", "StopFailure", "error", f.kind, "last_assistant_message", message))
	for _, group := range get[[]any](get[*object](settings, "hooks"), "StopFailure") {
		matcher, _ := group.(*object)
		for _, hook := range get[[]any](matcher, "hooks") {
			spec, _ := hook.(*object)
			command := exec.CommandContext(ctx, "/bin/sh", "-c", get[string](spec, "command"))
			command.Dir, command.Env, command.Stdin = c.Dir, c.Env.Environ(), bytes.NewReader(input)
			_ = command.Run() // the client ignores errors too
		}
	}
}
