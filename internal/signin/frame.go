package signin

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"github.com/claude-auth/claude-auth/internal/fdio"
	"github.com/claude-auth/claude-auth/internal/ui"
)

// row is a row of the screen. The width is how many columns its text takes, without its escape sequences.
type row struct {
	text  string
	width int
}

const (
	margin = "  "
	// longestRow is the longest row that is comfortable to read, in columns.
	longestRow = 96
	keyGap     = "     "
)

// frame draws the sign-in screen: a head that stays, news of the client below it, and the live rows, which change. The
// cursor stands at the end of the last live row. So the link is written once, in one piece, however many rows the
// terminal makes of it.
type frame struct {
	request Request
	screen  Screen

	link    string
	said    []string // the client's own words
	unsaid  []string // those of them that are not on the terminal yet
	live    []row    // what is on the terminal of the live rows
	begun   bool     // something is on the terminal
	shown   bool     // the head is
	copied  bool     // the link was sent to the clipboard
	columns int
	lines   int

	pending []byte // what the terminal has not taken yet
	gone    bool
}

// state is what the live rows tell.
type state struct {
	left     time.Duration // until the time is over; negative: nobody counts
	checking bool          // the client has got a code
	ending   bool
	qr       bool
	code     *codeLine
}

// size reads the window's size, and reports whether it has changed.
func (f *frame) size() (changed bool) {
	columns, lines := 80, 24
	if w, err := unix.IoctlGetWinsize(f.screen.Out, unix.TIOCGWINSZ); err == nil && w.Col > 0 && w.Row > 0 {
		columns, lines = int(w.Col), int(w.Row)
	}
	changed = columns != f.columns || lines != f.lines
	f.columns, f.lines = columns, lines
	return changed
}

// width is how many columns a row may take.
func (f *frame) width() int { return max(min(f.columns-1, longestRow), len(margin)+8) }

// fold makes rows of text.
func (f *frame) fold(text string) []row {
	var rows []row
	for _, part := range ui.Wrap(text, f.width()-len(margin)) {
		rows = append(rows, row{margin + part, len(margin) + len([]rune(part))})
	}
	return rows
}

// head is what stays: what to do, and the link. It also sends the link to the clipboard, once.
func (f *frame) head() string {
	say := sayHere
	if f.request.Elsewhere {
		say = sayElsewhere
	}
	rows := f.fold(say)
	if !takesOSC(f.request.Env) {
		return joined(append(rows, row{text: f.link}, row{})) + "\r\n"
	}
	rows = append(rows, row{text: hyperlink(f.link, f.link)})
	rows = append(rows, f.fold(sayClipboard)...)
	text := joined(append(rows, row{})) + "\r\n"
	if !f.copied {
		f.copied = true
		text += copyText(f.link, f.request.Env)
	}
	return text
}

// rows are the live rows.
func (f *frame) rows(s state) []row {
	var rows []row
	say := sayWaiting
	switch {
	case s.ending:
		say = sayEnding
	case s.checking:
		say = SayChecking
	}
	if s.left >= 0 && !s.ending {
		say += "  " + sayLeft(s.left)
	}
	rows = append(rows, f.fold(say)...)
	picture, tab := []row(nil), doesQR
	if s.qr {
		picture, tab = qrRows(f.link), doesHideQR
	}
	tail := func() []row {
		code := s.code.Masked(f.width() - len(margin) - len(sayCode))
		return append(f.keys(tab), row{margin + sayCode + code, len(margin) + len(sayCode) + len([]rune(code))})
	}
	whole := slices.Concat(picture, []row{{}}, rows, tail())
	switch {
	case !s.qr:
		return append(rows, tail()...)
	case picture != nil && picture[0].width < f.columns && len(whole) < f.lines:
		return whole
	}
	columns := 0
	if picture != nil {
		columns = picture[0].width + 1
	}
	tab = doesHide
	return slices.Concat(f.fold(sayNoRoom(columns, len(whole)+1)), []row{{}}, rows, tail())
}

// keys says what can be pressed, and what Tab does, on one row where that fits.
func (f *frame) keys(tab string) []row {
	cancel, show := "Ctrl-C  "+doesCancel, "Tab  "+tab
	if f.request.Keeps != "" {
		cancel = "Ctrl-C  " + doesKeep + f.request.Keeps
	}
	if one := cancel + keyGap + show; len(margin)+len(one) <= f.width() {
		return []row{{margin + one, len(margin) + len(one)}}
	}
	return append(f.fold(cancel), f.fold(show)...)
}

// news adds to the client's own words.
func (f *frame) news(lines []string) {
	f.said, f.unsaid = append(f.said, lines...), append(f.unsaid, lines...)
}

// draw brings the terminal up to date. all draws everything again, because the terminal may have lost it.
func (f *frame) draw(s state, all bool) {
	if f.link == "" && len(f.said) == 0 {
		return
	}
	text := ""
	if all && f.screen.Clear {
		f.begun, f.shown, f.unsaid, f.live = false, false, f.said, nil
	}
	if all || f.link != "" && !f.shown || len(f.unsaid) > 0 {
		text += f.erase()
	}
	if !f.begun {
		f.begun = true
		text += f.begin()
	}
	if f.link != "" && !f.shown {
		f.shown = true
		text += f.head()
	}
	text += f.takeNews()
	if f.shown {
		text += f.update(f.rows(s))
	}
	f.write(text)
}

// begin begins the screen: below an empty line, or on an empty screen.
func (f *frame) begin() string {
	if f.screen.Clear {
		return "\x1b[0m\x1b[2J\x1b[H"
	}
	return "\r\n"
}

// takeNews is what the client has said, with an empty line below it.
func (f *frame) takeNews() string {
	var rows []row
	for _, news := range f.unsaid {
		rows = append(rows, f.fold(news)...)
	}
	if f.unsaid = nil; len(rows) == 0 {
		return ""
	}
	return joined(append(rows, row{})) + "\r\n"
}

func joined(rows []row) string {
	lines := make([]string, len(rows))
	for i, r := range rows {
		lines[i] = r.text
	}
	return strings.Join(lines, "\r\n")
}

// update replaces the live rows that have changed.
func (f *frame) update(rows []row) string {
	old := f.live
	if len(old) != len(rows) {
		text := f.erase()
		f.live = rows
		return text + joined(rows)
	}
	f.live = rows
	var text strings.Builder
	for i, r := range rows {
		if r == old[i] {
			continue
		}
		up := len(rows) - 1 - i
		text.WriteString(move(up, 'A') + "\r" + r.text + "\x1b[K" + move(up, 'B'))
	}
	if text.Len() > 0 {
		text.WriteString("\r" + move(rows[len(rows)-1].width, 'C'))
	}
	return text.String()
}

// erase removes the live rows. A terminal that has become narrower may have made more rows of them.
func (f *frame) erase() string {
	if len(f.live) == 0 {
		return ""
	}
	count := 0
	for _, r := range f.live {
		count += max(1, (r.width+f.columns-1)/f.columns)
	}
	f.live = nil
	return "\r" + move(count-1, 'A') + "\x1b[J"
}

// move moves the cursor.
func move(count int, direction byte) string {
	if count <= 0 {
		return ""
	}
	return fmt.Sprintf("\x1b[%d%c", count, direction)
}

// end removes the live rows. The head and the news stay.
func (f *frame) end() {
	text := f.erase()
	if f.begun || len(f.unsaid) > 0 {
		if !f.begun {
			text += f.begin()
		}
		text += f.takeNews()
	}
	f.write(text)
}

// write puts text on the terminal, as soon as that takes it.
func (f *frame) write(text string) {
	f.pending = append(f.pending, text...)
	f.flush()
}

// flush writes what the terminal takes at once.
func (f *frame) flush() {
	for len(f.pending) > 0 && !f.gone && fdio.Writable(f.screen.Out) {
		n, err := unix.Write(f.screen.Out, f.pending)
		f.pending = f.pending[max(n, 0):]
		if err == unix.EAGAIN {
			return
		}
		f.gone = err != nil && err != unix.EINTR
	}
	if f.gone {
		f.pending = nil
	}
}
