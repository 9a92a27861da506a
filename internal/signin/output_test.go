package signin

import (
	"slices"
	"testing"
)

// What the real clients write on a terminal, recorded in November 2026, with the links shortened.
const (
	link332 = "https://claude.ai/oauth/authorize?z-PU3UKe4VuauIbUWnlEcEawFzSVL1f5n"
	link165 = "https://claude.com/cai/oauth/authorize?code=true&scope=org%3Acreate_api_key+user%3Aprofile&state=5cVk"
	begin   = "Opening browser to sign in…\r\nIf the browser didn't open, visit:"
	prompt  = "Paste code here if prompted > "
	out332  = begin + "\r\n\x1b]8;;" + link332 + "\x07\x1b[94m" + link332 + "\x1b[39m\x1b]8;;\x07\r\n" + prompt
	out165  = begin + " " + link165 + "\r\n" + prompt
	wrong   = "That doesn't look like the full code. Copy all of it, including the # in the middle."
	refused = "Couldn't log in: That code wasn't accepted."
	again   = "\x1b[1G\x1b[0JPaste code here if prompted > \x1b[31G"
)

func TestOutput(t *testing.T) {
	for name, test := range map[string]struct {
		printed, sent, link string
		news                []string
		unfinished, alien   bool
	}{
		"332":          {printed: out332, link: link332},
		"165":          {printed: out165, link: link165},
		"332, success": {printed: out332 + "\r\nLogin successful.\r\n", link: link332},
		"165, success": {printed: out165 + "Login successful.\r\n", link: link165},
		"332, edited":  {printed: out332 + "abc" + again + "ab\x1b[33G" + again, link: link332},
		"332, not whole": {
			printed: out332 + "foo\r\r\n" + wrong + "\r\n" + prompt, sent: "foo", link: link332, news: []string{wrong},
		},
		"332, rejected": {
			printed: out332 + "ax#by\r\r\nSigning in…\r\n" + refused + "\r\n\x1b[?25h", sent: "ax#by", link: link332,
			news: []string{refused},
		},
		"165, not whole": {
			printed: out165 + "Invalid code.\r\n", sent: "foo", link: link165, news: []string{"Invalid code."},
		},
		"an unknown line": {
			printed: "A word from our sponsor\r\n" + out332, link: link332, news: []string{"A word from our sponsor"},
		},
		"a link to something else": {
			printed: "Terms: https://example.com/terms\r\n" + out332, link: link332,
			news: []string{"Terms: https://example.com/terms"},
		},
		"a question":       {printed: out332 + "\r\nYour organisation? ", link: link332, unfinished: true},
		"a question first": {printed: "Which account? (1/2) ", unfinished: true},
		"half a prompt":    {printed: out332 + "\r\nPaste co", link: link332},
		"a menu":           {printed: out332 + "\x1b[2A> Claude\x1b[K\r\n", link: link332, alien: true},
		"a whole screen":   {printed: "\x1b[?1049h", alien: true},
	} {
		for _, size := range []int{1, 7, len(test.printed)} { // however the output is divided
			o := output{sent: test.sent}
			for part := range slices.Chunk([]byte(test.printed), size) {
				o.Write(part)
			}
			if o.Link != test.link || o.Alien != test.alien || o.Unfinished() != test.unfinished && !test.alien {
				t.Errorf("%s: link %q, alien %v, unfinished %v", name, o.Link, o.Alien, o.Unfinished())
			}
			if !test.alien && !slices.Equal(o.News, test.news) {
				t.Errorf("%s: news %q, want %q", name, o.News, test.news)
			}
		}
	}
}
