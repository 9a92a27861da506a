package cmd

import (
	"os"
	"path/filepath"

	"github.com/urfave/cli/v2"

	"github.com/claude-auth/claude-auth/internal/create"
	"github.com/claude-auth/claude-auth/internal/paths"
	"github.com/claude-auth/claude-auth/internal/tty"
	"github.com/claude-auth/claude-auth/internal/ui"
)

// maxDebugLog is the size in bytes at which the log in the state directory begins again.
const maxDebugLog = 4 << 20

func debugFlag() cli.Flag {
	return &cli.BoolFlag{Name: "debug", Usage: "log what is seen, believed and decided; see 'claude-auth help debug'"}
}

// openDebug starts the log of --debug and $CLAUDE_AUTH_DEBUG. One that cannot be opened is reported, and the command
// goes on.
func (p *program) openDebug(c *cli.Context, named command) {
	where := p.env.Get(paths.EnvDebug)
	if where == "" && !c.Bool("debug") {
		return
	}
	if toStderr := where == "" || where == "1" || where == "true"; toStderr && !p.screenIsClients(named) {
		p.debug = ui.NewDebug(p.ui.Err, p.now)
	} else {
		if toStderr {
			where = filepath.Join(p.paths.StateDir, "debug.log")
			p.ui.Notef("writing the debug log to %s", where)
		}
		file, err := openDebugFile(where, toStderr)
		if err != nil {
			p.ui.Fail(err)
			return
		}
		p.debug = ui.NewDebug(file, p.now) // closed with the process
	}
	p.debug.Sawf("claude-auth %s, command %q, credentials file %s", thisVersion(), named.name, p.paths.Credentials)
	for _, setting := range p.config.All() {
		p.debug.Sawf("setting %s: %q (%s)", setting.Key, setting.Value, setting.Place())
	}
	if inside, set := p.env.Lookup(paths.EnvInside); set {
		p.debug.Sawf("%s=%s", paths.EnvInside, inside)
	}
	if p.trouble.Cause != "" {
		p.debug.Believesf("the state directory cannot be used: %s", p.trouble.Cause)
	}
}

// screenIsClients reports whether the command gives the terminal to the client, so that standard error would write over
// its screen.
func (p *program) screenIsClients(named command) bool {
	return named.passesArgs && tty.IsTerminal(os.Stderr) && p.paths.StateDir != ""
}

// openDebugFile opens the log for appending. ours says that it is the one in the state directory, which must not grow
// without end.
func openDebugFile(path string, ours bool) (*os.File, error) {
	flags := os.O_WRONLY | os.O_APPEND
	if ours {
		if err := create.Dirs(filepath.Dir(path)); err != nil {
			return nil, err
		}
		if info, err := os.Stat(path); err == nil && info.Size() > maxDebugLog {
			flags |= os.O_TRUNC
		}
	}
	return create.Open(path, flags)
}
