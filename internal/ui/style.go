package ui

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
