package standin

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"github.com/claude-auth/claude-auth/internal/claude"
)

// hook is a command that the user's settings or a plugin run at an event.
type hook struct {
	command string
	plugin  string // the plugin's directory; "" for the user's settings
}

// hooks returns the commands for an event; matched is what their matchers are compared with.
func (c *client) hooks(event, matched string) (found []hook) {
	add := func(o *object, plugin string) {
		for _, group := range get[[]any](get[*object](o, "hooks"), event) {
			group, _ := group.(*object)
			if matcher := get[string](group, "matcher"); matcher != "" {
				if expression, err := regexp.Compile("^(?:" + matcher + ")$"); err != nil || !expression.MatchString(matched) {
					continue
				}
			}
			for _, spec := range get[[]any](group, "hooks") {
				spec, _ := spec.(*object)
				found = append(found, hook{get[string](spec, "command"), plugin})
			}
		}
	}
	if c.loads("user") {
		add(readObject(filepath.Join(c.paths.ConfigDir, claude.Settings)), "")
	}
	for _, dir := range c.plugins() {
		add(readObject(filepath.Join(dir, claude.PluginHooks)), dir)
	}
	return found
}

// loads reports whether the command line lets the client read the settings of that source.
func (c *client) loads(source string) bool {
	return c.options.sources == nil || slices.Contains(strings.Split(*c.options.sources, ","), source)
}

// plugins returns the directories of the plugins: those that the command line names, and those of the user with other
// names.
func (c *client) plugins() (dirs []string) {
	dirs = slices.Clone(c.options.pluginDirs)
	if !c.loads("user") {
		return dirs
	}
	name := func(dir string) string {
		return get[string](readObject(filepath.Join(dir, claude.PluginManifest)), "name")
	}
	manifests, _ := filepath.Glob(filepath.Join(c.paths.ConfigDir, claude.SkillsDir, "*", claude.PluginManifest))
	for _, manifest := range manifests {
		dir := filepath.Dir(filepath.Dir(manifest))
		isNamed := func(other string) bool { return name(other) == name(dir) }
		if !slices.ContainsFunc(c.options.pluginDirs, isNamed) {
			dirs = append(dirs, dir)
		}
	}
	return dirs
}

// running is a hook that nobody waits for.
type running struct {
	pid   int
	ended chan struct{} // closed when it has ended
}

// start starts the command of a hook in a session of its own. output may be nil.
func (c *client) start(ctx context.Context, h hook, input []byte, output io.Writer) (*exec.Cmd, error) {
	in, to, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	defer in.Close()
	_, err = to.Write(input) // it fits
	if err := errors.Join(err, to.Close()); err != nil {
		return nil, err
	}
	command := exec.CommandContext(ctx, "/bin/sh", "-c", h.command)
	command.Dir, command.Stdin, command.Stdout = c.Dir, in, output
	command.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	entry := claude.EntryPrint
	if c.interactiveSession {
		entry = claude.EntryTerminal
	}
	env := c.Env.With(claude.EnvInside, "1").With(claude.EnvProjectDir, c.Dir).With(claude.EnvEntrypoint, entry)
	if c.dialect.endsHooks {
		env = env.With(claude.EnvPID, strconv.Itoa(os.Getpid()))
	}
	if h.plugin != "" {
		env = env.With(claude.EnvPluginRoot, h.plugin)
		from := claude.FromSkills
		if slices.Contains(c.options.pluginDirs, h.plugin) {
			from = claude.FromCommands
		}
		data := filepath.Join(c.paths.ConfigDir, claude.PluginData, filepath.Base(h.plugin)+from)
		_ = os.MkdirAll(data, 0o755) // the client does without it too
	}
	command.Env = env.Environ()
	return command, command.Start()
}

// sessionStart runs the commands of SessionStart, waits for them, and returns what they want the person to see.
func (c *client) sessionStart(ctx context.Context, s *session, source string) (messages []string) {
	input := stringify(newObject("session_id", s.id, "transcript_path", s.path, "cwd", c.Dir,
		"hook_event_name", claude.SessionStart, "source", source))
	for _, h := range c.hooks(claude.SessionStart, source) {
		var output bytes.Buffer
		command, err := c.start(ctx, h, input, &output)
		if err != nil || command.Wait() != nil {
			continue
		}
		said, err := parse(output.Bytes())
		if text := get[string](said, "systemMessage"); err == nil && text != "" {
			messages = append(messages, claude.SessionStart+":"+source+" says: "+text)
		}
	}
	return messages
}

// stopFailure starts the commands of StopFailure, as the client does after a failed message. Their output and status
// are ignored (2.1.165, 2.1.330).
func (c *client) stopFailure(ctx context.Context, s *session, f *failure) {
	message := f.printed
	if c.interactiveSession {
		message = f.interactive
	}
	input := stringify(newObject("session_id", s.id, "transcript_path", s.path, "cwd", c.Dir,
		"hook_event_name", claude.StopFailure, "error", f.kind, "last_assistant_message", message))
	for _, h := range c.hooks(claude.StopFailure, f.kind) {
		command, err := c.start(context.WithoutCancel(ctx), h, input, nil)
		if err != nil {
			continue
		}
		ended := make(chan struct{})
		c.running = append(c.running, running{command.Process.Pid, ended})
		go func() { // ends with the command
			_ = command.Wait() // the client ignores errors too
			close(ended)
		}()
	}
}

// hookGrace is how long a hook runs before the end of the client reaches it: the client has other things to do
// (2.1.330, 2.1.332: 0.1 to 0.3 s).
const hookGrace = 300 * time.Millisecond

// endHooks ends the hooks that are running, at the end of -p: 2.1.330 asks them to end and then kills them. Before,
// they go on.
func (c *client) endHooks() {
	if !c.dialect.endsHooks {
		return
	}
	for _, hook := range c.running {
		select {
		case <-hook.ended:
			continue
		case <-time.After(hookGrace):
		}
		endGroup(hook.pid)
	}
}

// endGroup asks the processes of a group to end, and kills those that are there a second later.
func endGroup(group int) {
	asked := time.Now()
	err := unix.Kill(-group, unix.SIGTERM)
	for err == nil && time.Since(asked) < time.Second {
		time.Sleep(10 * time.Millisecond)
		err = unix.Kill(-group, 0)
	}
	if err == nil {
		_ = unix.Kill(-group, unix.SIGKILL) // they may have ended by now
	}
}
