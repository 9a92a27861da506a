package signin

import (
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/claude-auth/claude-auth/internal/claude"
	"github.com/claude-auth/claude-auth/internal/vt"
)

// output reads what the client prints, as lines. It knows the client's lines of a sign-in and takes the link out of
// them. Any other line is news for the person.
type output struct {
	Link string   // "" until it was printed
	News []string // lines that are to be shown; the reader takes them
	// Alien is true once the client has done more than print lines, such as draw a menu: then only a terminal can show it.
	Alien bool

	parser  vt.Parser
	line    []rune
	column  int
	pending []byte // the beginning of a character
	sent    string // the code that the client may echo
}

// linkIn finds the link, which is printable ASCII: no character of it means something to a terminal.
var linkIn = regexp.MustCompile(`https://[!-~]+`)

// Write takes what the client has printed.
func (o *output) Write(p []byte) {
	for len(p) > 0 {
		if !o.parser.Ground() || p[0] == 0x1b {
			n, done := o.parser.Step(p)
			if p = p[n:]; done {
				o.control()
			}
			continue
		}
		o.pending = append(o.pending, p[0])
		p = p[1:]
		if !utf8.FullRune(o.pending) {
			continue
		}
		r, _ := utf8.DecodeRune(o.pending)
		o.pending = o.pending[:0]
		o.put(r)
	}
}

// put prints a character.
func (o *output) put(r rune) {
	switch {
	case r == '\n':
		o.finish()
	case r == '\r':
		o.column = 0
	case r == '\b':
		o.column = max(o.column-1, 0)
	case r < ' ' && r != '\t' || r == 0x7f: // a bell, or the like
	default:
		for len(o.line) <= o.column {
			o.line = append(o.line, ' ')
		}
		o.line[o.column] = r
		o.column++
	}
}

// control does what an escape or control sequence says. Node's line editor moves the cursor in its line, and erases
// what is behind it (2.1.332).
func (o *output) control() {
	q := &o.parser
	switch {
	case q.Is(0, 0, 'm'):
	case q.Is('?', 0, 'h') || q.Is('?', 0, 'l'):
		switch q.Param(0, 0) {
		case 7, 12, 25, 2004, 2026: // wrapping, the cursor, marks around pasted text, updates in one piece
		default:
			o.Alien = true
		}
	case q.Is(0, 0, 'G'):
		o.column = max(q.Param(0, 1)-1, 0)
	case q.Is(0, 0, 'D'):
		o.column = max(o.column-q.Param(0, 1), 0)
	case q.Is(0, 0, 'C'):
		o.column += q.Param(0, 1)
	case (q.Is(0, 0, 'J') || q.Is(0, 0, 'K')) && q.Param(0, 0) == 0:
		o.line = o.line[:min(o.column, len(o.line))]
	case q.Is(0, 0, 'K'):
		o.line = nil
	default:
		o.Alien = true
	}
	o.column = min(o.column, ptyColumns)
}

// finish ends a line.
func (o *output) finish() {
	text := o.strip(string(o.line))
	o.line, o.column = nil, 0
	if link := linkIn.FindString(text); link != "" && o.Link == "" {
		if rest := strings.TrimSpace(strings.Replace(text, link, "", 1)); rest == "" || isKnown(rest) {
			o.Link = link
			return
		}
	}
	if text != "" && !isKnown(text) {
		o.News = append(o.News, text)
	}
}

// strip returns a line without the prompt, and without the code that the client shows behind it.
func (o *output) strip(line string) string {
	text := strings.TrimSpace(line)
	if rest, ok := strings.CutPrefix(text, claude.SignInPrompt); ok {
		text = strings.TrimSpace(rest)
	}
	if rest, ok := strings.CutPrefix(text, o.sent); ok && o.sent != "" {
		text = strings.TrimSpace(rest)
	}
	return text
}

// Unfinished reports whether the client waits behind words that are not known: a question of a newer version.
func (o *output) Unfinished() bool {
	text := o.strip(string(o.line))
	return text != "" && !strings.HasPrefix(claude.SignInPrompt, text) && !isKnown(text)
}

// Rest makes a line of what the client has printed last.
func (o *output) Rest() { o.finish() }

func isKnown(text string) bool { return slices.Contains(claude.SignInSays[:], text) }
