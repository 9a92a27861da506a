package cmd

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/claude-auth/claude-auth/internal/ledger"
	"github.com/claude-auth/claude-auth/internal/ui"
)

// marks are what a timeline is drawn with.
type marks struct {
	signedIn, firstSeen, line, renewed, rejected, ended, goesOn string
}

var (
	unicodeMarks = marks{"●", "○", "━", "┿", "✗", "┤", "▶"}
	asciiMarks   = marks{"*", "o", "-", "+", "x", "|", ">"}
)

// marks returns those that the locale can show.
func (p *program) marks() marks {
	for _, name := range []string{"LC_ALL", "LC_CTYPE", "LANG"} {
		if locale := strings.ToLower(p.env.Get(name)); locale != "" {
			if strings.Contains(locale, "utf-8") || strings.Contains(locale, "utf8") {
				return unicodeMarks
			}
			return asciiMarks
		}
	}
	return asciiMarks
}

// pipedWidth is how wide a timeline is drawn where there is no terminal, and widest how wide it gets on a large one.
const (
	pipedWidth = 72
	widest     = 100
)

// scale puts times onto columns, the same for every life that is drawn.
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

// drawLives draws each life on two lines: what became of it, and when, on the time scale that stands above them all.
func (p *program) drawLives(lives []ledger.Life, named bool) {
	const indent = "  "
	width := p.ui.Width()
	if width == 0 {
		width = pipedWidth
	}
	s := scale{from: lives[0].Born(), to: p.now(), columns: min(width, widest) - len(indent) - 1}
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
			text += ", in " + p.displayPath(life.File)
		}
		p.ui.Table([][]ui.Cell{{{Text: shortID(life.Login), Style: ui.Bold}, {Text: text}}})
		p.ui.Line(ui.Cell{Text: indent}, ui.Cell{Text: s.draw(life, m), Style: lifeStyle(life)})
	}
	p.ui.Text(fmt.Sprintf("\n%s signed in  %s first seen  %s renewed  %s rejected  %s gone  %s in use\n",
		m.signedIn, m.firstSeen, m.renewed, m.rejected, m.ended, m.goesOn))
}

// axis is the scale's two ends; what lies within a day is told by the hour.
func (s scale) axis() string {
	layout := "2006-01-02"
	if s.to.Sub(s.from) < 48*time.Hour {
		layout = "01-02 15:04"
	}
	left, right := s.from.Local().Format(layout), s.to.Local().Format(layout)
	return left + strings.Repeat(" ", max(1, s.columns-len(left)-len(right))) + right
}

// draw is one life on the scale.
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
	cells[first] = pick(life.SignedIn.IsZero(), m.firstSeen, m.signedIn)
	switch life.How {
	case ledger.Alive:
		cells[last] = m.goesOn
	case ledger.EndRefuse:
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
	case ledger.EndRefuse:
		return ui.Bad
	}
	return ui.Dim
}

// tellLife is a life in words.
func (p *program) tellLife(life ledger.Life) string {
	age, exact := life.Age(p.now())
	text := ui.Roughly(age)
	if !exact && age < time.Minute {
		text = "just seen for the first time"
	} else if !exact {
		text = "at least " + text
	}
	switch life.Renewals {
	case 0:
	case 1:
		text += ", renewed once"
	default:
		text += fmt.Sprintf(", renewed %d times", life.Renewals)
	}
	on := ""
	if !life.Ended.IsZero() {
		on = " " + life.Ended.Local().Format("2006-01-02 15:04")
	}
	switch life.How {
	case ledger.Alive:
		return text + ", in use"
	case ledger.EndRefuse:
		return text + ", rejected" + on
	case ledger.EndWipe:
		return text + ", wiped" + on
	case ledger.EndRemove:
		return text + ", signed out" + on
	case ledger.EndReplace:
		return text + ", replaced" + on
	}
	return text + ", " + string(life.How) + on
}

// shortID names a login in a line for people.
func shortID(id ledger.LoginID) string {
	const digits = 8
	text := id.Refresh
	if text == "" {
		text = id.Access
	}
	if text == "" {
		return "(blank)"
	}
	return text[:min(len(text), digits)]
}
