package ui

import "github.com/claude-auth/claude-auth/internal/paths"

// Color says when there is colour. Every other value counts as ColorAuto.
type Color string

// The choices.
const (
	ColorAuto   Color = "auto" // on a terminal that can show it, as the variables below say
	ColorAlways Color = "always"
	ColorNever  Color = "never"
)

// The variables by which a person tells every program about colour (no-color.org, bixense.com/clicolors).
const (
	EnvNoColor    = "NO_COLOR"       // not empty: none
	EnvForceColor = "CLICOLOR_FORCE" // neither empty nor 0: also where the output is not a terminal
)

// wanted reports whether there is colour; able says that the output is a terminal that can show it.
func (c Color) wanted(env paths.Env, able bool) bool {
	switch {
	case c == ColorNever, c == ColorAlways:
		return c == ColorAlways
	case env.Get(EnvNoColor) != "":
		return false
	}
	force := env.Get(EnvForceColor)
	return able || force != "" && force != "0"
}

// Suppressed reports whether a person wants no colour even in a text that is made to have it.
func (c Color) Suppressed(env paths.Env) bool { return !c.wanted(env, true) }

// Style is how a piece of text stands out on a terminal.
type Style string

// The styles, as SGR parameters of the terminal's own colours, so that they fit the theme of the user.
const (
	Plain Style = ""
	Bold  Style = "1"
	Dim   Style = "2"
	Good  Style = "32"
	Warn  Style = "33"
	Bad   Style = "31"
)

// styled returns text in the style, or without it when there is no colour. It cleans the text first, so that the text
// cannot end the style.
func (u *UI) styled(style Style, text string) string {
	text = u.forPeople(text)
	if !u.color || style == Plain {
		return text
	}
	return "\x1b[" + string(style) + "m" + text + "\x1b[0m"
}
