package cmd

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/claude-auth/claude-auth/internal/ledger"
	"github.com/claude-auth/claude-auth/internal/ui"
)

// marks are the characters of a timeline.
type marks struct {
	signedIn, firstSeen, line, renewed, interrupted, rejected, ended, goesOn string
}

var (
	unicodeMarks = marks{"●", "○", "━", "┿", "╎", "✗", "┤", "▶"}
	asciiMarks   = marks{"*", "o", "-", "+", "!", "x", "|", ">"}
)

// marks returns the characters that the locale can show.
func (p *program) marks() marks {
	locale := strings.ToLower(cmp.Or(p.env.Get("LC_ALL"), p.env.Get("LC_CTYPE"), p.env.Get("LANG")))
	if strings.Contains(locale, "utf-8") || strings.Contains(locale, "utf8") {
		return unicodeMarks
	}
	return asciiMarks
}

// The width of a timeline in a pipe, and the largest on a terminal.
const (
	pipedWidth = 72
	maxWidth   = 100
)

// scale maps times to columns, the same for every life.
type scale struct {
	from, to time.Time
	columns  int
}

func (s scale) column(at time.Time) int {
	whole := s.to.Sub(s.from)
	if whole <= 0 {
		return 0
	}
	fraction := float64(at.Sub(s.from)) / float64(whole)
	return min(max(int(fraction*float64(s.columns-1)+0.5), 0), s.columns-1)
}

// drawLives draws each life on two lines: what happened to it, and when, on the time scale at the top.
func (p *program) drawLives(lives []ledger.Life, named bool) {
	const indent = "  "
	width := min(cmp.Or(p.ui.Width(), pipedWidth), maxWidth)
	s := scale{from: lives[0].Born(), to: p.now(), columns: width - len(indent) - 1}
	for _, life := range lives {
		if born := life.Born(); born.Before(s.from) {
			s.from = born
		}
		if life.Ended.After(s.to) {
			s.to = life.Ended
		}
	}
	p.ui.Line(ui.Cell{Text: indent + s.axis(), Style: ui.Dim})
	m := p.marks()
	for _, life := range lives {
		text := p.tellLife(life)
		if named {
			text += ", in " + life.File
		}
		p.ui.Table([][]ui.Cell{{{Text: shortID(life.Login), Style: ui.Bold}, {Text: text}}})
		p.ui.Line(ui.Cell{Text: indent}, ui.Cell{Text: s.draw(life, m), Style: lifeStyle(life)})
	}
	p.ui.Text("\n" + m.legend(lives, p.ui.Width()) + "\n")
}

// legend explains the marks, and that of an interrupted renewal only where there is one. A mark stays beside its words:
// no line is longer than width, unless that is 0.
func (m marks) legend(lives []ledger.Life, width int) string {
	parts := []string{
		m.signedIn + " signed in", m.firstSeen + " first seen", m.renewed + " renewed", m.rejected + " rejected",
		m.ended + " gone", m.goesOn + " in use",
	}
	if slices.ContainsFunc(lives, func(life ledger.Life) bool { return life.Cut != nil }) {
		parts = append(parts, m.interrupted+" interrupted")
	}
	text, column := "", 0
	for _, part := range parts {
		size, gap := utf8.RuneCountInString(part), "  "
		switch {
		case column == 0:
			gap = ""
		case width > 0 && column+len(gap)+size > width:
			gap, column = "\n", 0
		}
		text += gap + part
		column += size + pick(column == 0, 0, 2)
	}
	return text
}

// axis has the two ends of the scale, with the time of day when they are less than two days apart.
func (s scale) axis() string {
	layout := "2006-01-02"
	if s.to.Sub(s.from) < 48*time.Hour {
		layout = "01-02 15:04"
	}
	left, right := s.from.Local().Format(layout), s.to.Local().Format(layout)
	return left + strings.Repeat(" ", max(1, s.columns-len(left)-len(right))) + right
}

// draw draws one life on the scale.
func (s scale) draw(life ledger.Life, m marks) string {
	end := life.Ended
	if end.IsZero() {
		end = s.to
	}
	first := s.column(life.Born())
	last := max(s.column(end), min(first+1, s.columns-1))
	cells := slices.Repeat([]string{" "}, last+1)
	for i := first; i < last; i++ {
		cells[i] = m.line
	}
	for _, at := range life.RenewedAt {
		if i := s.column(at); i > first && i < last {
			cells[i] = m.renewed
		}
	}
	if life.Cut != nil { // often in the last column but one: the next renewal finds the login dead
		cells[min(max(s.column(life.Cut.Time), first+1), max(last-1, first))] = m.interrupted
	}
	cells[first] = pick(life.SignedIn.IsZero(), m.firstSeen, m.signedIn)
	switch life.How {
	case ledger.Alive:
		cells[last] = m.goesOn
	case ledger.EndReject:
		cells[last] = m.rejected
	default:
		cells[last] = m.ended
	}
	return strings.Join(cells, "")
}

func lifeStyle(life ledger.Life) ui.Style {
	switch life.How {
	case ledger.Alive:
		return ui.Good
	case ledger.EndReject:
		return ui.Bad
	}
	return ui.Dim
}

// tellLife describes a life in words.
func (p *program) tellLife(life ledger.Life) string {
	age, exact := life.Age(p.now())
	text := tellAge(age, exact, life.How == ledger.Alive)
	switch life.Renewals {
	case 0:
	case 1:
		text += ", 1 renewal"
	default:
		text += fmt.Sprintf(", %d renewals", life.Renewals)
	}
	switch life.How {
	case ledger.Alive:
		text += ", in use"
	case ledger.EndWipe:
		text += ", removed " + minute(life.Ended)
	default:
		text += ", " + strings.ReplaceAll(string(life.How), "-", " ") + " " + minute(life.Ended)
	}
	if life.OtherAccount {
		text += "; another account than before"
	}
	if life.Cut != nil {
		text += "; " + interruptionOf(life.Cut).String()
	}
	return text
}

// tellAge says how old a login is, or was at its end. It is not exact when the sign-in was not seen.
func tellAge(age time.Duration, exact, alive bool) string {
	switch {
	case !exact && age < time.Minute:
		return "first seen " + pick(alive, "just now", "shortly before")
	case alive:
		return pick(exact, "", "at least ") + ui.Roughly(age) + " old"
	}
	return "lived " + pick(exact, "", "at least ") + ui.Roughly(age)
}

// minute is a time to the minute, in the time zone of the machine.
func minute(t time.Time) string { return t.Local().Format("2006-01-02 15:04") }

// shortID names a login in a line for people.
func shortID(id ledger.LoginID) string {
	const digits = 8
	text := cmp.Or(id.Refresh, id.Access, "(blank)")
	if id.Console() {
		text = "key " + text[strings.IndexByte(text, ':')+1:]
	}
	return text[:min(len(text), digits)]
}
