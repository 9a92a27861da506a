package diagnose

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/claude-auth/claude-auth/hooks"
	"github.com/claude-auth/claude-auth/internal/atomicfile"
	"github.com/claude-auth/claude-auth/internal/claude"
	"github.com/claude-auth/claude-auth/internal/paths"
	"github.com/claude-auth/claude-auth/shell"
)

func (d *Doctor) overrides(context.Context) Finding {
	for _, path := range d.Paths.SettingsFiles(d.Dir) {
		data, _, err := atomicfile.ReadRegular(path, largestSettings)
		switch {
		case errors.Is(err, fs.ErrNotExist):
		case err != nil:
			return wrong(fmt.Sprintf("%s cannot be read: %v", path, atomicfile.WithoutPath(err)), "settings that can be read",
				run("ls -l", path))
		case !json.Valid(data):
			return wrong(path+" is not valid JSON, so Claude Code ignores it", "valid JSON", "fix the JSON in "+inShell(path))
		}
	}
	shadow := d.launch().Shadow(d.Env, d.Paths)
	if shadow != nil && d.Shadow != nil {
		shadow = d.Shadow(d.launch())
	}
	if shadow == nil {
		return fine("nothing overrides the saved login")
	}
	if shadow.Meant && d.Failed == "" {
		return note(shadow.NewToken(), "%s", shadow.Uses())
	}
	found := shadow.String() + " overrides the saved login"
	session := d.launch()
	session.Interactive = true
	if session.Shadow(d.Env, d.Paths) == nil {
		found += " with -p (you have not approved it for sessions)"
	}
	return wrong(found, "nothing that overrides the saved login", shadow.Remedy())
}

func (d *Doctor) clock(context.Context) Finding {
	newest := d.Snapshot.ModTime
	if info, err := os.Stat(d.Paths.Ledger()); err == nil && info.ModTime().After(newest) {
		newest = info.ModTime()
	}
	if trouble := Clock(newest, d.Now); trouble != "" {
		return wrong(trouble, "the right time", "set the clock: tokens and certificates depend on it")
	}
	return fine("right, as far as the times of the files show")
}

// answer is what the client said when it was asked for its version.
type answer struct {
	path    string
	missing error // why there is no path
	said    string
	err     error
	version claude.Version // 0 when it said none
}

// askVersion asks the client for its version, which decides how it reads some variables.
func (d *Doctor) askVersion(ctx context.Context) {
	a := &d.answer
	if a.path, a.missing = paths.FindClient(d.Env); a.missing != nil {
		return
	}
	if a.said, a.err = d.Version(ctx, a.path); a.err == nil {
		a.said = strings.TrimSpace(a.said)
		a.version, _ = claude.ParseVersion(a.said)
	}
}

// launch is a client that is started here with -p.
func (d *Doctor) launch() Launch { return Launch{Dir: d.Dir, Version: d.answer.version} }

func (d *Doctor) client(context.Context) Finding {
	a := d.answer
	if a.missing != nil {
		return wrong("Claude Code was not found on your PATH", "the command claude",
			"install Claude Code, or set "+paths.EnvClient+" to its path")
	}
	ask := "run '" + inShell(a.path) + " --version'"
	switch {
	case a.err != nil:
		return wrong(fmt.Sprintf("%s does not run: %v", a.path, a.err), "a client that runs", ask)
	case a.version == 0:
		return wrong(a.path+" does not print its version", "a client that prints its version", ask)
	}
	return fine("%s at %s", strings.Fields(a.said)[0], a.path)
}

// envHook is the variable that the hook exports: its shell, the pid of that, and what keeps the hook from working.
const envHook = "CLAUDE_AUTH_HOOK"

func (d *Doctor) hook(ctx context.Context) Finding {
	name, rest, _ := strings.Cut(d.Env.Get(envHook), ":")
	_, trouble, _ := strings.Cut(rest, ":")
	switch {
	case name != "" && trouble == "displaced":
		return wrong("loaded in "+name+", but something has replaced its function claude since",
			"the hook's function claude", "load the hook last in the startup file of "+name)
	case name != "" && trouble == "no-cmd":
		return note("", "loaded in %s, without the function claude (--no-cmd)", name)
	case name != "":
		return fine("loaded in %s", name)
	}
	const expected = "loaded in this shell"
	sh := hooks.CurrentShell(d.Env, d.Parent)
	if sh == nil {
		return wrong("not loaded, and there is no hook for this shell", shell.List("or"),
			"run Claude Code as 'claude-auth run -- …'")
	}
	file, err := hooks.FindStartupFile(ctx, sh, d.Env)
	if err != nil {
		return wrong("not loaded", expected, "run 'claude-auth init "+sh.Name+"'")
	}
	if there, err := hooks.Installed(file); err == nil && there {
		const next = "open a new terminal; if that does not help: claude-auth install "
		return note(next+sh.Name, "%s loads it, but this shell has not", file)
	}
	found := wrong("not loaded, and "+file+" does not load it", expected, "run 'claude-auth install "+sh.Name+"'")
	if unix.Access(existing(filepath.Dir(file)), unix.W_OK|unix.X_OK) != nil {
		return found
	}
	return found.fixedBy(func() error {
		line, err := hooks.Line(sh, d.Exe)
		if err != nil {
			return err
		}
		_, err = hooks.Install(file, line)
		return err
	})
}
