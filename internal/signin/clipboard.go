package signin

import (
	"encoding/base64"
	"slices"
	"strings"

	"github.com/claude-auth/claude-auth/internal/paths"
)

// plainTerminals are terminals, by the beginning of TERM, that print parts of an operating system command (OSC) or that
// have neither links nor a clipboard.
var plainTerminals = []string{"linux", "vt", "cons", "ansi", "cygwin", "sun", "eterm", "emacs", "unknown", "bterm"}

// takesOSC reports whether the terminal can be sent a link and text for the clipboard.
func takesOSC(env paths.Env) bool {
	term := env.Get("TERM")
	return !slices.ContainsFunc(plainTerminals, func(begin string) bool { return strings.HasPrefix(term, begin) })
}

// hyperlink is text that leads to link where the terminal knows links. The identifier joins the rows of a long one.
func hyperlink(link, text string) string {
	return "\x1b]8;id=claude-auth;" + link + "\x1b\\" + text + "\x1b]8;;\x1b\\"
}

// copyText is OSC 52, which puts text on the clipboard of the machine where the person sits, through ssh too. The
// terminal does not say whether it has done so: many ask, or must be set up for it.
//
// tmux takes it itself only with set-clipboard on, and passes on what is wrapped with allow-passthrough. GNU screen
// passes on what is wrapped.
func copyText(text string, env paths.Env) string {
	sequence := "\x1b]52;c;" + base64.StdEncoding.EncodeToString([]byte(text)) + "\x07"
	switch {
	case env.Get("TMUX") != "" || strings.HasPrefix(env.Get("TERM"), "tmux"):
		return sequence + "\x1bPtmux;" + strings.ReplaceAll(sequence, "\x1b", "\x1b\x1b") + "\x1b\\"
	case env.Get("STY") != "":
		return "\x1bP" + sequence + "\x1b\\"
	}
	return sequence
}
