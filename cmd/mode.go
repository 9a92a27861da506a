package cmd

import (
	"cmp"
	"slices"

	"github.com/urfave/cli/v2"

	"github.com/claude-auth/claude-auth/internal/paths"
)

// The modes of run: what happens when a rejected login is confirmed.
const (
	modeAsk  = "ask"
	modeAuto = "auto"
	modeOff  = "off"
)

var modes = []string{modeAsk, modeAuto, modeOff}

// mode is $CLAUDE_AUTH_MODE. Everything that is not a mode counts as ask, the careful one.
func (p *program) mode() string {
	if mode := p.env.Get(paths.EnvMode); slices.Contains(modes, mode) {
		return mode
	}
	return modeAsk
}

func modeFlag() cli.Flag {
	const usage = "`MODE` is ask, auto or off (default: $CLAUDE_AUTH_MODE, or ask)"
	return choiceFlag{&cli.StringFlag{Name: "mode", Usage: usage}, modes}
}

// chosenMode is the value of --mode or, without that flag, the mode of the environment.
func (p *program) chosenMode(c *cli.Context) (string, error) {
	mode := cmp.Or(c.String("mode"), p.mode())
	if !slices.Contains(modes, mode) {
		return "", usageErrorf("the modes are ask, auto and off", "%s: no such mode: %s", c.Command.Name, mode)
	}
	return mode, nil
}
