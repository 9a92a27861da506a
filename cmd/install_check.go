package cmd

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"github.com/claude-auth/claude-auth/hooks"
	"github.com/claude-auth/claude-auth/internal/paths"
	"github.com/claude-auth/claude-auth/internal/ui"
)

// hookCheck is what a new shell has shown about the hook.
type hookCheck struct {
	seen hooks.Seen
	err  error  // the hook does not work
	note string // it may not work
	hint string
}

// lookLimit bounds how long a shell may take to read its startup files.
const lookLimit = 20 * time.Second

// checkHook starts the shell to see whether the hook loads. Where that shell does not find claude-auth, it changes the
// hook's line so that it does.
func (p *program) checkHook(ctx context.Context, in *installation, change *hooks.Change) hookCheck {
	name, file := in.shell.Name, in.file
	dir := "" // what this shell has on PATH for itself alone must not count
	if exeDir := filepath.Dir(in.exe); paths.IsBelow(exeDir, p.paths.Home) {
		dir = exeDir
	}
	seen, err := p.look(ctx, in, dir, false)
	switch {
	case errors.Is(err, hooks.ErrNoShell), errors.Is(err, hooks.ErrNotAsked), errors.Is(err, hooks.ErrNoLook):
		return hookCheck{note: "not checked whether the hook loads: " + err.Error()}
	case errors.Is(err, context.DeadlineExceeded):
		return hookCheck{
			note: fmt.Sprintf("not checked whether the hook loads: %s took more than %d seconds to start",
				name, int(lookLimit.Seconds())),
			hint: "open a new terminal and run: claude-auth doctor",
		}
	case err != nil:
		return hookCheck{
			note: "not checked whether the hook loads: " + err.Error(),
			hint: "open a new terminal and run: claude-auth doctor",
		}
	case !seen.Loaded && change.Result == hooks.ByHand && !seen.Finds():
		return hookCheck{seen: seen, err: ui.WithHint(
			fmt.Errorf("a new %s does not load the hook: your own line in %s does not find claude-auth on PATH", name, file),
			"remove that line, and run 'claude-auth install' again: its line has the whole path")}
	case !seen.Loaded:
		return hookCheck{seen: seen, err: ui.WithHint(
			fmt.Errorf("a new %s does not load the hook: it does not read %s to its end", name, file),
			"look for 'return', 'exit' or 'exec' there, and move the line of claude-auth above it")}
	case seen.Displaced:
		return hookCheck{seen: seen, err: ui.WithHint(
			fmt.Errorf("a new %s loads the hook, but something else has its name claude there", name),
			"remove that alias or function, or let it run: claude-auth run --")}
	}
	check := hookCheck{seen: seen}
	if !seen.Finds() && change.Result != hooks.ByHand && !in.addsPath() {
		check.err = in.addPath(change)
	}
	if len(in.shell.LoginStartup) > 0 && check.err == nil {
		check.note, check.hint = p.checkLogin(ctx, in, dir)
	}
	return check
}

func (p *program) look(ctx context.Context, in *installation, dir string, login bool) (hooks.Seen, error) {
	ctx, cancel := context.WithTimeout(ctx, lookLimit)
	defer cancel()
	return hooks.Look(ctx, in.shell, p.env, dir, login)
}

// addPath changes the hook's line so that it puts the program on PATH. The result stays that of the first change.
func (in *installation) addPath(change *hooks.Change) error {
	if onPath(paths.New(nil), in.exe) {
		return nil // it cannot be on PATH
	}
	in.args = append(in.args, "--add-path")
	line, err := in.line()
	if err != nil {
		return err
	}
	again, err := hooks.PlanInstall(in.file, line)
	if err != nil {
		return err
	}
	if change.Changes() {
		again.Result = change.Result
	}
	*change = again
	return again.Apply()
}

// checkLogin starts a login shell to see whether the hook loads there too. Many terminals start one: those of macOS,
// tmux and ssh.
func (p *program) checkLogin(ctx context.Context, in *installation, dir string) (note, hint string) {
	seen, err := p.look(ctx, in, dir, true)
	if err != nil || seen.Loaded {
		return "", ""
	}
	file, startup, err := hooks.LoginFile(in.shell, p.env)
	if err != nil {
		return "", ""
	}
	note = "login shells (ssh, tmux, macOS) do not load the hook, because they do not read " + in.file
	if file == "" {
		return note, "look where your login files mention " + startup + ": they do not read it"
	}
	return note, fmt.Sprintf("run: echo '[ ! -f ~/%[1]s ] || . ~/%[1]s' >>%[2]s", startup, file)
}
