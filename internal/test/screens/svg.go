package screens

import (
	"fmt"
	"html"
	"strings"
)

// The measures of the drawing, in its own units. charWidth is what most monospace fonts have at this size; textLength
// makes the others keep it.
const (
	fontSize, charWidth, lineHeight = 14, 8.4, 20
	padding, titleBar               = 20, 36
)

// palette is the first 16 colours of the terminal, readable on the dark background of the window.
var palette = [16]string{
	"#484f58", "#ff7b72", "#7ee787", "#e3b341", "#79c0ff", "#d2a8ff", "#56d4dd", "#c9d1d9",
	"#8b949e", "#ffa198", "#a5f0b0", "#f2cc60", "#a5d6ff", "#e2c5ff", "#8ce5ec", "#f0f6fc",
}

// colour is a colour of the terminal's palette of 256.
func colour(number int) string {
	switch {
	case number < len(palette):
		return palette[number]
	case number >= 232:
		grey := 8 + 10*(number-232)
		return fmt.Sprintf("#%02x%02x%02x", grey, grey, grey)
	}
	level := func(n int) int { return n * 255 / 5 }
	number -= len(palette)
	return fmt.Sprintf("#%02x%02x%02x", level(number/36), level(number/6%6), level(number%6))
}

// svg draws the screen as a terminal's window, which is dark on a light page too. description is what a screen reader
// says.
func (s screen) svg(columns int, title, description string) string {
	width := int(float64(columns)*charWidth) + 2*padding
	height := titleBar + len(s)*lineHeight + padding
	var b strings.Builder
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" width="%d" height="%d" `+
		`role="img" aria-labelledby="title description">`+"\n", width, height, width, height)
	fmt.Fprintf(&b, "<title id=\"title\">%s</title>\n", html.EscapeString(title))
	fmt.Fprintf(&b, "<desc id=\"description\">%s</desc>\n", html.EscapeString(description))
	fmt.Fprintf(&b, `<rect x="0.5" y="0.5" width="%d" height="%d" rx="9" fill="#0d1117" stroke="#57606a"/>`+"\n",
		width-1, height-1)
	for i, fill := range []string{"#ff5f57", "#febc2e", "#28c840"} {
		fmt.Fprintf(&b, `<circle cx="%d" cy="%d" r="6" fill="%s"/>`+"\n", padding+20*i, titleBar/2, fill)
	}
	fmt.Fprintf(&b, `<g font-family="ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono',monospace" `+
		`font-size="%d" fill="#c9d1d9">`+"\n", fontSize)
	for row, line := range s {
		for start := 0; start < len(line); {
			end := start + 1
			for end < len(line) && line[end].style == line[start].style {
				end++
			}
			b.WriteString(drawRun(line[start:end], start, titleBar+row*lineHeight+fontSize+2))
			start = end
		}
	}
	b.WriteString("</g>\n</svg>\n")
	return b.String()
}

// drawRun draws cells of one style, the first of them in that column, on the base line y.
func drawRun(cells []cell, column, y int) string {
	var text strings.Builder
	for _, c := range cells {
		text.WriteRune(c.char)
	}
	blanks := len(text.String()) - len(strings.TrimLeft(text.String(), " "))
	words := strings.TrimSpace(text.String())
	if words == "" {
		return ""
	}
	var attributes string
	s := cells[0].style
	if s.foreground >= 0 {
		attributes += fmt.Sprintf(` fill="%s"`, colour(s.foreground))
	}
	if s.bold {
		attributes += ` font-weight="bold"`
	}
	if s.dim {
		attributes += ` opacity="0.65"`
	}
	if s.italic {
		attributes += ` font-style="italic"`
	}
	if s.underline {
		attributes += ` text-decoration="underline"`
	}
	return fmt.Sprintf(`<text x="%.1f" y="%d" textLength="%.1f" xml:space="preserve"%s>%s</text>`+"\n",
		padding+float64(column+blanks)*charWidth, y, float64(len([]rune(words)))*charWidth, attributes,
		html.EscapeString(words))
}
