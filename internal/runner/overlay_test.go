package runner

import (
	"bytes"
	"os"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

const panelOn = "RUNNER_PANEL=show the panel"

func TestKeysOfAPanelNeverReachTheSession(t *testing.T) {
	o, before := session(t, `echo show the panel; while read x; do echo "got <$x>"; done; echo over`, panelOn)
	o.wait("PANEL 100x30")
	o.typ("abc\r\x1b")
	o.wait("key 1 'a'")
	o.wait("key 1 'c'")
	o.wait("key 2 ") // Enter
	o.wait("key 3 ") // Esc
	o.typ("xq")      // and q ends it
	o.wait("\x1b[?1049l")
	o.typ("after\n\x04")
	o.wait("got <after>")
	o.wait("over")
	o.ends(before, 0, 0)
	if strings.Contains(o.text(), "got <x") {
		t.Error("a key has got through")
	}
}

// What is typed before the panel, and left unread at it, belongs to the one and to nobody.
func TestRepliesReachTheSessionDuringAPanel(t *testing.T) {
	o, _ := session(t, `stty raw -echo; echo show the panel; head -c 24 | od -An -c | tr -d ' \n'; echo; echo over`, panelOn)
	o.wait("PANEL")
	o.typ("k\x1b[?62;22c\x1b[Ik\x1b[?5uk")
	o.wait("key 1 'k'\r\nkey 1 'k'\r\nkey 1 'k'")
	o.typ("qlost\x1b[12;40Rlost") // the panel has gone at q
	o.wait("\x1b[?1049l")
	o.typ("Z!")
	o.wait(`033[?62;22c033[?5u033[12;40RZ`)
	o.wait("over")
}

// What the session prints during a panel comes after it, in order, however much it is.
func TestOutputDuringAPanel(t *testing.T) {
	gate, release := fifo(t)
	o, before := session(t, `stty -opost; echo show the panel; read x <`+gate+`; seq 1 20000; touch `+gate+`.mark; seq 20001 400000; echo over; read x`, panelOn)
	o.wait("PANEL")
	release()
	eventually(t, "output", func() bool { _, err := os.Stat(gate + ".mark"); return err == nil })
	o.typ("k")
	o.wait("key 1 'k'")
	if strings.Contains(o.text(), "1\n2\n") {
		t.Error("printed over the panel")
	}
	o.typ("q")
	o.wait("\x1b[?1049l")
	o.until("the output", func(out []byte) bool { return bytes.Contains(out, []byte("over\n")) })
	var want bytes.Buffer
	for i := 1; i <= 400000; i++ {
		want.WriteString(itoa(i))
		want.WriteByte('\n')
	}
	got := o.text()
	got = got[strings.Index(got, "1\n2\n"):]
	if got != want.String()+"over\n" {
		t.Errorf("%d bytes, want %d", len(got), want.Len())
	}
	o.typ("\n")
	o.ends(before, 0, 0)
}

func itoa(n int) string {
	var b [8]byte
	i := len(b)
	for ; n > 0; n /= 10 {
		i--
		b[i] = byte('0' + n%10)
	}
	return string(b[i:])
}

func TestModesAroundAPanel(t *testing.T) {
	on := `printf '\033[?2004h\033[?1004h\033[?25l\033[>5u\033[>4;2m\033[?1003h'; `
	o, _ := session(t, on+"echo show the panel; read x", panelOn)
	o.wait("PANEL")
	o.typ("q")
	o.wait("\x1b[>4;2m")
	o.until("the modes", func(out []byte) bool { return bytes.Contains(out, []byte("\x1b[?2004h")) })
	// The whole of what the terminal has seen ends with the same modes on as the child had set.
	all := o.all()
	if got, want := follow(all), follow(strings.ReplaceAll(on[len("printf '"):len(on)-3], `\033`, "\x1b")); !same(got, want) {
		t.Errorf("on afterwards\n%+v, want\n%+v", got, want)
	}
}

// A client on the alternate screen is continued, which has it paint everything; the window's size of during the panel is its size afterwards.
func TestAPanelOverTheAlternateScreen(t *testing.T) {
	o, _ := session(t, `trap 'echo continued' CONT; trap 'stty size' WINCH; printf '\033[?1049h'; echo show the panel; while :; do read x; done`, panelOn)
	o.wait("PANEL 100x30")
	o.resize(60, 20)
	o.wait("PANEL 60x20")
	o.typ("q")
	o.until("both", func(out []byte) bool {
		return bytes.Contains(out, []byte("continued")) && bytes.Contains(out, []byte("20 60"))
	})
	if strings.Contains(o.text(), "\x1b[?1049l") {
		t.Error("the alternate screen was left")
	}
}

func TestACommandOnThePanel(t *testing.T) {
	o, before := session(t, `echo show the panel; read x; echo "got $x"`, panelOn)
	o.wait("PANEL")
	raw := o.settings()
	o.typ("r")
	o.wait("run:")
	if o.settings() != before {
		t.Error("the command's terminal is not the ordinary one")
	}
	o.typ("code\n")
	o.wait("got code")
	o.typ("\x03") // ends the command, not us
	o.wait("ran signal 2")
	eventually(t, "raw again", func() bool { return o.settings() == raw })
	o.typ("q")
	o.wait("\x1b[?1049l")
	o.typ("\x15session\n")
	o.wait("got session")
	o.ends(before, 0, 0)
}

// The session's end, and SIGTERM, end a panel.
func TestAPanelInVain(t *testing.T) {
	o, before := session(t, `echo show the panel; sleep 0.3; exit 8`, panelOn)
	o.wait("PANEL")
	o.ends(before, 8, 0)
	o, before = session(t, `echo show the panel; exec sleep 1000`, panelOn)
	o.wait("PANEL")
	_ = o.cmd.Process.Signal(unix.SIGTERM)
	o.ends(before, 0, unix.SIGTERM)
}

func TestQuietWaitsForSilence(t *testing.T) {
	o, before := session(t, `echo show the panel; for i in 1 2 3 4 5 6 7 8 9 10; do sleep 0.05; echo tick; done; echo last; read x`, panelOn, "RUNNER_QUIET=300")
	o.wait("PANEL")
	if i := strings.Index(o.all(), "last"); i < 0 || i > strings.Index(o.all(), "PANEL") {
		t.Error("the panel came while the session was printing")
	}
	o.typ("q")
	o.wait("\x1b[?1049l")
	o.typ("\n")
	o.ends(before, 0, 0)
}
