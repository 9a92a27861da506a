package detect_test

import (
	"testing"

	"github.com/claude-auth/claude-auth/internal/detect"
)

// reset is what 2.1.165 sends after the text of -p when standard output is a terminal.
const reset = "\x1b[?1006l\x1b[?1003l\x1b[?1002l\x1b[?1000l" +
	"\x1b(B\x0f\x1b[>4m\x1b[<u\x1b[?1004l\x1b[?2031l\x1b[?2004l\x1b[?25h\x1b7\x1b[r\x1b8\x1b]0;\a\x1b[?25h"

const message401 = "Failed to authenticate. API Error: 401 Invalid authentication credentials"

func TestEscapesAroundAMessage(t *testing.T) {
	for text, want := range map[string]string{
		message401 + "\r\n" + reset:                    message401,
		message401 + reset:                             message401,
		"\x1b[?25h" + message401 + "\r\n":              message401,
		"Not logged in · Please run /login" + reset:    "Not logged in · Please run /login",
		message401 + "\r\n" + reset + "and an answer":  "",
		message401 + "\r\n\x1b]0;title":                message401,
		"\x1b[1m" + "It says: " + message401 + reset:   "",
		"Not logged in · Please run /login\x1b[mAfter": "",
	} {
		for _, size := range []int{1, len(text)} {
			hold := detect.NewHoldback(detect.Builtin())
			for i := 0; i < len(text); i += size {
				hold.Write([]byte(text[i : i+size]))
			}
			if got := hold.Result().Text; got != want {
				t.Errorf("%q: message %q, want %q", text, got, want)
			}
			if _, whole := hold.Finish(); whole != (want != "") {
				t.Errorf("%q: Finish says %v", text, whole)
			}
		}
	}
}
