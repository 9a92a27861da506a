package session

import (
	"bytes"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/claude-auth/claude-auth/internal/test/emulator"
	"github.com/claude-auth/claude-auth/internal/tty"
	"github.com/claude-auth/claude-auth/internal/vt"
)

const panelOn = "TEST_PANEL=show the panel"

func TestKeysOfAPanelNeverReachTheSession(t *testing.T) {
	o, before := session(t, `echo show the panel; while read x; do echo "got <$x>"; done; echo over`, panelOn)
	o.WaitFor("PANEL 100x30")
	for key, shown := range map[string]string{
		"a": "key 1 'a'", "é": "key 1 'é'", "\r": "key 2 ", "\x1b": "key 3 ", "\x1b[13u": "key 2 ", "\x1b[27u": "key 3 ",
		"\x03": "key 4 'c'", "\x1b[27;5;99~": "key 4 'c'",
	} {
		o.Type(key)
		o.WaitFor(shown)
	}
	o.Type("q") // ends it
	o.WaitFor("\x1b[?1049l")
	o.Type("after\n\x04")
	o.WaitFor("got <after>")
	o.WaitFor("over")
	o.ends(before, 0, 0)
	if strings.Contains(o.Text(), "got <a") {
		t.Error("a key has got through")
	}
}

// A paste is no key, marked or not, and neither half of it reaches the session.
func TestPastesOverAPanel(t *testing.T) {
	o, before := session(t, `echo show the panel; while read x; do echo "got <$x>"; done; echo over`, panelOn)
	o.WaitFor("PANEL")
	if !strings.Contains(o.All(), vt.PasteOn) {
		t.Error("pasted text is not marked")
	}
	for _, paste := range []string{
		"\x1b[200~q\rq\x1b[201~", "\x1b[200~q\x1b[201~", "q\r", "qqqq", strings.Repeat("lost q\r", 500),
	} {
		o.Type(paste)
		o.WaitFor("pasted\r\n")
	}
	o.Type("\x1b[200~lost")
	o.Type("\rmore\x1b[201~")
	o.WaitFor("pasted\r\n")
	o.Type("q")
	o.WaitFor("\x1b[?1049l")
	if strings.Contains(o.Text(), vt.PasteOn) || !strings.Contains(o.All(), "\x1b[?2004l") {
		t.Error("the session has not switched the marks on, and they are on")
	}
	o.Type("after\n\x04")
	o.WaitFor("got <after>")
	o.WaitFor("over")
	o.ends(before, 0, 0)
	if strings.Contains(o.All(), "got <lost") || strings.Contains(o.All(), "got <more") {
		t.Error("pasted text has got through")
	}
}

// A key acts at once, however long nothing was typed before.
func TestAKeyAfterALongTime(t *testing.T) {
	o, _ := session(t, `echo show the panel; read x`, panelOn)
	o.WaitFor("PANEL")
	time.Sleep(6 * time.Second) // what is tested is that this counts for nothing
	typed := time.Now()
	o.Type("k")
	o.WaitFor("key 1 'k'")
	if waited := time.Since(typed); waited > 5*time.Second {
		t.Errorf("it took %v", waited)
	}
	o.Type("q")
	o.WaitFor("\x1b[?1049l")
	o.Type("\n")
}

// A reply in two parts reaches the session whole. A program waits for the first one, so an ESC begins it even when the
// rest is late.
func TestRepliesInTwoPartsDuringAPanel(t *testing.T) {
	o, _ := session(t, `stty raw -echo; printf '\033[c'; echo show the panel; `+
		`head -c 18 | od -An -c | tr -d ' \n'; echo; echo over`, panelOn)
	o.WaitFor("PANEL")
	for _, parts := range [][]string{{"\x1b", "[?62", ";22c"}, {"\x1b[", "12;4", "0R"}} {
		for _, part := range parts {
			o.Type(part)
			time.Sleep(200 * time.Millisecond) // the time itself is tested
		}
	}
	o.Type("q")
	o.WaitFor("\x1b[?1049l")
	o.Type("Z!")
	o.WaitFor(`033[?62;22c033[12;40RZ`)
	o.WaitFor("over")
}

// Replies reach the session, keys do not: neither those that the panel reads nor those that it leaves unread.
func TestRepliesReachTheSessionDuringAPanel(t *testing.T) {
	o, _ := session(t,
		`stty raw -echo; echo show the panel; head -c 24 | od -An -c | tr -d ' \n'; echo; echo over`, panelOn)
	o.WaitFor("PANEL")
	for _, typed := range []string{"k", "\x1b[?62;22ck\x1b[I", "\x1b[?5uk"} {
		o.Type(typed)
		o.WaitFor("key 1 'k'")
	}
	o.Type("lost\x1b[12;40Rlost")
	o.WaitFor("pasted")
	o.Type("q")
	o.WaitFor("\x1b[?1049l")
	o.Type("Z!")
	o.WaitFor(`033[?62;22c033[?5u033[12;40RZ`)
	o.WaitFor("over")
}

// What the session prints during a panel comes after it, in order, however much it is.
func TestOutputDuringAPanel(t *testing.T) {
	gate, release := emulator.FIFO(t)
	o, before := session(t, `stty -opost; echo show the panel; read x <`+gate+`; seq 1 20000; touch `+gate+`.mark; `+
		`seq 20001 400000; echo over; read x`, panelOn)
	o.WaitFor("PANEL")
	release()
	emulator.Eventually(t, "output", func() bool { _, err := os.Stat(gate + ".mark"); return err == nil })
	o.Type("k")
	o.WaitFor("key 1 'k'")
	if strings.Contains(o.Text(), "1\n2\n") {
		t.Error("printed over the panel")
	}
	o.Type("q")
	o.WaitFor("\x1b[?1049l")
	o.Until("the output", func(out []byte) bool { return bytes.Contains(out, []byte("over\n")) })
	var want bytes.Buffer
	for i := 1; i <= 400000; i++ {
		want.WriteString(strconv.Itoa(i))
		want.WriteByte('\n')
	}
	got := o.Text()
	got = got[strings.Index(got, "1\n2\n"):]
	if got != want.String()+"over\n" {
		t.Errorf("%d bytes, want %d", len(got), want.Len())
	}
	o.Type("\n")
	o.ends(before, 0, 0)
}

func TestModesAroundAPanel(t *testing.T) {
	on := `printf '\033[?2004h\033[?1004h\033[?25l\033[>5u\033[>4;2m\033[?1003h'; `
	o, _ := session(t, on+"echo show the panel; read x", panelOn)
	o.WaitFor("PANEL")
	o.Type("q")
	o.WaitFor("\x1b[>4;2m")
	o.Until("the modes", func(out []byte) bool { return bytes.Contains(out, []byte("\x1b[?1004h")) })
	// The whole of what the terminal has seen ends with the same modes on as the child had set.
	all := o.All()
	got, want := vt.NewModes(), vt.NewModes()
	got.Write([]byte(all))
	want.Write([]byte(strings.ReplaceAll(on[len("printf '"):len(on)-3], `\033`, "\x1b")))
	if got.String() != want.String() {
		t.Errorf("on afterwards\n%v, want\n%v", got, want)
	}
}

// A client on the alternate screen is continued, which has it paint everything; the window's size of during the panel
// is its size afterwards.
func TestAPanelOverTheAlternateScreen(t *testing.T) {
	o, _ := session(t, `trap 'echo continued' CONT; trap 'stty size' WINCH; `+
		`printf '\033[?1049h'; echo show the panel; while :; do sleep 0.02; done`, panelOn)
	o.WaitFor("PANEL 100x30")
	o.Resize(60, 20)
	o.WaitFor("PANEL 60x20")
	o.Type("q")
	o.Until("both", func(out []byte) bool {
		return bytes.Contains(out, []byte("continued")) && bytes.Contains(out, []byte("20 60"))
	})
	if strings.Contains(o.Text(), "\x1b[?1049l") {
		t.Error("the alternate screen was left")
	}
}

func TestACommandOnThePanel(t *testing.T) {
	o, before := session(t, `echo show the panel; read x; echo "got $x"`, panelOn)
	o.WaitFor("PANEL")
	raw := o.Settings()
	o.Type("r")
	o.WaitFor("run:")
	if o.Settings() != *tty.WithoutStop(before) {
		t.Error("the command's terminal is not the ordinary one")
	}
	o.Type("code\n")
	o.WaitFor("got code")
	o.Type("\x03") // ends the command, not us
	o.WaitFor("ran signal 2")
	emulator.Eventually(t, "raw again", func() bool { return o.Settings() == raw })
	o.Type("q")
	o.WaitFor("\x1b[?1049l")
	o.Type("\x15session\n")
	o.WaitFor("got session")
	o.ends(before, 0, 0)
}

// The session's end, and SIGTERM, end a panel.
func TestAPanelInVain(t *testing.T) {
	o, before := session(t, `echo show the panel; sleep 0.3; exit 8`, panelOn)
	o.WaitFor("PANEL")
	o.ends(before, 8, 0)
	o, before = session(t, `echo show the panel; exec sleep 1000`, panelOn)
	o.WaitFor("PANEL")
	_ = o.Cmd.Process.Signal(unix.SIGTERM)
	o.ends(before, 0, unix.SIGTERM)
}

// Killed with a panel shown, the supervisor takes the panel from the screen.
func TestAPanelIsTakenAwayAfterAKill(t *testing.T) {
	o, before := session(t, `printf '\033[>4;2m'; echo show the panel; exec sleep 1000`, panelOn)
	o.WaitFor("PANEL")
	_ = o.Cmd.Process.Kill()
	o.WaitFor("\x1b[?1049l")
	emulator.Eventually(t, "the settings", func() bool { return o.Settings() == before })
	now, want := vt.NewModes(), vt.NewModes()
	now.Write([]byte(o.All()))
	if now.String() != want.String() {
		t.Errorf("on afterwards\n%v, want\n%v", now, want)
	}
}

func TestQuietWaitsForSilence(t *testing.T) {
	o, before := session(t, `echo show the panel; for i in 1 2 3 4 5 6 7 8 9 10; `+
		`do sleep 0.05; echo tick; done; echo last; read x`, panelOn, "TEST_QUIET=300")
	o.WaitFor("PANEL")
	if i := strings.Index(o.All(), "last"); i < 0 || i > strings.Index(o.All(), "PANEL") {
		t.Error("the panel came while the session was printing")
	}
	o.Type("q")
	o.WaitFor("\x1b[?1049l")
	o.Type("\n")
	o.ends(before, 0, 0)
}
