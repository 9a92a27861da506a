package cmd

import (
	"path/filepath"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/claude-auth/claude-auth/internal/cache"
	"github.com/claude-auth/claude-auth/internal/credentials"
	"github.com/claude-auth/claude-auth/internal/diagnose"
	"github.com/claude-auth/claude-auth/internal/paths"
)

// evidence is what the files were like before status read them: an answer that is kept holds while they stay so.
type evidence struct {
	began    time.Time
	login    []cache.File
	settings []cache.File // where another credential may be that overrides the login
}

func (p *program) evidence() evidence {
	e := evidence{began: p.now()}
	for _, name := range []string{p.paths.Credentials, p.paths.Ledger()} {
		e.login = append(e.login, cache.File{Path: name, Stamp: cache.StampOf(name)})
	}
	for _, name := range append(p.paths.SettingsFiles(""), p.paths.GlobalConfig, managedParts()) {
		e.settings = append(e.settings, cache.File{Path: name, Stamp: cache.StampOf(name)})
	}
	return e
}

// managedParts is the directory of the administrator's further settings. Its stamp does not change with a file in it.
func managedParts() string { return strings.TrimSuffix(paths.ManagedSettings(), ".json") + ".d" }

// placeVariables are what the place of the login depends on, and colour.
var placeVariables = []string{
	"HOME", "XDG_STATE_HOME", "XDG_CONFIG_HOME", "NO_COLOR", paths.EnvFile, paths.EnvConfigDir, paths.EnvStorageDir,
}

// remember keeps what status printed for package early, unless something can change it that no stamp tells of.
func (p *program) remember(c *cli.Context, e evidence, r report, output string) {
	if p.volatile(r) || r.incomplete || c.String("file") != "" && !filepath.IsAbs(c.String("file")) {
		return
	}
	answer := cache.Answer{
		Args: p.args, Files: e.login, Made: e.began, Until: r.forPrompt().Holds(r.now), Output: output, Status: exitOf(r),
	}
	for _, name := range placeVariables {
		answer.Env = append(answer.Env, cache.Variable(p.env.Lookup, name))
	}
	for _, name := range diagnose.Variables() {
		if p.env.Get(name) != "" { // it may be a secret
			return
		}
		answer.Env = append(answer.Env, cache.Variable(p.env.Lookup, name))
	}
	// The segment of a good login is empty whether or not the settings override it. The client writes one of these files
	// often.
	good := r.state == credentials.OK || r.state == credentials.Renewable
	if !good || c.String("format") == "porcelain" {
		if parts := e.settings[len(e.settings)-1]; parts.Stamp != (cache.Stamp{}) {
			return
		}
		answer.Files = append(answer.Files, e.settings...)
	}
	_ = answer.Keep(p.paths.StateDir) // without it the next status works it out again
}
