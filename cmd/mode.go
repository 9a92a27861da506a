package cmd

import (
	"github.com/urfave/cli/v2"

	"github.com/claude-auth/claude-auth/internal/paths"
)

// The modes of run: what happens when a rejected login is confirmed.
const (
	modeAsk  = "ask"
	modeAuto = "auto"
	modeOff  = "off"
)

// mode is $CLAUDE_AUTH_MODE. Everything that is not a mode counts as ask, the careful one.
func (p *program) mode() string {
	switch mode := p.env.Get(paths.EnvMode); mode {
	case modeAuto, modeOff:
		return mode
	default:
		return modeAsk
	}
}

func modeFlag() cli.Flag {
	const usage = "`MODE` is ask, auto or off (default: $CLAUDE_AUTH_MODE, or ask)"
	return choiceFlag{&cli.StringFlag{Name: "mode", Usage: usage}, []string{modeAsk, modeAuto, modeOff}}
}

// chosenMode is the value of --mode or, without that flag, the mode of the environment.
func (p *program) chosenMode(c *cli.Context) (string, error) {
	switch mode := c.String("mode"); mode {
	case "":
		return p.mode(), nil
	case modeAsk, modeAuto, modeOff:
		return mode, nil
	default:
		return "", usageErrorf("the modes are ask, auto and off", "%s: no such mode: %s", c.Command.Name, mode)
	}
}
