package cmd

import (
	"path/filepath"
	"slices"

	"github.com/urfave/cli/v2"
	"golang.org/x/sys/unix"

	"github.com/claude-auth/claude-auth/internal/cache"
	"github.com/claude-auth/claude-auth/internal/claude"
	"github.com/claude-auth/claude-auth/internal/credentials"
	"github.com/claude-auth/claude-auth/internal/paths"
	"github.com/claude-auth/claude-auth/internal/ui"
)

// remembering returns the function that keeps the text of a report, for the next status to print. It looks at the files
// now, before status reads them, so that a change in between makes the kept text invalid. A format without text is not
// kept.
func (p *program) remembering(c *cli.Context, text func(report) string) func(report) {
	if text == nil {
		return func(report) {}
	}
	stamps := func(names ...string) (files []cache.File) {
		for _, name := range names {
			files = append(files, cache.File{Path: name, Stamp: cache.StampOf(name)})
		}
		return files
	}
	a := cache.Answer{Args: p.args, Made: p.now(), Files: stamps(p.paths.Credentials, p.paths.Ledger(), p.paths.Config())}
	managedParts := filepath.Join(filepath.Dir(claude.ManagedSettings()), claude.ManagedParts)
	settings := stamps(append(p.paths.SettingsFiles(""), p.paths.GlobalConfig, managedParts)...)
	return func(r report) {
		a.Output = text(r)
		p.remember(c, a, settings, r)
	}
}

// remember keeps what status printed for package early, unless it can change in a way that the stamps of files do not
// show. The settings may have another credential that overrides the login; the last of them is a directory.
func (p *program) remember(c *cli.Context, a cache.Answer, settings []cache.File, r report) {
	isSet := func(name string) bool { return p.env.Get(name) != "" }
	file := c.String("file")
	relative := file != "" && !filepath.IsAbs(file)
	changing := p.volatile() || p.usesKeychain() || r.incomplete
	if relative || changing || slices.ContainsFunc(claude.OverrideVariables(), isSet) {
		return
	}
	// Whether a file can be read depends on the process too. A setting that overrides the login is named with its
	// directory, and the stamps of a project's settings do not tell which project it is.
	if r.state == credentials.Unreadable || r.shadow != nil {
		return
	}
	ours := []string{"XDG_STATE_HOME", "XDG_CONFIG_HOME", paths.EnvColor, ui.EnvNoColor}
	for _, name := range slices.Concat(placeVariables, ours, claude.OverrideVariables()) {
		a.Env = append(a.Env, cache.Variable(p.env.Lookup, name))
	}
	// The segment of a good login is empty with every setting, and the client often writes one of these files.
	good := r.state == credentials.OK || r.state == credentials.Renewable
	if !good || c.String("format") == "porcelain" {
		if settings[len(settings)-1].Stamp != (cache.Stamp{}) { // a change of a file in it does not change the directory
			return
		}
		if slices.ContainsFunc(settings, unreadable) {
			return
		}
		a.Files = append(a.Files, settings...)
	}
	a.Files = append(a.Files, r.heard.Places...)
	a.Until, a.Status = r.forPrompt().Holds(r.now), exitOf(r)
	_ = a.Keep(p.paths.StateDir) // without it the next status works it out again
}

// unreadable reports whether the file is there and this process may not read it.
func unreadable(file cache.File) bool {
	return file.Stamp != (cache.Stamp{}) && unix.Access(file.Path, unix.R_OK) != nil
}
