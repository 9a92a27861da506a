package standin

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"github.com/claude-auth/claude-auth/internal/claude"
	"github.com/claude-auth/claude-auth/internal/lock"
)

// envJob names the background session in its client, and hostFlag the process that has its terminal. The client has a
// daemon for all of them and passes sockets around; the stand-in has such a process for each, and the first is the
// daemon.
const (
	envJob   = "STANDIN_JOB"
	hostFlag = "--bg-pty-host" // 2.1.165, 2.1.332
)

// job is a background session.
type job struct{ name, dir string }

func (c *client) job(name string) job {
	return job{name, filepath.Join(c.paths.ConfigDir, claude.JobsDir, name)}
}

// The stand-in's own files of a job.
func (j job) keys() string   { return filepath.Join(j.dir, "tmp", "keys") }   // what is typed, a FIFO
func (j job) screen() string { return filepath.Join(j.dir, "tmp", "screen") } // what was painted
func (j job) tty() string    { return filepath.Join(j.dir, "tmp", "tty") }    // a link to the session's terminal
func (j job) pid() string    { return filepath.Join(j.dir, "tmp", "pid") }    // of the host
func (j job) state() string  { return filepath.Join(j.dir, claude.JobState) }

// runs returns the host of a job that runs.
func (j job) runs() (pid int, ok bool) {
	text, err := os.ReadFile(j.pid())
	if err != nil {
		return 0, false
	}
	pid, err = strconv.Atoi(string(text))
	return pid, err == nil && lock.Runs(pid, "")
}

// background is `claude --bg`.
func (c *client) background(ctx context.Context, o options) error {
	if err := c.renewExpired(ctx); err != nil {
		return err
	}
	id := newUUID()
	j := c.job(id[:claude.JobLength])
	if err := os.MkdirAll(filepath.Dir(j.pid()), 0o700); err != nil {
		return fmt.Errorf("make the job: %w", err)
	}
	if err := c.writeState(j, map[string]string{
		"state": "working", "sessionId": id, "resumeSessionId": id, "daemonShort": j.name, "intent": o.prompt,
		"cwd": c.Dir, "cliVersion": c.dialect.version.String(), "template": "bg", "backend": "daemon",
	}); err != nil {
		return err
	}
	if err := c.startHost(j, "--session-id", id, o.prompt); err != nil {
		return err
	}
	_, err := fmt.Fprintf(c.Stdout, "backgrounded · %s\n  claude agents             list sessions\n"+
		"  claude attach %[1]s    open in this terminal\n  claude logs %[1]s      show recent output\n"+
		"  claude stop %[1]s      stop this session\n", j.name)
	return err
}

// daemon returns the pid of the daemon, if there is one.
func (c *client) daemon() (pid int, running bool) {
	text, err := os.ReadFile(filepath.Join(c.paths.ConfigDir, claude.DaemonNote))
	var note struct {
		PID       int    `json:"pid"`
		ProcStart string `json:"procStart"`
	}
	return note.PID, err == nil && json.Unmarshal(text, &note) == nil && lock.Runs(note.PID, note.ProcStart)
}

// writeState writes what is known of a job.
func (c *client) writeState(j job, state map[string]string) error {
	text, err := json.MarshalIndent(state, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(j.state(), text, 0o600)
}

// blockJob notes that a background session cannot go on without a login.
func (c *client) blockJob(f *failure) error {
	name := c.Env.Get(envJob)
	if name == "" {
		return nil
	}
	j, state := c.job(name), map[string]string{}
	text, err := os.ReadFile(j.state())
	if err != nil {
		return fmt.Errorf("read the job: %w", err)
	}
	if err := json.Unmarshal(text, &state); err != nil {
		return fmt.Errorf("read the job: %w", err)
	}
	state["state"], state["tempo"], state["needs"] = "blocked", "blocked", "login required — run /login"
	state["detail"] = f.interactive
	return c.writeState(j, state)
}

// startHost starts the process that has a job's terminal, in a session of its own, and waits until it is ready.
func (c *client) startHost(j job, args ...string) error {
	exe, err := os.Executable()
	if err != nil {
		return err
	}
	host := exec.Cmd{
		Path: exe, Args: append([]string{os.Args[0], hostFlag, j.name}, args...), Dir: c.Dir,
		Env: c.Env.With(envJob, j.name).Environ(), SysProcAttr: &syscall.SysProcAttr{Setsid: true},
	}
	if err := host.Start(); err != nil {
		return fmt.Errorf("start the background session: %w", err)
	}
	if err := host.Process.Release(); err != nil {
		return err
	}
	return awaitJob(func() bool { _, ok := j.runs(); return ok })
}

// awaitJob waits, for some seconds at most.
func awaitJob(done func() bool) error {
	for range 1000 {
		if done() {
			return nil
		}
		time.Sleep(10 * time.Millisecond)
	}
	return errors.New("the background session does not answer")
}

// stopJob ends a job and waits for that.
func (c *client) stopJob(j job) error {
	pid, ok := j.runs()
	if !ok {
		return nil
	}
	if err := unix.Kill(pid, unix.SIGTERM); err != nil {
		return fmt.Errorf("stop the background session: %w", err)
	}
	return awaitJob(func() bool { _, ok := j.runs(); return !ok })
}

// jobCommand is a subcommand about background sessions.
func (c *client) jobCommand(ctx context.Context, command, name string) error {
	if command == "daemon" {
		return c.stopAll(name)
	}
	j := c.job(name)
	text, err := os.ReadFile(j.state())
	if name == "" || errors.Is(err, fs.ErrNotExist) {
		says := c.dialect.otherJob + "'" + name + "'"
		if command != claude.Respawn {
			says += ". Run 'claude agents' to list running sessions."
		}
		return fail("%s", says)
	}
	if err != nil {
		return err
	}
	var state struct {
		SessionID string `json:"sessionId"`
	}
	if err := json.Unmarshal(text, &state); err != nil {
		return fmt.Errorf("read the job: %w", err)
	}
	switch command {
	case "stop":
		if err := c.stopJob(j); err != nil {
			return err
		}
		_, err = fmt.Fprintln(c.Stdout, "stopped "+name)
	case claude.Respawn:
		if err := c.renewExpired(ctx); err != nil {
			return err
		}
		if err := c.stopJob(j); err != nil {
			return err
		}
		if err := c.startHost(j, "--resume", state.SessionID); err != nil {
			return err
		}
		_, err = fmt.Fprintln(c.Stdout, "respawned "+name)
	default:
		err = c.attach(ctx, j)
	}
	return err
}

// stopAll is `claude daemon stop --any`.
func (c *client) stopAll(first string) error {
	if first != "stop" {
		return fail("the stand-in client has no command daemon %s", first)
	}
	entries, err := os.ReadDir(filepath.Join(c.paths.ConfigDir, claude.JobsDir))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	for _, entry := range entries {
		if err := c.stopJob(c.job(entry.Name())); err != nil {
			return err
		}
	}
	_, err = fmt.Fprintln(c.Stdout, "stopped")
	return err
}

// noteRunning notes in the client's directory that this client runs; see claude.RunningDir. remove takes that back.
func (c *client) noteRunning(s *session) (remove func(), err error) {
	dir := filepath.Join(c.paths.ConfigDir, claude.RunningDir)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("note that the client runs: %w", err)
	}
	pid := os.Getpid()
	note := map[string]any{
		"pid": pid, "sessionId": s.id, "cwd": c.Dir, "startedAt": c.Now().UnixMilli(),
		"procStart": lock.ProcessOf(pid).Start(), "version": c.dialect.version.String(), "peerProtocol": 1,
		"kind": claude.KindSession, "entrypoint": s.entry,
	}
	if name := c.Env.Get(envJob); name != "" {
		note["kind"], note["jobId"] = claude.KindBackground, name
	}
	text, err := json.Marshal(note)
	if err != nil {
		return nil, err
	}
	path := filepath.Join(dir, strconv.Itoa(pid)+".json")
	if err := os.WriteFile(path, text, 0o644); err != nil {
		return nil, fmt.Errorf("note that the client runs: %w", err)
	}
	return func() { _ = os.Remove(path) }, nil // one that stays is not believed
}

// hosted returns the arguments of the process that has a job's terminal.
func hosted(args []string) ([]string, bool) {
	if len(args) < 2 || args[0] != hostFlag {
		return nil, false
	}
	return slices.Clone(args[1:]), true
}
