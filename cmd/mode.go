package cmd

import (
	"cmp"

	"github.com/urfave/cli/v2"

	"github.com/claude-auth/claude-auth/internal/config"
)

// The modes of run: what happens when a rejected login is confirmed.
const (
	modeAsk  = "ask"
	modeAuto = "auto"
	modeOff  = "off"
)

// mode is the setting of that name. Where that is not valid, it is ask.
func (p *program) mode() string { return p.config.Get(config.Mode) }

func modeFlag() cli.Flag {
	const usage = "`MODE` is ask, auto or off (default: the setting mode, or ask)"
	return choiceFlag{&cli.StringFlag{Name: "mode", Usage: usage}, config.Modes}
}

// chosenMode is the value of --mode or, without that flag, the setting.
func (p *program) chosenMode(c *cli.Context) string { return cmp.Or(c.String("mode"), p.mode()) }

// settingsRule says what a command does about a setting that is not valid. In each case the default counts.
type settingsRule int

const (
	stopAtBadSetting settingsRule = iota // the command ends with status 2
	tellBadSetting                       // it says so and goes on: it must not fail for that
	passBadSetting                       // it says nothing: it needs none of them, or looks at them itself
)

// checkSettings says what is wrong with the settings, as the rule of a command wants it.
func (p *program) checkSettings(rule settingsRule) error {
	switch {
	case p.configErr == nil || rule == passBadSetting:
		return nil
	case rule == tellBadSetting:
		p.ui.Fail(p.settingsError())
		return nil
	}
	return p.settingsError()
}

// settingsError is the first thing that is wrong with the settings, for a command that ends with it; nil for none.
func (p *program) settingsError() error {
	if p.configErr == nil {
		return nil
	}
	return usageError{config.Problems(p.configErr)[0]}
}
