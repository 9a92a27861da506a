package schedule

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/claude-auth/claude-auth/internal/atomicfile"
	"github.com/claude-auth/claude-auth/internal/paths"
)

// Step is one thing that turning the schedule on or off does. It has one of Write, Remove and Run.
type Step struct {
	Write string // a file that gets Text, with missing directories
	Text  string
	Mode  fs.FileMode

	Remove string // a file that need not exist

	Run     []string // a program with its arguments
	Input   string   // its standard input
	About   string   // what is new in Input; people see this instead, because Input may contain what is not ours
	MayFail bool     // it is no error when the program fails

	done     string // when this step fails: what is true even so: nothing is undone
	commands commands
}

func (s Step) do(ctx context.Context) error {
	switch {
	case s.Write != "":
		err := atomicfile.Write(s.Write, []byte(s.Text), atomicfile.Options{Mode: s.Mode, MkdirParents: true})
		if err != nil {
			return fmt.Errorf("%s cannot be written: %w", s.Write, atomicfile.WithoutPath(err))
		}
	case s.Remove != "":
		if err := os.Remove(s.Remove); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("%s cannot be removed: %w", s.Remove, atomicfile.WithoutPath(err))
		}
	default:
		if _, err := s.commands.run(ctx, s.Input, s.Run...); err != nil && !s.MayFail {
			return err
		}
	}
	return nil
}

// exists reports whether there is something at path, a dangling link too.
func exists(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}

// contains reports whether the file at path has this text and nothing else.
func contains(path, text string) bool {
	data, _, err := atomicfile.ReadRegular(path, int64(len(text))+1)
	return err == nil && string(data) == text
}

// commands runs the programs of a scheduler.
type commands struct {
	env paths.Env
	uid int
}

func newCommands(env paths.Env) commands {
	c := commands{uid: os.Getuid()}
	// Their messages and times are read, so they must not depend on the user's language and time zone.
	c.env = env.With("LC_ALL", "C").With("TZ", "UTC")
	// `su` and a bare ssh leave out the variable by which systemd's user manager is found, though it may be there.
	dir := filepath.Join("/run/user", strconv.Itoa(c.uid))
	if env.Get("XDG_RUNTIME_DIR") == "" && exists(dir) {
		c.env = c.env.With("XDG_RUNTIME_DIR", dir)
	}
	return c
}

// commandPatience is how long a program may take. `systemctl` waits for what it starts.
const commandPatience = 30 * time.Second

// commandError is a program that ended with a status other than 0.
type commandError struct {
	argv   []string
	out    string // its standard output
	said   string // its standard error
	status int    // -1 when a signal ended it
}

func (e *commandError) Error() string {
	text := strings.TrimSpace(e.said)
	if text == "" {
		text = fmt.Sprintf("status %d", e.status)
	}
	return fmt.Sprintf("run %s: %s", strings.Join(e.argv, " "), text)
}

// reason returns err without the command that failed, where the command is of no interest.
func reason(err error) error {
	var failed *commandError
	if errors.As(err, &failed) && strings.TrimSpace(failed.said) != "" {
		return errors.New(strings.TrimSpace(failed.said))
	}
	return err
}

// run returns what the program prints. The error is a *commandError when it ran and failed.
func (c commands) run(ctx context.Context, input string, argv ...string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, commandPatience)
	defer cancel()
	command := exec.CommandContext(ctx, argv[0], argv[1:]...)
	command.Env, command.Stdin = c.env.Environ(), strings.NewReader(input)
	command.WaitDelay = time.Second
	var out, said bytes.Buffer
	command.Stdout, command.Stderr = &out, &said
	err := command.Run()
	var exit *exec.ExitError
	switch {
	case err == nil:
		return out.String(), nil
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		return "", fmt.Errorf("run %s: no answer within %s", strings.Join(argv, " "), commandPatience)
	case ctx.Err() != nil:
		return "", ctx.Err()
	case errors.As(err, &exit):
		return "", &commandError{argv, out.String(), said.String(), exit.ExitCode()}
	case errors.Is(err, exec.ErrNotFound):
		return "", fmt.Errorf("%s is not installed", argv[0])
	}
	return "", fmt.Errorf("run %s: %w", argv[0], err)
}

// properties returns the lines NAME=value that a program prints.
func (c commands) properties(ctx context.Context, argv ...string) (map[string]string, error) {
	out, err := c.run(ctx, "", argv...)
	if err != nil {
		return nil, err
	}
	values := map[string]string{}
	for line := range strings.Lines(out) {
		if name, value, ok := strings.Cut(strings.TrimSpace(line), "="); ok {
			values[name] = value
		}
	}
	return values, nil
}

// step is a Step that runs a program.
func (c commands) step(argv ...string) Step { return Step{Run: argv, commands: c} }

// may is a Step that runs a program which may fail.
func (c commands) may(argv ...string) Step { return Step{Run: argv, MayFail: true, commands: c} }
