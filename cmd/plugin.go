package cmd

import (
	"cmp"
	"errors"
	"fmt"

	"github.com/urfave/cli/v2"

	"github.com/claude-auth/claude-auth/internal/claude"
	"github.com/claude-auth/claude-auth/internal/ui"
	"github.com/claude-auth/claude-auth/plugin"
)

var _ = register("plugin", func() command {
	return command{
		group: groupShell, rank: 60,
		usage: "tell you of a rejected login where no shell hook is: VS Code, background agents, the SDK",
		description: "The plugin is called " + plugin.Name + ". In each session that claude-auth does not watch, it " +
			"notes a rejected login, shows one desktop notification, and renews the login in time. It never opens a " +
			"browser.\nWithout a subcommand it says whether the plugin is installed.",
		examples: "claude-auth plugin           # is it installed?\n" +
			"claude-auth plugin install   # for all new sessions",
		run: (*program).pluginStatus, readsOnly: true,
		subcommands: []command{
			{
				name: "install", usage: "install the plugin for all new sessions",
				description: "It writes the plugin into 'skills' in Claude Code's own directory, and changes no settings. " +
					"Run it again when claude-auth moves.",
				flags: []cli.Flag{dryRunFlag()}, run: (*program).pluginInstall, acts: true,
				examples: "claude-auth plugin install -n   # only show where it would be installed",
			},
			{
				name: "remove", usage: "remove the plugin",
				flags: []cli.Flag{dryRunFlag()}, run: (*program).pluginRemove, acts: true,
				examples: "claude-auth plugin remove   # new sessions no longer load it",
			},
			{
				name: "path", usage: "print the plugin's directory, for " + claude.PluginDirFlag + " and the SDK",
				description: "Exit status 1 when it is not installed.",
				run:         (*program).pluginPath, readsOnly: true,
				examples: `claude --setting-sources "" --plugin-dir "$(claude-auth plugin path)"   # without your settings`,
			},
		},
	}
})

const installPlugin = "run 'claude-auth plugin install' to install it"

// pluginState looks for the plugin.
func (p *program) pluginState() (dir string, state plugin.State, err error) {
	dir = plugin.Dir(p.paths.ConfigDir)
	state, err = plugin.Look(dir, p.lastingExe())
	return dir, state, err
}

func (p *program) pluginStatus(*cli.Context) error {
	dir, state, err := p.pluginState()
	switch {
	case err != nil:
		return err
	case state == plugin.Current:
		p.ui.Textf("The plugin is installed in %s", dir)
	case state == plugin.Outdated:
		p.ui.Textf("The plugin in %s was changed, or was installed for another copy of claude-auth", dir)
		p.ui.Hintf("run 'claude-auth plugin install' to update it")
	case state == plugin.Foreign:
		p.ui.Textf("The plugin is not installed: %s holds other files", dir)
	default:
		p.ui.Text("The plugin is not installed")
		p.ui.Hintf("%s", installPlugin)
	}
	return nil
}

func (p *program) pluginInstall(c *cli.Context) error {
	if value, isSet := p.env.Lookup(claude.EnvConfigDir); isSet && value == "" {
		return ui.WithHint(errors.New(claude.EnvConfigDir+" is set and empty: Claude Code uses the current directory"),
			"run 'unset "+claude.EnvConfigDir+"', and try again")
	}
	dir, state, err := p.pluginState()
	switch {
	case err != nil:
		return err
	case state == plugin.Foreign:
		return ui.WithHint(fmt.Errorf("%s holds other files", dir), "move it away, and try again")
	case state == plugin.Current:
		p.ui.Textf("The plugin is installed in %s already", dir)
		return nil
	case c.Bool("dry-run"):
		p.ui.Textf("Would %s the plugin in %s", pick(state == plugin.Outdated, "update", "install"), dir)
		return nil
	}
	if err := plugin.Install(dir, p.lastingExe()); err != nil {
		return err
	}
	what := pick(state == plugin.Outdated, "Updated", "Installed")
	p.ui.Textf("%s the plugin in %s. Sessions that start from now on use it", what, dir)
	return nil
}

func (p *program) pluginRemove(c *cli.Context) error {
	dir, state, err := p.pluginState()
	if state == plugin.Foreign {
		return cmp.Or(err, fmt.Errorf("the plugin is not installed: %s holds other files, which stay", dir))
	}
	was, err := p.removePlugin(c.Bool("dry-run"))
	if err == nil && !was {
		p.ui.Text("The plugin is not installed")
	}
	return err
}

// removePlugin removes the plugin, and says so. It reports whether the plugin was there.
func (p *program) removePlugin(dryRun bool) (was bool, err error) {
	dir, state, err := p.pluginState()
	switch {
	case state == plugin.Absent, state == plugin.Foreign:
		return false, nil
	case err != nil && !dryRun:
		return true, err
	case dryRun:
		p.ui.Textf("Would remove the plugin from %s", dir)
		return true, nil
	}
	left, err := plugin.Remove(dir, p.paths.ConfigDir)
	if err != nil {
		return true, err
	}
	p.ui.Textf("Removed the plugin from %s", dir)
	if left {
		p.ui.Notef("%s holds other files, which stay", dir)
	}
	return true, nil
}

func (p *program) pluginPath(*cli.Context) error {
	dir, state, err := p.pluginState()
	switch {
	case err != nil:
		return err
	case state == plugin.Absent, state == plugin.Foreign:
		return ui.WithHint(errors.New("the plugin is not installed"), installPlugin)
	}
	p.ui.Printf("%s\n", dir)
	return nil
}
