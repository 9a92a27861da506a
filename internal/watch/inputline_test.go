package watch

import (
	"testing"
	"time"
)

func TestResendable(t *testing.T) {
	start := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	for name, test := range map[string]struct {
		before string // inputLine before the failure
		after  string // and after it
		want   bool
	}{
		"inputLine and sent":        {"ping\r", "", true},
		"something is typed by now": {"ping\r", "x", false},
		"and taken back":            {"ping\r", "x\x7f", true},
		"an umlaut taken back":      {"ping\r", "ü\x7f", true},
		"pasted":                    {"ping\r", "\x1b[200~a\rb\x1b[201~", false},
		"history looked at":         {"ping\r", "\x1b[A", false},
		"focus reports":             {"ping\r", "\x1b[O\x1b[I", true},
		"replies": {
			"ping\r", "\x1b[?62;22c\x1b]11;rgb:00/00/00\x1b\\\x1bP>|tmux\x1b\\\x1b[?5u\x1b[24;80R", true,
		},
		"mouse":                            {"ping\r", "\x1b[<0;10;10M\x1b[<0;10;10m", true},
		"sent something since":             {"ping\r", "/status\r", false},
		"sent something else while it ran": {"ping\r/status\r", "", false},
		"from the command line":            {"", "", true},
		"Enter on the empty line":          {"ping\r\r\r", "\r", true},
		"edited, then sent":                {"pnig\x1b[D\x1b[D\x15ping\r", "", true},
		"a new line, not sent":             {"ping\r", "a\\\r", false},
		"Enter of the kitty keyboard":      {"ping\x1b[13u", "", true},
		"Alt and a key":                    {"ping\r", "\x1bb", false},
		"Ctrl-C on the empty line":         {"ping\r", "\x03", true},
	} {
		t.Run(name, func(t *testing.T) {
			now := start
			inputLine := &inputLine{now: func() time.Time { return now }}
			for _, c := range []byte(test.before) { // however it is divided
				inputLine.Write([]byte{c})
			}
			failed := start.Add(time.Second)
			now = start.Add(2 * time.Second)
			inputLine.Write([]byte(test.after))
			if got := inputLine.resendable("ping", failed); got != test.want {
				t.Errorf("resendable = %v", got)
			}
		})
	}
}

// Transcripts have milliseconds: a failure in the millisecond of the Enter came after it.
func TestAMessageThatFailsAtOnceIsResendable(t *testing.T) {
	sent := time.Date(2026, 1, 2, 3, 4, 5, 6_700_000, time.UTC)
	inputLine := &inputLine{now: func() time.Time { return sent }}
	inputLine.Write([]byte("ping\r"))
	if !inputLine.resendable("ping", sent.Truncate(time.Millisecond)) {
		t.Error("not resendable")
	}
}

func TestNoMessageIsResendable(t *testing.T) {
	if (&inputLine{now: time.Now}).resendable(" ", time.Now()) {
		t.Error("no message is one")
	}
}

func TestReportsOfTheTerminalAreNoKeys(t *testing.T) {
	inputLine := &inputLine{now: time.Now}
	inputLine.Write([]byte("\x1b[I\x1b[?62c\x1b]11;rgb:0/0/0\x07\x1b[?5u"))
	if n := inputLine.count(); n != 0 {
		t.Errorf("%d keys", n)
	}
	inputLine.Write([]byte("a\x1b[Ab\r"))
	if n := inputLine.count(); n != 4 {
		t.Errorf("%d keys, want 4", n)
	}
}
