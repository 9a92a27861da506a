package cmd

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/claude-auth/claude-auth/hooks"
	"github.com/claude-auth/claude-auth/internal/claude"
	"github.com/claude-auth/claude-auth/internal/paths"
	"github.com/claude-auth/claude-auth/internal/standin"
	"github.com/claude-auth/claude-auth/internal/standin/service"
	"github.com/claude-auth/claude-auth/internal/ui"
	"github.com/claude-auth/claude-auth/shell"
)

var _ = register("demo", func() command {
	return command{
		group: groupMore, rank: 10,
		usage: "show a login that fails and its repair, in a home of its own",
		description: "Claude Code, the browser and Anthropic are played by this program. " +
			"Your own login is not touched, nothing is sent, and nothing is left behind.",
		examples: "claude-auth demo   # see what claude-auth does, in a few seconds",
		run:      (*program).demo,
	}
})

// demoStep is one command of the demonstration, as a person would type it.
type demoStep struct {
	say     string               // what is printed before it
	before  func(demoHome) error // what happens unseen before it
	command string               // valid in every shell with a hook
	hooked  bool                 // with the hook loaded
	status  int                  // the exit status that it must have
	mcp     bool                 // whether the MCP sign-in must be there afterwards
}

var demoSteps = []demoStep{
	{say: "The saved login has stopped working: Anthropic rejects its tokens.",
		command: `claude -p "Are you there?"`, status: 1, mcp: true},
	{say: "So you sign in again. Another Claude Code hangs and holds the lock of the file, " +
		"so the new login cannot be saved. You are not told:",
		before: demoHome.holdWriteLock, command: `claude auth login`, mcp: true},
	{say: "Login successful, it said. But:",
		command: `claude -p "Are you there?"`, status: 1, mcp: true},
	{say: "The usual advice works once the lock is gone, but it also removes every MCP login:",
		before: demoHome.releaseWriteLock,
		command: "rm ~/" + claude.ConfigDir + "/" + claude.CredentialsFile +
			`; claude auth login; claude -p "Are you there?"`},
	{say: "Now the same rejected login, with the hook of claude-auth in this shell " +
		"(in mode auto, which signs in without asking):",
		before: demoHome.saveDeadLogin, command: `claude -p "Are you there?"`, hooked: true, mcp: true},
	{say: "The answer, at the first try. The login is new, and the MCP login is still there:",
		command: `claude-auth status`, hooked: true, mcp: true},
}

func (p *program) demo(c *cli.Context) error {
	sh, err := demoShell(p.env)
	if err != nil {
		return err
	}
	home, err := newDemoHome(p.exe, sh, p.env)
	if err != nil {
		return fmt.Errorf("cannot prepare the demo: %w", err)
	}
	closed := make(chan os.Signal, 1)
	signal.Notify(closed, syscall.SIGPIPE) // else it ends this process before the home is removed
	for _, step := range demoSteps {
		err := p.demoStep(c.Context, home, step)
		if c.Context.Err() != nil {
			return errors.Join(c.Context.Err(), home.remove())
		}
		if errors.Is(err, syscall.EPIPE) {
			err = home.remove()
			signal.Stop(closed)
			p.ui.Printf("\n") // now it may
			return err
		}
		if err != nil {
			return errors.Join(fmt.Errorf("the demo failed at %q: %w", step.command, err), home.remove())
		}
	}
	p.ui.Printf("\n")
	p.aside("", "That was all in "+home.dir+", which is removed now.")
	return home.remove()
}

// aside writes text in a faint colour, folded behind lead.
func (p *program) aside(lead, text string) {
	for line := range strings.Lines(ui.Hang(lead, text, p.ui.Width())) {
		p.ui.Line(ui.Cell{Text: strings.TrimRight(line, "\n"), Style: ui.Dim})
	}
}

// demoEnds is how long a command of the demonstration may take to end when the person ends it.
const demoEnds = 5 * time.Second

func (p *program) demoStep(ctx context.Context, home demoHome, step demoStep) error {
	if step.before != nil {
		if err := step.before(home); err != nil {
			return err
		}
	}
	p.ui.Printf("\n")
	p.aside("# ", step.say)
	script := step.command
	if step.hooked {
		load, err := home.load()
		if err != nil {
			return err
		}
		script = load + "\n" + script
		if !strings.HasPrefix(step.command, "claude-auth") {
			p.ui.Line(ui.Cell{Text: "$ " + loadLine(home.shell), Style: ui.Bold})
		}
	}
	p.ui.Line(ui.Cell{Text: "$ " + step.command, Style: ui.Bold})
	command := exec.CommandContext(ctx, home.shell.Name, append(home.shell.Bare, "-c", script)...)
	command.Env, command.Dir = home.env.Environ(), home.dir
	// Without a terminal of its own: the sign-in would put a link on it that looks real, and on the clipboard.
	command.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	command.Cancel = func() error { return syscall.Kill(-command.Process.Pid, syscall.SIGTERM) }
	command.WaitDelay = demoEnds
	out := &shortURLs{to: p.ui.Out}
	command.Stdout, command.Stderr = out, out
	err := errors.Join(command.Run(), out.flush())
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) || out.failed != nil {
		return err
	}
	if status, want := command.ProcessState.ExitCode(), home.status(step); status != want {
		return fmt.Errorf("the exit status is %d instead of %d", status, want)
	}
	return home.checkMCP(step)
}

// demoShell is the shell that the user uses, or the first installed one with a hook.
func demoShell(env paths.Env) (*shell.Shell, error) {
	for _, sh := range append([]*shell.Shell{hooks.CurrentShell(env, hooks.ParentName())}, shell.All()...) {
		if sh == nil {
			continue
		}
		if _, err := exec.LookPath(sh.Name); err == nil {
			return sh, nil
		}
	}
	return nil, fmt.Errorf("the demo needs a shell, and there is no %s on PATH", shell.List("or"))
}

// demoHome is the throwaway home of a demonstration.
type demoHome struct {
	dir     string
	service *service.Service
	env     paths.Env
	shell   *shell.Shell
}

// demoMCP is an MCP sign-in, which does not belong to the account.
const demoMCP = `"mcpOAuth":{"tracker|0a1b":{"serverName":"tracker","accessToken":"FIXTURE-mcp-demo",` +
	`"expiresAt":4102444800000}}`

func newDemoHome(exe string, sh *shell.Shell, outer paths.Env) (demoHome, error) {
	dir, err := os.MkdirTemp("", "claude-auth-demo-")
	if err != nil {
		return demoHome{}, err
	}
	h := demoHome{dir: dir, shell: sh}
	bin := filepath.Join(dir, "bin")
	h.env = paths.New([]string{
		"HOME=" + dir, "PATH=" + bin + string(filepath.ListSeparator) + outer.Get("PATH"), "TERM=" + outer.Get("TERM"),
		"LANG=" + outer.Get("LANG"), "NO_COLOR=" + outer.Get("NO_COLOR"), "BROWSER=" + filepath.Join(bin, "browser"),
		paths.EnvMode + "=" + modeAuto, service.EnvDir + "=" + filepath.Join(dir, "service"), "TMPDIR=" + dir,
		// A later client says that it has stored nothing.
		standin.EnvVersion + "=" + claude.LastSilent.String(),
	})
	if err := h.prepare(exe, bin); err != nil {
		return demoHome{}, errors.Join(err, h.remove())
	}
	return h, nil
}

// load returns what loads the hook in the demo's shell, which runs one command at a time and no startup file.
func (h demoHome) load() (string, error) {
	if h.shell.Script == "" {
		return loadLine(h.shell), nil
	}
	text, err := hooks.Render(h.shell, hooks.Options{Exe: filepath.Join(h.dir, "bin", "claude-auth")})
	if err != nil {
		return "", err
	}
	const name = "hook" // the shell starts in this home
	return fmt.Sprintf(h.shell.Script, name), os.WriteFile(filepath.Join(h.dir, name), []byte(text), 0o600)
}

// status is the exit status that a step must have.
func (h demoHome) status(step demoStep) int {
	if step.status != 0 && h.shell.Fails != 0 {
		return h.shell.Fails
	}
	return step.status
}

// prepare writes the programs of the home, its service, and a rejected login.
func (h *demoHome) prepare(exe, bin string) (err error) {
	if err := os.Mkdir(bin, 0o700); err != nil {
		return err
	}
	quoted, err := shell.ByName("bash").Quote(exe) // sh reads it as bash does
	if err != nil {
		return err
	}
	for name, plumbing := range map[string]string{"claude": "__standin", "browser": "__browser", "claude-auth": ""} {
		script := fmt.Sprintf("#!/bin/sh\nexec %s %s \"$@\"\n", quoted, plumbing)
		if err := os.WriteFile(filepath.Join(bin, name), []byte(script), 0o700); err != nil {
			return err
		}
	}
	if h.service, err = service.Open(filepath.Join(h.dir, "service"), time.Now); err != nil {
		return err
	}
	for name, value := range map[string]string{"token": "401", "answer": "Yes, I am here."} {
		if err := h.service.Set(name, value); err != nil {
			return err
		}
	}
	if err := os.Mkdir(h.file(""), 0o700); err != nil {
		return err
	}
	return h.saveDeadLogin()
}

// file returns the path of a file of the client.
func (h demoHome) file(name string) string { return filepath.Join(h.dir, claude.ConfigDir, name) }

func (h demoHome) holdWriteLock() error { return os.Mkdir(h.file(claude.StorageLock), 0o700) }

func (h demoHome) releaseWriteLock() error { return os.Remove(h.file(claude.StorageLock)) }

// saveDeadLogin saves a login that the service does not know, beside an MCP sign-in.
func (h demoHome) saveDeadLogin() error {
	expired := time.Now().Add(-time.Hour).UnixMilli()
	text := fmt.Sprintf(`{"%s":{"accessToken":"sk-ant-oat01-FIXTURE-demo-dead",`+
		`"refreshToken":"sk-ant-ort01-FIXTURE-demo-dead","expiresAt":%d,`+
		`"scopes":["%s","user:profile"],"subscriptionType":"max"},%s}`+"\n",
		claude.LoginKey, expired, claude.InferenceScope, demoMCP)
	return os.WriteFile(h.file(claude.CredentialsFile), []byte(text), 0o600)
}

// checkMCP returns an error when the MCP sign-in is there and should not be after step, or the reverse.
func (h demoHome) checkMCP(step demoStep) error {
	data, err := os.ReadFile(h.file(claude.CredentialsFile))
	if err == nil && strings.Contains(string(data), demoMCP) != step.mcp {
		err = fmt.Errorf("the MCP login is %s", pick(step.mcp, "gone", "still there"))
	}
	return err
}

func (h demoHome) remove() error { return os.RemoveAll(h.dir) }
