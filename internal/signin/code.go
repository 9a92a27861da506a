package signin

import (
	"strings"
	"time"
	"unicode"

	"github.com/claude-auth/claude-auth/internal/vt"
)

// escapeTime is how long the rest of a sequence may take after an ESC.
const escapeTime = 100 * time.Millisecond

// maxCode bounds what is typed, in characters. A code has about 100.
const maxCode = 4096

// typed is what a person does with a key.
type typed int

const (
	nothing typed = iota
	edited        // the code has changed
	entered       // the code is complete
	cancelled
	toggled // show or hide the QR code
)

// codeLine is the line for the code. It takes keys, and pasted text with the terminal's marks or without. A line break
// in a pasted text is left out, because a copied code may have been broken at the end of a line; one at its end is an
// Enter.
type codeLine struct {
	Reply func([]byte) // gets the terminal's replies to others; may be nil

	in      []byte
	last    time.Time // when something last arrived
	text    []rune
	pasting bool
	ended   bool // the pasted text so far ends with a line break
}

// Feed takes what the terminal has sent.
func (c *codeLine) Feed(p []byte, now time.Time) { c.in, c.last = append(c.in, p...), now }

// Next does what the next key says. ok is false when there is none yet: wait is then the time after which to ask again,
// or negative.
func (c *codeLine) Next(now time.Time) (did typed, wait time.Duration, ok bool) {
	if len(c.in) == 0 {
		return nothing, -1, false
	}
	n, key := vt.Decode(c.in, false)
	if n == 0 {
		if wait := escapeTime - now.Sub(c.last); wait > 0 {
			return nothing, wait, false
		}
		n, key = vt.Decode(c.in, true)
	}
	bytes := c.in[:n]
	c.in = c.in[n:]
	return c.press(key, bytes), 0, true
}

func (c *codeLine) press(key vt.Key, bytes []byte) typed {
	switch key.Kind {
	case vt.PasteStart:
		c.pasting, c.ended = true, false
	case vt.PasteEnd:
		c.pasting = false
		if c.ended && len(c.text) > 0 {
			return entered
		}
		return edited
	case vt.Reply:
		if c.Reply != nil {
			c.Reply(bytes)
		}
	case vt.KeyEnter:
		if c.ended = true; !c.pasting && len(c.text) > 0 {
			return entered
		}
	case vt.KeyRune:
		if len(c.text) < maxCode && unicode.IsPrint(key.Rune) {
			c.text, c.ended = append(c.text, key.Rune), false
		}
		return edited
	case vt.KeyBackspace:
		c.text = c.text[:max(len(c.text)-1, 0)]
		return edited
	case vt.KeyCtrl:
		return c.control(key.Rune)
	}
	return nothing
}

// control does what Ctrl and a key mean. In a pasted text it means nothing.
func (c *codeLine) control(letter rune) typed {
	switch {
	case c.pasting:
	case letter == 'c', letter == 'd' && len(c.text) == 0:
		return cancelled
	case letter == 'i':
		return toggled
	case letter == 'u', letter == 'w':
		c.text = nil
		return edited
	}
	return nothing
}

// Take returns the code, and empties the line.
func (c *codeLine) Take() string {
	text := strings.TrimSpace(string(c.text))
	c.text = nil
	return text
}

// Masked is the line as it is shown in width columns: a dot for each character. The # in the middle is shown, because
// the client rejects a code that was copied without it.
func (c *codeLine) Masked(width int) string {
	shown := []rune(strings.Map(func(r rune) rune {
		if r == '#' {
			return r
		}
		return '•'
	}, string(c.text)))
	if len(shown) > width && width > 1 {
		shown = append([]rune{'…'}, shown[len(shown)-width+1:]...)
	}
	return string(shown)
}
