package cmd

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/claude-auth/claude-auth/internal/claude"
	"github.com/claude-auth/claude-auth/internal/credentials"
	"github.com/claude-auth/claude-auth/internal/diagnose"
	"github.com/claude-auth/claude-auth/internal/fdio"
	"github.com/claude-auth/claude-auth/internal/guard"
	"github.com/claude-auth/claude-auth/internal/lock"
	"github.com/claude-auth/claude-auth/internal/notify"
	"github.com/claude-auth/claude-auth/internal/paths"
	"github.com/claude-auth/claude-auth/internal/recovery"
	"github.com/claude-auth/claude-auth/internal/runner"
	"github.com/claude-auth/claude-auth/internal/transcript"
	"github.com/claude-auth/claude-auth/internal/tty"
	"github.com/claude-auth/claude-auth/internal/ui"
	"github.com/claude-auth/claude-auth/internal/watch"
)

// The hooks of the plugin, as its hooks.json calls them.
const (
	hookStart   = "session-start"
	hookFailure = "stop-failure"
	noteFailure = "note-failure" // what is left of hookFailure when the client has gone on
)

var _ = register("plugin-hook", func() command {
	return command{plumbing: true, needsNoHome: true, maxArgs: anyNumber, run: (*program).pluginHook}
})

// pluginHook is what the client runs in a session with the plugin. It never fails and never writes to standard error: a
// session must not suffer from it. In a session that a run watches it does nothing: the run does it all.
func (p *program) pluginHook(c *cli.Context) error {
	p.ui.Err = io.Discard
	var err error
	switch hook := c.Args().First(); {
	case p.paths.Credentials == "":
		err = errors.New("there is no home directory")
	case hook == noteFailure:
		err = p.noteFailure(c)
	case p.isWatched():
		p.debug.Decidedf("%s does nothing: a run watches this session", hook)
	case hook == hookStart:
		err = p.sessionStarts(c)
	case hook == hookFailure:
		err = p.messageFailed()
	}
	if err != nil {
		p.debug.Sawf("the hook failed: %v", err)
	}
	return nil
}

// isWatched reports whether the client that runs this hook was started by a run that watches it. A background agent
// inherits the mark, and is watched by nobody: the run has not started it. Once the client of a -p command has ended,
// nothing shows who has started it, and the mark counts.
func (p *program) isWatched() bool {
	run := p.env.Get(paths.EnvWatched)
	return run != "" && (lock.IsAncestor(run) || p.isOrphan())
}

// isOrphan reports whether the client that has started this hook, through a shell, has ended.
func (p *program) isOrphan() bool {
	above := lock.ProcessOf(os.Getppid()).Parent
	if client, err := strconv.Atoi(p.env.Get(claude.EnvPID)); err == nil { // since 2.1.330
		return above != client && os.Getppid() != client
	}
	// The system, or the person's part of it, takes over what has lost its parent.
	return above <= 1 || slices.Contains([]string{"systemd", "init", "launchd"}, lock.ProcessOf(above).Name)
}

// sessionStarts renews a login that is due, in another process, and tells of a login that does not work, or ends soon.
func (p *program) sessionStarts(c *cli.Context) error {
	r, err := p.report(c, false)
	if err != nil {
		return err
	}
	launch := p.hookingLaunch()
	if r.shadow = launch.Shadow(p.env, p.paths); r.shadow != nil {
		p.debug.Decidedf("doing nothing: the saved login is overridden by %s", r.shadow)
		return nil
	}
	text, dead := r.warning()
	if dead && !launch.Interactive {
		if err := p.startNote(hookInput{}, launch); err != nil { // nobody may see the line
			return err
		}
	}
	if text != "" {
		line, err := json.Marshal(map[string]string{"systemMessage": text})
		if err != nil {
			return err
		}
		if err := p.write(string(line) + "\n"); err != nil {
			return err
		}
	}
	due := guard.Due(r.login, r.now, guard.DueWithin) && r.state != credentials.Rejected
	if !due || !p.config.Guarded() || p.trouble.Cause != "" {
		return nil
	}
	client, err := p.hookingClient()
	if err != nil {
		return err
	}
	p.debug.Decidedf("renewing the login in the background")
	request := guard.Request{By: guard.ByPlugin, Within: guard.DueWithin}
	return p.repairer(c).Guard(client).Begin(c.Context, request)
}

// warning is what a session that starts shows about the login; "" while it works. dead says that only a sign-in helps.
func (r report) warning() (text string, dead bool) {
	login := r.snapshot.Login()
	emptied := r.state == credentials.Expired && login != nil && login.RefreshEmptied
	soon := r.state == credentials.Expiring && login != nil && !login.EndsAt().IsZero() &&
		login.EndsAt().Sub(r.now) < credentials.ExpiringSoon
	dead = emptied || r.state == credentials.Rejected || r.state == credentials.Blank
	if !dead && !soon {
		return "", false
	}
	text = "claude-auth: " + r.sentence() + "."
	if next := nextCommand(r); next != "" {
		text += " " + ui.Sentence(next)
	}
	return text, dead
}

// hookingClient returns the client to renew with: the one on PATH or, where there is none, the one that runs this hook.
// An editor has a client of its own.
func (p *program) hookingClient() (string, error) {
	client, err := paths.FindClient(p.env)
	if err == nil {
		return client, nil
	}
	pid := p.env.Get(claude.EnvPID)
	if path, linkErr := os.Readlink(filepath.Join("/proc", pid, "exe")); pid != "" && linkErr == nil {
		return path, nil
	}
	return "", err
}

// maxHookInput bounds what is read of a hook's input, in bytes.
const maxHookInput = 1 << 20

// hookInput is the input of StopFailure: the members that are needed (2.1.163, 2.1.165, 2.1.332).
type hookInput struct {
	Error string `json:"error"`
	Text  string `json:"last_assistant_message"`
	Path  string `json:"transcript_path"`
	// What follows is not from the client: it is for noteFailure.
	Time     time.Time `json:"time,omitzero"`     // when the hook ran
	Session  bool      `json:"session,omitempty"` // this and the next two: the client's command line
	Settings string    `json:"settings,omitempty"`
	Sources  []string  `json:"sources"`
}

// longestText bounds the client's words, in bytes.
const longestText = 4 << 10

// messageFailed reads what the client says of a message that has failed, and starts the process that takes it in. It
// does not do so itself: the client of a -p command ends its hooks when it ends (2.1.332).
func (p *program) messageFailed() error {
	if tty.IsTerminal(os.Stdin) {
		return errors.New("the client writes to standard input, and this is a terminal")
	}
	text, err := io.ReadAll(io.LimitReader(os.Stdin, maxHookInput))
	if err != nil {
		return err
	}
	var in hookInput
	if err := json.Unmarshal(text, &in); err != nil {
		return fmt.Errorf("read the hook's input: %w", err)
	}
	if class, rule := p.knownRules().Classify(in.Text, in.Error, 0); !class.SignInHelps() {
		p.debug.Decidedf("doing nothing: no sign-in helps against %q (class %q, rule %q)", in.Error, class, rule)
		return nil
	}
	in.Text = strings.ToValidUTF8(in.Text[:min(len(in.Text), longestText)], "")
	in.Time = p.now()
	return p.startNote(in, p.hookingLaunch())
}

// hookingLaunch returns what decides which credential the client that runs this hook uses.
func (p *program) hookingLaunch() diagnose.Launch {
	isSession := p.env.Get(claude.EnvEntrypoint) == claude.EntryTerminal
	var arguments []string
	if command := lock.CommandLine(p.hooking()); len(command) > 0 {
		arguments = command[1:]
	}
	client := watch.Parse(arguments, isSession)
	return diagnose.Launch{
		Dir: p.workingDir(), Interactive: isSession, Settings: client.Settings, Sources: client.Sources,
	}
}

// hooking returns the process id of the client that runs this hook, through a shell.
func (p *program) hooking() int {
	if pid, err := strconv.Atoi(p.env.Get(claude.EnvPID)); err == nil { // since 2.1.330
		return pid
	}
	return lock.ProcessOf(os.Getppid()).Parent
}

// startNote starts the process that takes in a failure, in a session of its own.
func (p *program) startNote(in hookInput, launch diagnose.Launch) error {
	in.Session, in.Settings, in.Sources = launch.Interactive, launch.Settings, launch.Sources
	text, err := json.Marshal(in)
	if err != nil {
		return err
	}
	out, to, err := fdio.Pipe()
	if err != nil {
		return err
	}
	defer fdio.Close(out)
	command := runner.Command{Path: p.exe, Args: []string{"plugin-hook", noteFailure}, Env: p.env.Environ()}
	_, err = runner.StartDetached(command, out, runner.Null)
	if err != nil {
		fdio.Close(to)
		return err
	}
	file := os.NewFile(uintptr(to), "the process that notes the failure")
	return errors.Join(fdio.WriteAll(file, text), file.Close())
}

// noteFailure takes in what messageFailed has read. sessionStarts has read nothing, and knows of a dead login.
func (p *program) noteFailure(c *cli.Context) error {
	var in hookInput
	if err := json.NewDecoder(io.LimitReader(os.Stdin, maxHookInput)).Decode(&in); err != nil {
		return err
	}
	repairer := p.repairer(c)
	repairer.Quiet, repairer.Desktop = true, p.desktop()
	launch := diagnose.Launch{Interactive: in.Session, Settings: in.Settings, Sources: in.Sources}
	if in.Error == "" && in.Text == "" {
		repairer.TellKnown(c.Context, launch)
		return nil
	}
	class, rule := p.knownRules().Classify(in.Text, in.Error, 0)
	verdict := repairer.NoteFailure(context.WithoutCancel(c.Context), recovery.Incident{
		Seen: class, Rule: rule, Phrase: strings.Join(strings.Fields(in.Text), " "), Where: "plugin", Launch: launch,
		Since: p.requested(in),
	})
	p.debug.Decidedf("took in a failure of the class %q: %s", class, verdict.Message)
	return nil
}

// requested returns when the request that has failed was made, zero when that is not known.
func (p *program) requested(in hookInput) time.Time {
	if !filepath.IsAbs(in.Path) {
		return time.Time{}
	}
	began, err := transcript.LastRequest(in.Path, in.Time)
	if err != nil {
		p.debug.Sawf("when the request was made is not known: %v", err)
	}
	return began
}

// desktop is where the person is told of a dead login when nobody can be asked; nil where that is switched off.
func (p *program) desktop() recovery.Desktop {
	if !p.config.Notifies() {
		return nil
	}
	return notify.Desktop{System: p.system, Env: p.env}
}
