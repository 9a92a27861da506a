package cmd

import (
	"fmt"
	"os/exec"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/claude-auth/claude-auth/internal/config"
	"github.com/claude-auth/claude-auth/internal/ui"
)

var _ = register("config", func() command {
	listFlags := []cli.Flag{jsonFlag()}
	dryRun := dryRunFlag()
	return command{
		group: groupMore, rank: 5,
		usage: "show and change the settings that last",
		description: "The settings are " + strings.Join(config.Names(), ", ") + ".\n" +
			"'claude-auth help settings' explains them.\n" +
			"Without a subcommand all of them are listed.",
		examples: "claude-auth config                      # list the settings, and where each comes from\n" +
			"claude-auth config set mode auto        # sign in without asking when a login was rejected\n" +
			"claude-auth config unset mode           # back to the default",
		flags: listFlags, run: (*program).configList, badSettings: passBadSetting,
		subcommands: []command{
			{
				name: "list", usage: "list the settings, and where each comes from",
				examples: "claude-auth config list --json   # for a program",
				flags:    listFlags, run: (*program).configList,
			},
			{
				name: "get", usage: "print the value of a setting that counts", argsUsage: "KEY",
				description: "Exit status 1, and no output, when it has no value. Only 'browser' has no default.",
				examples:    "claude-auth config get mode   # prints ask, unless you have changed it",
				flags:       listFlags, run: (*program).configGet,
				minArgs: 1, maxArgs: 1, complete: (*program).completeSetting,
			},
			{
				name: "set", usage: "change a setting in the file", argsUsage: "KEY VALUE",
				examples: "claude-auth config set timeout 10m      # give up a sign-in after ten minutes\n" +
					"claude-auth config set browser firefox  # open the page of a sign-in with firefox",
				flags: []cli.Flag{dryRun}, run: (*program).configSet, acts: true,
				minArgs: 2, maxArgs: 2, complete: (*program).completeSetting,
			},
			{
				name: "unset", usage: "remove a setting from the file", argsUsage: "KEY",
				description: "Exit status 1 when the file does not have it.",
				examples:    "claude-auth config unset browser   # let Claude Code choose the browser",
				flags:       []cli.Flag{dryRun}, run: (*program).configUnset, acts: true,
				minArgs: 1, maxArgs: 1, complete: (*program).completeSetting,
			},
		},
	}
})

func (p *program) completeSetting(args []string, _ string) (a answer) {
	if len(args) == 1 {
		key, _ := config.Find(args[0])
		return plainValues(key.Choices)
	}
	for _, key := range config.Keys() {
		a.list = append(a.list, candidate{key.Name, key.About})
	}
	return a
}

// settingDocument is a setting in --json. Members are only ever added.
type settingDocument struct {
	Key      string `json:"key"`
	Value    string `json:"value,omitempty"`
	Source   string `json:"source"`             // default, file or environment
	Variable string `json:"variable,omitempty"` // of the environment
	File     string `json:"file,omitempty"`
	Line     int    `json:"line,omitempty"`
}

// configList lists the settings. It ends with status 2 when one is not valid, as every command that needs them.
func (p *program) configList(c *cli.Context) error {
	all := p.config.All()
	if c.Bool("json") {
		settings := make([]settingDocument, 0, len(all))
		for _, s := range all {
			settings = append(settings, settingDocument(s))
		}
		if err := p.ui.JSON(struct {
			Schema   int               `json:"schema"`
			File     string            `json:"file"`
			Settings []settingDocument `json:"settings"`
		}{1, p.paths.Config(), settings}); err != nil {
			return err
		}
	} else {
		var rows [][]ui.Cell
		for _, s := range all {
			value := ui.Cell{Text: s.Value}
			if s.Value == "" {
				value = ui.Cell{Text: "not set", Style: ui.Dim}
			}
			rows = append(rows, []ui.Cell{{Text: s.Key}, value, {Text: s.Place(), Style: ui.Dim}})
		}
		p.ui.Table(rows)
	}
	return p.everySettingsError()
}

// everySettingsError shows all that is wrong with the settings but the last problem, which it returns.
func (p *program) everySettingsError() error {
	if p.configErr == nil {
		return nil
	}
	problems := config.Problems(p.configErr)
	last := len(problems) - 1
	for _, problem := range problems[:last] {
		p.ui.Fail(problem)
	}
	return usageError{problems[last]}
}

func (p *program) configGet(c *cli.Context) error {
	key, err := settingNamed(c)
	if err != nil {
		return err
	}
	s := p.config.Of(key.Name)
	switch {
	case p.configErr != nil:
		return p.everySettingsError()
	case s.Value == "":
		return ui.WithHint(fmt.Errorf("%s is not set", key.Name),
			"run 'claude-auth config set "+key.Name+" PROGRAM' to set it")
	case c.Bool("json"):
		return p.ui.JSON(struct {
			Schema int `json:"schema"`
			settingDocument
		}{1, settingDocument(s)})
	}
	p.ui.Printf("%s\n", s.Value)
	return nil
}

// settingNamed returns the setting that the first argument names.
func settingNamed(c *cli.Context) (config.Key, error) {
	name := c.Args().First()
	key, known := config.Find(name)
	if !known {
		hint := "the settings are " + strings.Join(config.Names(), ", ")
		if near := nearest(name, config.Names()); near != "" {
			hint = "did you mean '" + near + "'?"
		}
		return key, usageErrorf(hint, "there is no setting %q", name)
	}
	return key, nil
}

func (p *program) configSet(c *cli.Context) error {
	key, err := settingNamed(c)
	if err != nil {
		return err
	}
	value := strings.TrimSpace(c.Args().Get(1))
	if err := key.Check(value); err != nil {
		return usageErrorf("run 'claude-auth help settings'", "config set: %s %w", key.Name, err)
	}
	file, err := config.Open(p.paths.Config())
	if err != nil {
		return err
	}
	file.Set(key.Name, value)
	if err := p.writeSettings(c, file, "Set", "Would set", key.Name+" = "+value+" in"); err != nil {
		return err
	}
	if key.Name == config.Browser {
		if _, err := exec.LookPath(value); err != nil {
			p.ui.Notef("there is no program %s here: a sign-in could not open its page", value)
		}
	}
	if p.env.Get(key.Variable) != "" {
		p.ui.Hintf("%s overrides the file in this shell", key.Variable)
	}
	return nil
}

func (p *program) configUnset(c *cli.Context) error {
	name := c.Args().First()
	file, err := config.Open(p.paths.Config())
	if err != nil {
		return err
	}
	if !file.Has(name) { // an unknown setting can be removed too
		if _, err := settingNamed(c); err != nil {
			return err
		}
		return fmt.Errorf("%s is not set in %s", name, p.paths.Config())
	}
	file.Unset(name)
	return p.writeSettings(c, file, "Removed", "Would remove", name+" from")
}

// writeSettings writes the file, and says what was done to it. It also shows what is still wrong with the settings.
func (p *program) writeSettings(c *cli.Context, file *config.File, done, would, what string) error {
	path := p.paths.Config()
	if c.Bool("dry-run") {
		p.ui.Text(would + " " + what + " " + path + "\n")
		return nil
	}
	if err := file.Write(); err != nil {
		return err
	}
	p.ui.Text(done + " " + what + " " + path + "\n")
	if _, err := config.Load(p.env, path); err != nil {
		for _, problem := range config.Problems(err) {
			p.ui.Fail(problem)
		}
	}
	return nil
}
